"""What Bedrock logged becomes records: every shape, every filter, and counts that add up."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli.main import app
from rft.datasets.converters.invocation_logs import LogFilter, from_invocation_logs
from rft.datasets.converters.port import Dropped, Kept, Options
from rft.datasets.invocation_log import check_filter, matches, read_call
from rft.errors import DatasetRejected

ANSWER = {"output": {"message": {"role": "assistant", "content": [{"text": "4"}]}}}


def logged(text: str = "2+2?", **changes: Any) -> dict[str, Any]:
    body = {"system": [{"text": "Add."}], "messages": [{"role": "user", "content": [{"text": text}]}]}
    return {
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
        "timestamp": "2026-11-20T12:00:00Z",
        "requestId": "r-1",
        "operation": "Converse",
        "modelId": "amazon.nova-2-lite-v1:0",
        "requestMetadata": {"app": "shop", "tier": "gold"},
        "input": {"inputContentType": "application/json", "inputBodyJson": body},
        "output": {"outputContentType": "application/json", "outputBodyJson": ANSWER},
        **changes,
    }


def write(folder: Path, *records: Any) -> Path:
    place = folder / "AWSLogs/1/BedrockModelInvocationLogs/us-east-1/2026/11/20/12"
    place.mkdir(parents=True)
    text = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)
    (place / "a.json.gz").write_bytes(gzip.compress(text.encode()))
    (place / "data").mkdir()
    (place / "data" / "large.json.gz").write_bytes(b"a body of its own, no record")
    return folder


def convert(folder: Path, **wanted: Any) -> list[Kept | Dropped]:
    return list(from_invocation_logs(folder, Options(logs=LogFilter(**wanted))))


@pytest.mark.parametrize(
    ("body", "answer", "messages", "response"),
    [
        (
            {"system": [{"text": "Add."}], "messages": [{"role": "user", "content": [{"text": "2+2?"}]}]},
            ANSWER,
            [("system", "Add."), ("user", "2+2?")],
            "4",
        ),
        (
            {"anthropic_version": "bedrock-2023-05-31", "system": "Add.",
             "messages": [{"role": "user", "content": "2+2?"}]},
            {"content": [{"type": "text", "text": "4"}]},
            [("system", "Add."), ("user", "2+2?")],
            "4",
        ),
        (
            {"messages": [{"role": "developer", "content": "Add."}, {"role": "user", "content": "2+2?"}]},
            {"choices": [{"message": {"role": "assistant", "content": "4"}}]},
            [("developer", "Add."), ("user", "2+2?")],
            "4",
        ),
        ({"inputText": "2+2?"}, {"results": [{"outputText": "4"}]}, [("user", "2+2?")], "4"),
        ({"prompt": "2+2?"}, {"generation": "4"}, [("user", "2+2?")], "4"),
        (
            {"messages": [{"role": "user", "content": [{"text": "2+"}, {"image": {}}, {"text": "2?"}]}]},
            [{"contentBlockDelta": {"delta": {"text": "4"}}}, {"messageStop": {}}],
            [("user", "2+2?")],
            "4",
        ),
    ],
)  # fmt: skip
def test_every_shape_gives_prompt_and_answer(
    body: Any, answer: Any, messages: list[tuple[str, str]], response: str
) -> None:
    call = read_call(logged(input={"inputBodyJson": body}, output={"outputBodyJson": answer}))
    assert [(message["role"], message["content"]) for message in call.messages] == messages
    assert call.response == response


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        ({}, "no record of a model invocation"),
        (logged(operation="InvokeModelWithBidirectionalStream"), "an operation without a prompt"),
        (logged(input={"inputBodyS3Path": "s3://b/k"}), "a file of its own"),
        (logged(input=None), "no prompt was logged"),
        (logged(input={"inputBodyJson": {"messages": []}}), "no text prompt"),
        (logged(timestamp="yesterday"), "no timestamp"),
        ("{", "not valid JSON"),
        (logged(timestamp="2026-11-19T23:59:59Z"), "before the time range"),
        (logged(timestamp="2026-11-21T00:00:00Z"), "after the time range"),
        (logged(modelId="anthropic.claude"), "another model"),
        (logged(requestMetadata={"app": "blog"}), "do not pass the filter"),
    ],
)
def test_what_gives_no_record_is_dropped_with_its_reason(tmp_path: Path, record: Any, reason: str) -> None:
    wanted = {
        "since": datetime(2026, 11, 20, tzinfo=UTC),
        "until": datetime(2026, 11, 21, tzinfo=UTC),
        "model": "nova",
        "metadata": {"equals": {"app": "shop"}},
    }
    kept, dropped = convert(write(tmp_path, logged("3+3?"), record), **wanted)
    assert isinstance(kept, Kept)
    assert isinstance(dropped, Dropped)
    assert reason in dropped.reason
    assert dropped.file is not None


def test_a_prompt_that_was_logged_twice_is_one_record(tmp_path: Path) -> None:
    items = convert(write(tmp_path, logged(), logged(), logged("3+3?")))
    assert [type(item) for item in items] == [Kept, Dropped, Kept]


def test_references_are_joined_by_prompt_or_taken_from_the_answer(tmp_path: Path) -> None:
    from rft.datasets.records import prompt_hash

    folder = write(tmp_path, logged(), logged("3+3?"))
    first = [{"role": "system", "content": "Add."}, {"role": "user", "content": "2+2?"}]
    joined = convert(folder, references={prompt_hash(first): "four"})
    assert isinstance(joined[0], Kept)
    assert joined[0].record["reference_answer"] == "four"
    assert isinstance(joined[1], Dropped)
    answered = convert(folder, use_response=True)
    assert [item.record["reference_answer"] for item in answered if isinstance(item, Kept)] == ["4", "4"]


@pytest.mark.parametrize(
    ("wanted", "passes"),
    [
        ({"equals": {"app": "shop"}}, True),
        ({"notEquals": {"app": "shop"}}, False),
        ({"notEquals": {"absent": "x"}}, True),
        ({"andAll": [{"equals": {"app": "shop"}}, {"equals": {"tier": "tin"}}]}, False),
        ({"orAll": [{"equals": {"app": "blog"}}, {"equals": {"tier": "gold"}}]}, True),
    ],
)
def test_metadata_pass_filters_as_bedrock_s(wanted: Any, passes: bool) -> None:
    check_filter(wanted)
    assert matches(wanted, {"app": "shop", "tier": "gold"}) is passes


@pytest.mark.parametrize(
    "wanted",
    [{}, {"like": {"a": "b"}}, {"equals": {}}, {"equals": {"a": 1}}, {"equals": {"a": "b", "c": "d"}},
     {"andAll": []}, {"andAll": [{"orAll": [{"equals": {"a": "b"}}]}]}, {"orAll": [{"equals": {"a": "b"}}] * 17}],
)  # fmt: skip
def test_a_filter_that_bedrock_would_refuse_is_refused(wanted: Any) -> None:
    with pytest.raises(ValueError, match=r"filter|want|holds"):
        check_filter(wanted)


def test_the_command_counts_every_record(tmp_path: Path) -> None:
    records = [logged(f"{n}+1?", requestMetadata={"app": "shop" if n % 2 else "blog"}) for n in range(200)]
    source = write(tmp_path / "logs", *records)
    command = ["convert", str(source), str(tmp_path / "out"), "--from", "invocation-logs", "--use-response"]
    result = CliRunner().invoke(app, [*command, "--metadata", "app=shop", "--json"])
    assert result.exit_code == 0, result.stderr
    told = json.loads(result.stdout)
    assert (told["read"], sum(told["records"].values()), sum(told["dropped"].values())) == (200, 100, 100)
    assert CliRunner().invoke(app, [*command, "--metadata-filter", '{"x": 1}']).exit_code == 2


def test_a_folder_without_logs_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetRejected, match=r"no log files; they end in \.json\.gz"):
        convert(tmp_path)
