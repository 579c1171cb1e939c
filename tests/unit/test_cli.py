"""The command line: exit codes, one-line errors, JSON and nothing else on stdout."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft import aws
from rft.cli import project, run_commands, runs_view
from rft.cli.main import app
from rft.cli.submit_command import files_of, find_run
from rft.errors import RunNotFound
from rft.names import EnvironmentNames
from rft.runs.record import Approval, RunRecord, Status
from rft.runs.slot_queue import Lease, SlotQueue, Waiter
from rft.runs.upload import UPLOAD_ORDER, Upload
from tests.unit.report_world import record

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = {
    "id": 7,
    "messages": [{"role": "user", "content": "1 + 1?"}, {"role": "assistant", "content": "#### 2"}],
    "metadata": {"reference_answer": "#### 2"},
}


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)  # of a local AWS that other tests share


def run(*arguments: str, text: str | None = None) -> Any:
    return CliRunner().invoke(app, list(arguments), input=text)


def test_the_sample_of_a_use_case_is_valid() -> None:
    result = run("validate", "gsm8k", "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["ok"], document["errors"]) == (0, True, 0)
    assert document["records"]["train"] >= 200


def test_a_finding_ends_with_1_and_names_file_and_line(tmp_path: Path) -> None:
    lines = (ROOT / "use_cases/gsm8k/sample/train.jsonl").read_text().splitlines()
    lines[16] = lines[16][:25]
    train = tmp_path / "train.jsonl"
    train.write_text("\n".join(lines) + "\n")
    result = run("validate", "gsm8k", "--train", str(train))
    assert result.exit_code == 1
    assert "train.jsonl:17" in result.stderr
    assert json.loads(run("validate", "gsm8k", "--train", str(train), "--json").stdout)["ok"] is False


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("validate", "nope"), "there are: code-generation, content-moderation, gsm8k"),
        (("validate", "gsm8k", "--train", "/nonexistent.jsonl"), "/nonexistent.jsonl: No such file"),
        (("validate", "gsm8k", "--test", "x.jsonl"), "no train file"),
        (("convert", "--from", "xls", "in", "out"), "unknown format; allowed: gsm8k, qa, prompts, csv"),
        (("convert", "--from", "csv", "--to", "xls", "in", "out"), "unknown format; allowed: jsonl, csv"),
        (("convert", "--from", "csv", "/nonexistent.csv", "out"), "No such file"),
        (("reward", "score", "gsm8k", "/nonexistent.json"), "No such file"),
        (("runs", "list", "--env", "nowhere"), "there are: dev, local, prod, staging"),
        (("runs", "list", "--env", "local"), "rft rehearse"),
        (("submit", "gsm8k", "/nonexistent"), "no train.jsonl"),
    ],
)
def test_a_wrong_call_ends_with_2_and_one_line(arguments: tuple[str, ...], words: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_reward_score_says_what_failed_and_still_prints_the_whole_array(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text('[{"id": 1}, {"id": 2, "messages": [{"role": "assistant", "content": "4"}]}]')
    result = run("reward", "score", "gsm8k", str(file))
    assert result.exit_code == 0
    assert [item["id"] for item in json.loads(result.stdout)] == [1, 2]
    assert result.stderr.startswith("2 samples could not be scored and got the floor: ")
    assert "BadSampleError" in result.stderr


def test_reward_score_tests_code_in_the_sandbox_and_nowhere_else(tmp_path: Path) -> None:
    marker = tmp_path / "escaped"
    code = f"```python\nopen({str(marker)!r}, 'w')\ndef f(x):\n    return x\n```"
    reference = {"entry_point": "f", "tests": [{"args": [1], "expected": 1}, {"args": [2], "expected": 2}]}
    sample = {
        "id": "a",
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": code}],
        "metadata": {"reference_answer": reference},
    }
    file = tmp_path / "event.json"
    file.write_text(json.dumps([sample]))
    result = run("reward", "score", "code-generation", str(file))
    (answer,) = json.loads(result.stdout)
    assert answer["aggregate_reward_score"] == 0.0
    assert not marker.exists()


def test_reward_score_asks_the_simulated_judge_where_there_is_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rft.aws.has_credentials", lambda: False)
    record = json.loads((ROOT / "use_cases/summarization/sample/test.jsonl").read_text().splitlines()[0])
    reference = record.pop("reference_answer")
    messages = [*record.pop("messages"), {"role": "assistant", "content": reference}]
    file = tmp_path / "event.json"
    metadata = {**record, "reference_answer": reference}
    file.write_text(json.dumps([{"id": "a", "messages": messages, "metadata": metadata}]))
    result = run("reward", "score", "summarization", str(file))
    assert json.loads(result.stdout)[0]["aggregate_reward_score"] == pytest.approx(1.0)
    assert result.stderr.startswith("no AWS credentials: the judge is simulated")


def test_reward_score_prints_the_array_that_the_function_returns() -> None:
    result = run("reward", "score", "gsm8k", "-", text=json.dumps([SAMPLE]))
    scores = json.loads(result.stdout)
    assert result.exit_code == 0
    assert [score["id"] for score in scores] == [7]
    assert scores[0]["aggregate_reward_score"] == 1.0
    assert {metric["type"] for metric in scores[0]["metrics_list"]} == {"Reward"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("{}", "want a JSON array"), ("[", "line 1: not JSON"), ("", "not JSON")],
)
def test_reward_score_says_what_is_no_batch(text: str, words: str) -> None:
    result = run("reward", "score", "gsm8k", "-", text=text)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words in result.stderr


def test_a_reward_file_without_a_reward_is_named(tmp_path: Path) -> None:
    from rft.cli.console import UsageProblem
    from rft.cli.reward_commands import own_reward

    path = tmp_path / "reward.py"
    path.write_text("x = 1\n")
    with pytest.raises(UsageProblem, match="no function `reward`"):
        own_reward(tmp_path)
    path.write_text("import nothing_of_that_name\n")
    with pytest.raises(UsageProblem, match=r"reward\.py: cannot be used: ModuleNotFoundError"):
        own_reward(tmp_path)


def test_convert_takes_the_test_set_beside_the_train_set(tmp_path: Path) -> None:
    line = json.dumps({"question": "1 + 1?", "answer": "It is <<1+1=2>>2.\n#### 2"}) + "\n"
    (tmp_path / "train.jsonl").write_text(line * 20)
    (tmp_path / "test.jsonl").write_text(line * 3)
    result = run("convert", "--from", "gsm8k", str(tmp_path / "train.jsonl"), str(tmp_path / "out"), "--json")
    document = json.loads(result.stdout)
    assert document["records"]["test"] == 3
    assert document["records"]["train"] + document["records"]["validation"] == 20


def test_the_train_file_is_uploaded_last(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text("")
    (tmp_path / "test.jsonl").write_text("")
    assert UPLOAD_ORDER[-1] == "train"
    assert sorted(files_of(tmp_path)) == ["test", "train"]


class Executions:
    """Step Functions with two executions, for uploads of version a and b of one object."""

    def list_executions(self, **_: Any) -> dict[str, Any]:
        from datetime import UTC, datetime

        return {"executions": [{"executionArn": name, "startDate": datetime.now(UTC)} for name in ("b", "a")]}

    def describe_execution(self, executionArn: str) -> dict[str, Any]:
        given = {"bucket": "data", "key": "gsm8k/x/train.jsonl", "version_id": executionArn}
        return {"input": json.dumps(given)}


def test_the_run_of_an_upload_is_that_of_its_object_version(monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import UTC, datetime

    monkeypatch.setattr(aws, "client", lambda _: Executions())
    names = EnvironmentNames("dev", "111111111111", "us-east-1")
    uploaded = Upload("data", "gsm8k/x/train.jsonl", "a", datetime.now(UTC))
    assert find_run(names, "gsm8k", uploaded) == "a"


class OneRun:
    """A store with one run."""

    def __init__(self, kept: RunRecord) -> None:
        self.kept = kept

    def get(self, run_id: str) -> RunRecord:
        if run_id != self.kept.run_id:
            raise RunNotFound("no")
        return self.kept

    def newest(self, limit: int = 50) -> list[RunRecord]:
        return [self.kept]


@pytest.fixture
def one_run(monkeypatch: pytest.MonkeyPatch) -> OneRun:
    waiting = Approval(subject="promotion", token="secret-token", asked_at="2026-01-01T00:00:00Z")
    found = OneRun(record(status=Status.RUNNING, approval=waiting, job_token="secret-token"))
    monkeypatch.setattr(project, "connect", lambda env: EnvironmentNames(env, "111111111111", "us-east-1"))
    monkeypatch.setattr(runs_view, "store", lambda environment, use_case: found)
    monkeypatch.setattr(runs_view, "training_slots", lambda environment: SlotQueue())
    return found


def test_runs_show_never_prints_a_task_token(one_run: OneRun) -> None:
    shown = run("runs", "show", one_run.kept.run_id, "--json")
    assert shown.exit_code == 0
    assert json.loads(shown.stdout)["approval"]["subject"] == "promotion"
    assert "secret-token" not in shown.stdout + run("runs", "show", one_run.kept.run_id).stdout


def test_a_run_is_found_by_the_beginning_of_its_id(one_run: OneRun) -> None:
    shown = run("runs", "show", one_run.kept.run_id[:5], "--use-case", "gsm8k")
    assert one_run.kept.run_id in shown.stdout
    assert "waits for" in shown.stdout


def test_a_run_that_is_over_waits_for_nobody(one_run: OneRun) -> None:
    one_run.kept = one_run.kept.model_copy(update={"status": Status.FAILED})
    assert "waits for" not in run("runs", "show", one_run.kept.run_id).stdout


def test_an_unknown_run_is_a_finding(one_run: OneRun) -> None:
    result = run("runs", "show", "zzz")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert "rft runs list --env dev" in result.stderr


def test_runs_list_fits_a_run_in_a_line(one_run: OneRun) -> None:
    table = run_commands._table([one_run.kept], SlotQueue())
    assert table.row_count == 1
    listed = json.loads(run("runs", "list", "--use-case", "gsm8k", "--json").stdout)
    assert [entry["run_id"] for entry in listed["runs"]] == [one_run.kept.run_id]
    assert listed["training_slots"] == {"slots": None, "holders": [], "waiting": []}
    assert "training slots" not in run("runs", "list", "--use-case", "gsm8k").stdout


def test_runs_list_tells_who_trains_and_a_waiting_run_s_place(
    one_run: OneRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = f"{one_run.kept.use_case}/{one_run.kept.run_id}"
    queue = SlotQueue(
        slots=1,
        holders=(Lease(owner="sql/feed", execution="arn:x", since=1_800_000_000, expires=1_800_003_600),),
        waiters=(
            Waiter(owner=waiting, since=1_800_000_060, until=1_800_009_000),
            Waiter(owner="shop/cafe", since=1_800_000_000, until=1_800_009_000),
        ),
    )
    monkeypatch.setattr(runs_view, "training_slots", lambda environment: queue)
    monkeypatch.setattr(run_commands.console.stdout, "width", 200)
    shown = run("runs", "list", "--use-case", "gsm8k").stdout
    assert "1 of 1 training slots taken: sql/feed since 2027-01-15 08:00" in shown.splitlines()[0]
    assert "number 2 in the queue since 2027-01-15 08:01" in shown
    slots = json.loads(run("runs", "list", "--use-case", "gsm8k", "--json").stdout)["training_slots"]
    assert slots["waiting"][1] == {"owner": waiting, "place": 2, "since": "2027-01-15T08:01:00Z"}
    assert slots["holders"][0]["lease_expires"] == "2027-01-15T09:00:00Z"
