"""A Distributed Map in JSONata runs in the local AWS as in AWS."""

import json
from typing import Any

import pytest

from tests.rehearsal.localaws_support import Cloud, allow, invoking, single, task

pytestmark = pytest.mark.rehearsal

BATCH = """
class Broken(Exception): pass
def handler(event, context):
    indices = [item["index"] for item in event["Items"]]
    if set(indices) & set(event["BatchInput"]["broken"]):
        raise Broken()
    return {"indices": indices, "phase": event["BatchInput"]["phase"]}
"""
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}


def distributed(cloud: Cloud, broken: list[int], tolerated: float) -> tuple[dict[str, Any], str]:
    batch, bucket = cloud.function(BATCH), cloud.bucket()
    lines = "".join(json.dumps({"index": index}) + "\n" for index in range(10))
    cloud.client("s3").put_object(Bucket=bucket, Key="plan.jsonl", Body=lines)
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL"},
            "Arguments": {"Bucket": "{% $states.input.bucket %}", "Key": "{% $states.input.key %}"},
        },
        "ItemSelector": {"index": "{% $states.context.Map.Item.Value.index %}"},
        "ItemBatcher": {
            "MaxItemsPerBatch": "{% $states.input.size %}",
            "BatchInput": {"phase": "probe", "broken": "{% $states.input.broken %}"},
        },
        "MaxConcurrency": "{% $states.input.size * 5 %}",
        "ToleratedFailurePercentage": "{% $states.input.tolerated %}",
        "ItemProcessor": {**DISTRIBUTED, **single(task(batch, Output="{% $states.result.Payload %}"))},
        "Assign": {"batches": "{% $count($states.result) %}"},
        "Output": {"indices": "{% $sort($reduce($states.result.indices, $append, [])) %}"},
        "Next": "Done",
    }
    done = {"Type": "Succeed", "Output": "{% $merge([$states.input, {'batches': $batches}]) %}"}
    definition = {"StartAt": "Map", "States": {"Map": state, "Done": done}}
    reading = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/plan.jsonl")
    machine = cloud.machine(definition, invoking(batch), reading, allow("states:StartExecution", "*"))
    data = {"bucket": bucket, "key": "plan.jsonl", "size": 4, "broken": broken, "tolerated": tolerated}
    execution = cloud.start(machine, data)
    return cloud.result(execution), execution


def test_a_distributed_map_reads_selects_and_batches_json_lines(cloud: Cloud) -> None:
    result, execution = distributed(cloud, broken=[], tolerated=0)
    assert json.loads(result["output"]) == {"indices": list(range(10)), "batches": 3}
    client = cloud.client("stepfunctions")
    (run,) = client.list_map_runs(executionArn=execution)["mapRuns"]
    counts = client.describe_map_run(mapRunArn=run["mapRunArn"])
    assert (counts["itemCounts"]["succeeded"], counts["executionCounts"]["succeeded"]) == (10, 3)


@pytest.mark.parametrize(("tolerated", "status"), [(40, "SUCCEEDED"), (39, "FAILED")])
def test_tolerated_failures_count_items_and_not_batches(cloud: Cloud, tolerated: int, status: str) -> None:
    result, _ = distributed(cloud, broken=[5], tolerated=tolerated)
    assert result["status"] == status
    assert result.get("error") in (None, "States.ExceedToleratedFailureThreshold")


def test_a_distributed_map_needs_the_role_s_permission_to_read_and_to_start(cloud: Cloud) -> None:
    bucket = cloud.bucket()
    cloud.client("s3").put_object(Bucket=bucket, Key="plan.jsonl", Body='{"index": 1}\n')
    state = {
        "Type": "Map",
        "ItemReader": {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSONL"},
            "Arguments": {"Bucket": bucket, "Key": "plan.jsonl"},
        },
        "ItemProcessor": {**DISTRIBUTED, **single({"Type": "Pass", "End": True})},
        "End": True,
    }
    reading, starting = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*"), allow("states:StartExecution", "*")
    assert cloud.run(cloud.machine(single(state), starting))["error"] == "States.ItemReaderFailed"
    assert "states:StartExecution" in cloud.run(cloud.machine(single(state), reading))["cause"]
    assert cloud.run(cloud.machine(single(state), reading, starting))["output"] == '[{"index": 1}]'
