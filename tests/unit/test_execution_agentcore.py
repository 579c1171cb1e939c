"""The AgentCore adapter against botocore's own model of the service; no session was ever opened on AWS."""

import json
from typing import Any

import pytest
from botocore.stub import ANY, Stubber
from botocore.validate import ParamValidator

from rft import aws
from rft.execution import agentcore
from rft.execution.agentcore import INTERPRETER, AgentCoreEngine
from rft.execution.port import NO_OUTPUT, TIMEOUT, ExecutorError, Input, Limits, Output, Program

SESSION = {"codeInterpreterIdentifier": INTERPRETER, "sessionId": "01ABCdef"}
MARK = "f" * 32
PROGRAM = Program("def f(x):\n    return x", "f", (Input((7,)),))


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Stubber:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    client = aws._make_client("bedrock-agentcore", 5)
    monkeypatch.setattr(aws, "client", lambda service: {"bedrock-agentcore": client}[service])
    monkeypatch.setattr(agentcore.secrets, "token_hex", lambda _: MARK)
    return Stubber(client)


def result(stdout: str) -> dict[str, Any]:
    return {"result": {"content": [], "structuredContent": {"stdout": stdout, "exitCode": 0}}}


def run(stub: Stubber, *events: dict[str, Any], program: Program = PROGRAM) -> list[Output]:
    """The engine's answer where the service answers every call with these events."""
    for event in events:
        check_event(stub, event)
    started = {**SESSION, "createdAt": 0}
    stub.add_response(
        "start_code_interpreter_session",
        started,
        {"codeInterpreterIdentifier": INTERPRETER, "sessionTimeoutSeconds": 60},
    )
    for _ in program.inputs:
        expected = {
            **SESSION,
            "name": "executeCode",
            "arguments": {"code": ANY, "language": "python", "clearContext": True},
        }
        stub.add_response("invoke_code_interpreter", {"stream": {}}, expected)
    stub.add_response("stop_code_interpreter_session", {**SESSION, "lastUpdatedAt": 0}, SESSION)
    real = stub.client.invoke_code_interpreter
    with pytest.MonkeyPatch.context() as patch, stub:
        # The stubber cannot stream; it checks the request, and the events are checked against the model above.
        patch.setattr(
            stub.client, "invoke_code_interpreter", lambda **asked: real(**asked) | {"stream": list(events)}
        )
        return AgentCoreEngine().run(program, Limits())


def check_event(stub: Stubber, event: dict[str, Any]) -> None:
    """Fail unless the service's model has such an event."""
    output = stub.client.meta.service_model.operation_model("InvokeCodeInterpreter").output_shape
    report = ParamValidator().validate(event, output.members["stream"])
    assert not report.has_errors(), report.generate_report()


def test_a_value_comes_back_from_behind_the_mark(stub: Stubber) -> None:
    assert run(stub, result(f'printed {{"value": 99}}\n{MARK}{{"value": 7}}\n')) == [Output(7)]
    stub.assert_no_pending_responses()


def test_what_has_no_mark_is_no_output(stub: Stubber) -> None:
    assert run(stub, result('{"value": 7}')) == [Output(error=NO_OUTPUT)]


def test_a_fault_of_the_service_is_no_verdict_and_the_session_is_stopped(stub: Stubber) -> None:
    with pytest.raises(ExecutorError, match="throttlingException"):
        run(stub, {"throttlingException": {"message": "slow down"}})
    stub.assert_no_pending_responses()


def test_no_session_is_an_error_of_the_executor(stub: Stubber) -> None:
    stub.add_client_error("start_code_interpreter_session", "ServiceQuotaExceededException")
    with stub, pytest.raises(ExecutorError, match="no code interpreter session"):
        AgentCoreEngine().run(PROGRAM, Limits())


def test_a_name_that_is_no_name_never_reaches_the_service(stub: Stubber) -> None:
    program = Program("x = 1", "print('x') or f", (Input((1,)),))
    with stub:
        assert AgentCoreEngine().run(program, Limits()) == [Output(error=NO_OUTPUT)]


def test_calls_after_the_time_is_up_are_not_made(stub: Stubber, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 100.0, 100.0])
    monkeypatch.setattr(agentcore.time, "monotonic", lambda: next(clock))
    stub.add_response("start_code_interpreter_session", {**SESSION, "createdAt": 0}, None)
    stub.add_response("stop_code_interpreter_session", {**SESSION, "lastUpdatedAt": 0}, SESSION)
    with stub:
        assert AgentCoreEngine().run(PROGRAM, Limits()) == [Output(error=TIMEOUT)]


def test_the_code_that_is_sent_runs_and_answers_behind_the_mark(capsys: pytest.CaptureFixture[str]) -> None:
    exec(PROGRAM.code + agentcore._call(PROGRAM, Input((), {"x": [1, "two"]}), MARK), {})
    assert json.loads(capsys.readouterr().out.rpartition(MARK)[2]) == {"value": [1, "two"]}
