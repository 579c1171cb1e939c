"""The local AWS keeps to itself, ends with its owner, and answers as AWS does where MiniStack does not."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from rehearsal.localaws import deploy, plugins
from rehearsal.localaws.cloud import PROJECT_ROOT, LocalAws, LocalAwsError
from rehearsal.localaws.deploy import Progress, parse_progress
from tests.rehearsal.localaws_support import Cloud, allow, wait_until

pytestmark = pytest.mark.rehearsal


def test_a_handler_sees_nothing_of_the_host_s_credentials_or_of_the_project(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import os, sys
        def handler(event, context):
            return {"environment": dict(os.environ), "path": sys.path}
        """
    )
    seen, _ = cloud.invoke(function)
    assert not [value for value in seen["environment"].values() if "host-" in value or "AKIAHOST" in value]
    assert not Path(seen["environment"]["AWS_SHARED_CREDENTIALS_FILE"]).exists()
    assert str(PROJECT_ROOT) not in seen["path"]


def test_only_the_loopback_interface_answers(cloud: Cloud) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing, but chooses this machine's outer address
            outer = probe.getsockname()[0]
        except OSError:
            return  # a machine without any other interface
    with socket.socket() as outside:
        outside.settimeout(2)
        assert outside.connect_ex((outer, cloud.local.port)) != 0


def test_the_server_ends_with_a_killed_owner_and_leaves_no_folder() -> None:
    script = (
        "import sys, time\n"
        "from rehearsal.localaws.cloud import LocalAws\n"
        "local = LocalAws(); local.start()\n"
        "print(local.port, local.log_path.parent, flush=True); time.sleep(60)\n"
    )
    owner = subprocess.Popen(
        [sys.executable, "-c", script], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, env=_with_root()
    )
    assert owner.stdout is not None
    port, folder = owner.stdout.readline().split()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    wait_until(lambda: not _listens(int(port)) and not Path(folder).exists(), 5)


def test_two_instances_run_side_by_side_and_stop_leaves_nothing(cloud: Cloud) -> None:
    with LocalAws(account="111122223333") as other:
        assert other.port != cloud.local.port
        assert other.client("sts").get_caller_identity()["Account"] == "111122223333"
        assert cloud.client("sts").get_caller_identity()["Account"] == cloud.local.account
        folder = other.log_path.parent
    assert not _listens(other.port)
    assert not folder.exists()


def test_a_server_that_cannot_start_says_why_with_its_log(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho the emulator is broken >&2\nexit 3\n")
    broken.chmod(0o755)
    with pytest.raises(LocalAwsError, match="the emulator is broken"):
        LocalAws(python=broken).start()
    with pytest.raises(LocalAwsError, match="no emulator environment"):
        LocalAws(python=tmp_path / "nothing").start()


def test_a_plug_in_refuses_a_changed_emulator() -> None:
    known = plugins.fingerprint(parse_progress)
    assert plugins.original(deploy, "parse_progress", known) is parse_progress
    with pytest.raises(plugins.PluginMismatch, match="fingerprint"):
        plugins.original(deploy, "parse_progress", "0123456789ab")
    with pytest.raises(plugins.PluginMismatch, match="no attribute"):
        plugins.original(deploy, "gone", known)


def test_a_handler_s_exception_is_reported_by_its_class_and_keeps_the_worker(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import os
        class DatasetRejected(Exception): pass
        def handler(event, context):
            if event.get("fail"):
                raise DatasetRejected("no prompt in record 3")
            return os.getpid()
        """
    )
    before, _ = cloud.invoke(function)
    failure, kind = cloud.invoke(function, {"fail": True})
    after, _ = cloud.invoke(function)
    assert kind == "Unhandled"
    assert (failure["errorType"], failure["errorMessage"]) == ("DatasetRejected", "no prompt in record 3")
    assert "handler.py" in failure["stackTrace"][0]
    assert before == after


@pytest.mark.parametrize(
    ("code", "error_type"),
    [
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("import os\ndef handler(event, context): os._exit(1)", "Runtime.ExitError"),
        ("def handler(event, context): return {1, 2}", "Runtime.MarshalError"),
        ("import time\ndef handler(event, context): time.sleep(30)", "Sandbox.Timedout"),
    ],
)
def test_a_failure_outside_the_handler_s_code_has_lambda_s_name(
    cloud: Cloud, code: str, error_type: str
) -> None:
    failure, _ = cloud.invoke(cloud.function(code, timeout=1))
    assert failure["errorType"] == error_type


def test_layers_are_importable(cloud: Cloud, tmp_path: Path) -> None:
    layer = cloud.client("lambda").publish_layer_version(LayerName="shared", Content={"ZipFile": _layer()})
    code = "import shared_code\ndef handler(event, context): return shared_code.ANSWER"
    for _ in range(2):
        function = cloud.function(code, Layers=[layer["LayerVersionArn"]])
        assert cloud.invoke(function) == (42, None)


def test_each_invocation_logs_its_own_lines(cloud: Cloud) -> None:
    code = "def handler(event, context):\n    print(event['line'])\n    print('no newline', end='')"
    function = cloud.function(code)
    for line in ("first", "second"):
        cloud.invoke(function, {"line": line})
    group = f"/aws/lambda/{function.rsplit(':', 1)[-1]}"
    events = cloud.client("logs").filter_log_events(logGroupName=group)["events"]
    messages = [event["message"].strip() for event in events]
    written = [message for message in messages if message.split()[0] not in ("START", "END", "REPORT")]
    assert sorted(written) == ["first", "no newline", "no newline", "second"]


@pytest.mark.parametrize(("package", "failure"), [("boto3", None), ("yaml", "Runtime.ImportModuleError")])
def test_only_what_the_runtime_brings_is_importable(cloud: Cloud, package: str, failure: str | None) -> None:
    answer, _ = cloud.invoke(cloud.function(f"import {package}\ndef handler(event, context): return {{}}"))
    assert answer.get("errorType") == failure


def test_embedded_metrics_become_cloudwatch_metrics(cloud: Cloud) -> None:
    function = cloud.function(
        """
        import json, time
        def handler(event, context):
            print(json.dumps({"_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [
                {"Namespace": "Emf", "Dimensions": [["use_case"]], "Metrics": [{"Name": "score"}]}]},
                "use_case": "gsm8k", "score": [0.5, 1.0]}))
        """
    )
    cloud.invoke(function)
    statistics = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="Emf",
        MetricName="score",
        Dimensions=[{"Name": "use_case", "Value": "gsm8k"}],
        StartTime=time.time() - 600,
        EndTime=time.time() + 600,
        Period=3600,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    assert (sum(point["Sum"] for point in statistics), sum(point["SampleCount"] for point in statistics)) == (
        1.5,
        2,
    )


def test_a_tls_only_bucket_policy_lets_the_loopback_endpoint_in(cloud: Cloud) -> None:
    bucket = cloud.bucket()
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    cloud.client("s3").put_bucket_policy(Bucket=bucket, Policy=policy)
    s3 = cloud.as_user(allow("s3:PutObject", f"arn:aws:s3:::{bucket}/mine/*")).client("s3")
    s3.put_object(Bucket=bucket, Key="mine/a", Body=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        s3.put_object(Bucket=bucket, Key="yours/a", Body=b"x")


def test_put_metric_data_is_held_to_its_namespace(cloud: Cloud) -> None:
    statement = allow("cloudwatch:PutMetricData", "*", StringEquals={"cloudwatch:namespace": "RFT"})
    client = cloud.as_user(statement).client("cloudwatch")
    client.put_metric_data(Namespace="RFT", MetricData=[{"MetricName": "m", "Value": 1}])
    with pytest.raises(ClientError, match="AccessDenied"):
        client.put_metric_data(Namespace="Other", MetricData=[{"MetricName": "m", "Value": 1}])


def test_items_are_held_to_their_leading_keys(cloud: Cloud) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName="runs",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["gsm8k#*"]}}
    table = f"arn:aws:dynamodb:{cloud.local.region}:{cloud.local.account}:table/runs"
    client = cloud.as_user(allow("dynamodb:*Item", table, **keys)).client("dynamodb")
    client.put_item(TableName="runs", Item={"pk": {"S": "gsm8k#1"}})
    with pytest.raises(ClientError, match="AccessDenied"):
        client.get_item(TableName="runs", Key={"pk": {"S": "json#1"}})


@pytest.mark.parametrize(
    ("line", "progress"),
    [
        (
            "rft-dev |  3/41 | 10:20:03 PM | CREATE_COMPLETE    | AWS::IAM::Policy     | dev/rft/MP (MPAF8) ",
            Progress("resource", "rft-dev: dev/rft/MP", "CREATE_COMPLETE", 3, 41),
        ),
        (" ✅  dev/gsm8k (rft-dev-gsm8k)", Progress("stack", "dev/gsm8k", "deployed")),
        (" ✅  dev/gsm8k (rft-dev-gsm8k) (no changes)", Progress("stack", "dev/gsm8k", "unchanged")),
        ("✨  Deployment time: 0.12s", None),
    ],
)
def test_the_cli_s_lines_are_understood(line: str, progress: Progress | None) -> None:
    assert parse_progress(line) == progress


def _with_root() -> dict[str, Any]:
    return {**os.environ, "PYTHONPATH": str(PROJECT_ROOT)}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _layer() -> bytes:
    import io
    import zipfile

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("python/shared_code.py", "ANSWER = 42\n")
    return archive.getvalue()


def test_a_range_of_a_version_is_that_range(cloud: Cloud) -> None:
    s3 = cloud.local.client("s3")
    s3.create_bucket(Bucket="ranged")
    s3.put_bucket_versioning(Bucket="ranged", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="ranged", Key="k", Body=b"0123456789")["VersionId"]
    s3.put_object(Bucket="ranged", Key="k", Body=b"abcdefghij")
    answer = s3.get_object(Bucket="ranged", Key="k", VersionId=version, Range="bytes=3-5")
    assert (answer["Body"].read(), answer["ContentRange"]) == (b"345", "bytes 3-5/10")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 206
