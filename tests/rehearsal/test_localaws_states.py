"""State machines run in the local AWS as in AWS: with their own role, JSONata and AWS's error names."""

import json
import time
from typing import Any

import pytest

from rehearsal.localaws.cloud import LocalAws
from tests.rehearsal.localaws_support import Cloud, allow, invoking, single, task, wait_until

pytestmark = pytest.mark.rehearsal

ECHO = "def handler(event, context): return event"
REJECT = """
class DatasetRejected(Exception): pass
def handler(event, context): raise DatasetRejected("three empty records")
"""


def test_a_task_fails_when_the_role_may_not_invoke_its_function(cloud: Cloud) -> None:
    echo = cloud.function(ECHO)
    denied = cloud.run(cloud.machine(single(task(echo))))
    assert (denied["status"], denied["error"]) == ("FAILED", "Lambda.AWSLambdaException")
    assert "not authorized to perform: lambda:InvokeFunction" in denied["cause"]
    assert cloud.run(cloud.machine(single(task(echo)), invoking(echo)))["status"] == "SUCCEEDED"


def test_a_role_that_does_not_trust_step_functions_cannot_run(cloud: Cloud) -> None:
    machine = cloud.machine(single({"Type": "Pass", "End": True}))
    client = cloud.client("stepfunctions")
    client.update_state_machine(stateMachineArn=machine, roleArn=cloud.role("lambda"))
    assert "AccessDenied" in cloud.run(machine)["cause"]


def test_publishing_needs_the_role_s_permission(cloud: Cloud) -> None:
    topic = cloud.client("sns").create_topic(Name="alerts")["TopicArn"]
    arguments = {"TopicArn": topic, "Message": "held"}
    state = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Arguments": arguments, "End": True}
    assert cloud.run(cloud.machine(single(state)))["error"] == "SNS.AuthorizationErrorException"
    assert cloud.run(cloud.machine(single(state), allow("sns:Publish", topic)))["status"] == "SUCCEEDED"


def test_a_catch_by_class_name_sees_the_error_output(cloud: Cloud) -> None:
    reject = cloud.function(REJECT)
    catch = {
        "ErrorEquals": ["DatasetRejected"],
        "Assign": {"why": "{% $parse($states.errorOutput.Cause).errorMessage %}"},
        "Output": {"error": "{% $states.errorOutput.Error %}"},
        "Next": "End",
    }
    definition = {
        "StartAt": "Try",
        "States": {
            "Try": task(reject, Catch=[catch]),
            "End": {"Type": "Succeed", "Output": "{% $merge([$states.input, {'why': $why}]) %}"},
        },
    }
    output = json.loads(cloud.run(cloud.machine(definition, invoking(reject)))["output"])
    assert output == {"error": "DatasetRejected", "why": "three empty records"}


CHILD_RIGHTS = allow(["states:StartExecution", "states:DescribeExecution", "states:StopExecution"], "*")
RULE_RIGHTS = allow(
    ["events:PutRule", "events:PutTargets", "events:DescribeRule"],
    "arn:aws:events:*:*:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule",
)


def child_task(child: str, **options: Any) -> dict[str, Any]:
    arguments = {"StateMachineArn": child, "Input": "{% $states.input %}"}
    resource = "arn:aws:states:::states:startExecution.sync:2"
    return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **options}


def test_a_parent_gets_the_parsed_output_of_its_child(cloud: Cloud) -> None:
    child = cloud.machine(
        single({"Type": "Pass", "Output": {"twice": "{% $states.input.n * 2 %}"}, "End": True})
    )
    parent = single(child_task(child, Output="{% $states.result.Output.twice %}"))
    assert cloud.run(cloud.machine(parent), {"n": 4})["error"] == "StepFunctions.AWSStepFunctionsException"
    assert cloud.run(cloud.machine(parent, CHILD_RIGHTS, RULE_RIGHTS), {"n": 4})["output"] == "8"


def test_a_child_s_failure_is_task_failed_with_its_description_as_cause(cloud: Cloud) -> None:
    child = cloud.machine(single({"Type": "Fail", "Error": "NotWorthTraining", "Cause": "mean reward 0.01"}))
    result = cloud.run(cloud.machine(single(child_task(child)), CHILD_RIGHTS, RULE_RIGHTS))
    cause = json.loads(result["cause"])
    assert result["error"] == "States.TaskFailed"
    assert (cause["Status"], cause["Error"], cause["Cause"]) == (
        "FAILED",
        "NotWorthTraining",
        "mean reward 0.01",
    )


def callback(function: str, **options: Any) -> dict[str, Any]:
    payload = {"token": "{% $states.context.Task.Token %}"}
    arguments = {"FunctionName": function, "Payload": payload}
    resource = "arn:aws:states:::lambda:invoke.waitForTaskToken"
    return {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **options}


def test_a_callback_completes_its_task(cloud: Cloud) -> None:
    complete = cloud.function(
        """
        import boto3
        def handler(event, context):
            boto3.client("stepfunctions").send_task_success(taskToken=event["token"], output='{"done": true}')
        """,
        allow("states:SendTaskSuccess", "*"),
    )
    result = cloud.run(cloud.machine(single(callback(complete, TimeoutSeconds=86_400)), invoking(complete)))
    assert json.loads(result["output"]) == {"done": True}


def test_a_callback_s_timeout_may_be_an_expression_and_is_scaled(cloud: Cloud) -> None:
    echo = cloud.function(ECHO)
    machine = cloud.machine(single(callback(echo, TimeoutSeconds="{% 15 * 60 %}")), invoking(echo))
    started = time.monotonic()
    assert cloud.run(machine)["error"] == "States.Timeout"
    assert time.monotonic() - started < 5


def test_a_function_that_fails_before_its_callback_fails_the_task(cloud: Cloud) -> None:
    reject = cloud.function(REJECT)
    machine = cloud.machine(single(callback(reject, TimeoutSeconds=86_400)), invoking(reject))
    assert cloud.run(machine)["error"] == "DatasetRejected"


def test_variables_of_a_branch_stay_in_it_and_parallel_has_an_output(cloud: Cloud) -> None:
    def branch(value: int) -> dict[str, Any]:
        assigned = {"Type": "Pass", "Assign": {"mine": value}, "Next": "Read"}
        return {
            "StartAt": "Set",
            "States": {"Set": assigned, "Read": {"Type": "Pass", "Output": "{% $mine %}", "End": True}},
        }

    state = {
        "Type": "Parallel",
        "Arguments": {"unused": True},
        "Branches": [branch(1), branch(2)],
        "Assign": {"both": "{% $states.result %}"},
        "Output": "{% $sum($states.result) %}",
        "Next": "Done",
    }
    done = {
        "Type": "Succeed",
        "Output": {"sum": "{% $states.input %}", "both": "{% $both %}", "mine": "{% $mine %}"},
    }
    definition = {
        "StartAt": "Set",
        "States": {
            "Set": {"Type": "Pass", "Assign": {"mine": 0}, "Next": "Both"},
            "Both": state,
            "Done": done,
        },
    }
    output = json.loads(cloud.run(cloud.machine(definition))["output"])
    assert output == {"sum": 3, "both": [1, 2], "mine": 0}


def test_a_machine_s_own_timeout_ends_it_as_timed_out(cloud: Cloud) -> None:
    echo = cloud.function(ECHO)
    definition = {"TimeoutSeconds": 1, **single(callback(echo, TimeoutSeconds=86_400))}
    assert cloud.run(cloud.machine(definition, invoking(echo)))["status"] == "TIMED_OUT"


def test_a_stopped_execution_stays_aborted_stops_its_child_and_is_announced(cloud: Cloud) -> None:
    echo = cloud.function(ECHO)
    child = cloud.machine(single(callback(echo, TimeoutSeconds=86_400)), invoking(echo))
    parent = cloud.machine(single(child_task(child)), CHILD_RIGHTS, RULE_RIGHTS)
    queue = states_events(cloud, parent)
    client = cloud.client("stepfunctions")
    execution = cloud.start(parent)
    (running,) = wait_until(lambda: client.list_executions(stateMachineArn=child)["executions"])
    client.stop_execution(executionArn=execution, error="Operator", cause="by hand")
    assert cloud.result(running["executionArn"])["status"] == "ABORTED"
    time.sleep(0.3)
    assert cloud.result(execution)["status"] == "ABORTED"

    def announced() -> bool:
        messages = (
            cloud.client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        )
        return any(json.loads(message["Body"])["detail"]["status"] == "ABORTED" for message in messages)

    wait_until(announced)
    metrics = cloud.client("cloudwatch").list_metrics(Namespace="AWS/States", MetricName="ExecutionsAborted")[
        "Metrics"
    ]
    assert parent in [dimension["Value"] for metric in metrics for dimension in metric["Dimensions"]]


def states_events(cloud: Cloud, machine: str) -> str:
    """A queue of the status changes of one state machine."""
    name = machine.rsplit(":", 1)[-1]
    queue = str(cloud.client("sqs").create_queue(QueueName=name)["QueueUrl"])
    pattern = {"source": ["aws.states"], "detail": {"stateMachineArn": [machine]}}
    events = cloud.client("events")
    rule = events.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    arn = f"arn:aws:sqs:{cloud.local.region}:{cloud.local.account}:{name}"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    return queue


def test_waits_are_scaled_and_the_scale_can_be_changed() -> None:
    with LocalAws(wait_scale=1) as local:
        cloud = Cloud(local)
        machine = cloud.machine(single({"Type": "Wait", "Seconds": 3600, "End": True}))
        local.set_wait_scale(0.0001)
        assert cloud.run(machine)["status"] == "SUCCEEDED"
