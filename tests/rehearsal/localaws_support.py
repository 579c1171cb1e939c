"""Roles, functions and state machines made with boto3 in the shared local AWS of these tests."""

import io
import json
import textwrap
import time
import uuid
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from rehearsal.localaws.cloud import LocalAws, LocalSession

WAIT_SCALE = 0.001


def wait_until(read: Callable[[], Any], seconds: float = 15) -> Any:
    """What `read` returns first that is not None or empty."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = read()
        if found:
            return found
        time.sleep(0.03)
    raise AssertionError(f"nothing within {seconds} s")


def allow(actions: str | list[str], resources: str | list[str], **condition: Any) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": actions, "Resource": resources}
    return statement | ({"Condition": condition} if condition else {})


@dataclass
class Cloud:
    """The local AWS with short ways to make what a test needs."""

    local: LocalAws
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, name: str) -> Any:
        if name not in self.clients:
            self.clients[name] = self.local.client(name)
        return self.clients[name]

    def role(self, service: str, *statements: dict[str, Any], **condition: Any) -> str:
        name = f"role-{uuid.uuid4().hex[:10]}"
        trust: dict[str, Any] = {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sts:AssumeRole",
        } | ({"Condition": condition} if condition else {})
        document = {"Version": "2012-10-17", "Statement": [trust]}
        iam = self.client("iam")
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        return str(arn)

    def as_user(self, *statements: dict[str, Any]) -> LocalSession:
        name = f"user-{uuid.uuid4().hex[:10]}"
        iam = self.client("iam")
        iam.create_user(UserName=name)
        policy = {"Version": "2012-10-17", "Statement": list(statements)}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        return self.local.session(iam.create_access_key(UserName=name)["AccessKey"])

    def function(self, code: str, *statements: dict[str, Any], timeout: int = 10, **options: Any) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as files:
            files.writestr("handler.py", textwrap.dedent(code))
        made = self.client("lambda").create_function(
            FunctionName=f"fn-{uuid.uuid4().hex[:10]}",
            Runtime="python3.14",
            Handler="handler.handler",
            Role=self.role("lambda", *statements),
            Code={"ZipFile": archive.getvalue()},
            Timeout=timeout,
            **options,
        )
        return str(made["FunctionArn"])

    def invoke(self, function: str, payload: Any = None) -> tuple[Any, str | None]:
        answer = self.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload or {}))
        return json.loads(answer["Payload"].read()), answer.get("FunctionError")

    def machine(self, definition: dict[str, Any], *statements: dict[str, Any]) -> str:
        made = self.client("stepfunctions").create_state_machine(
            name=f"sm-{uuid.uuid4().hex[:10]}",
            definition=json.dumps({"QueryLanguage": "JSONata", **definition}),
            roleArn=self.role("states", *statements),
        )
        return str(made["stateMachineArn"])

    def start(self, machine: str, data: Any = None) -> str:
        started = self.client("stepfunctions").start_execution(
            stateMachineArn=machine, input=json.dumps(data or {})
        )
        return str(started["executionArn"])

    def result(self, execution: str) -> dict[str, Any]:
        def over() -> dict[str, Any] | None:
            described: dict[str, Any] = self.client("stepfunctions").describe_execution(
                executionArn=execution
            )
            return described if described["status"] != "RUNNING" else None

        described: dict[str, Any] = wait_until(over)
        return described

    def run(self, machine: str, data: Any = None) -> dict[str, Any]:
        return self.result(self.start(machine, data))

    def bucket(self) -> str:
        name = f"bucket-{uuid.uuid4().hex[:10]}"
        self.client("s3").create_bucket(Bucket=name)
        return name


def invoking(*functions: str) -> dict[str, Any]:
    """A statement that allows to invoke the functions."""
    return allow("lambda:InvokeFunction", list(functions))


def task(function: str, **options: Any) -> dict[str, Any]:
    """A Lambda task that passes its input on and ends the machine."""
    arguments = {"FunctionName": function, "Payload": "{% $states.input %}"}
    base = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, "End": True}
    return {**base, **options}


def single(state: dict[str, Any]) -> dict[str, Any]:
    """A definition of one state."""
    return {"StartAt": "Only", "States": {"Only": state}}
