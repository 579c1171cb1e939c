"""The table of scenarios, what judges them, and the set-up check; deploys nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rehearsal import evidence, people, toolchain
from rehearsal.background import Background, BackgroundError
from rehearsal.bedrock.faults import FaultTable
from rehearsal.changes import asking, break_line
from rehearsal.datasets import tag_first_record
from rehearsal.scenario import shortcomings
from rehearsal.scenarios import SCENARIOS
from rft.cli import approval_commands
from rft.runs.approval import question
from rft.runs.record import Status
from rft.runs.store import RunStore
from tests.rehearsal.rehearse_support import ROOT
from tests.unit.report_world import SETTINGS, record

LINES = [json.dumps({"messages": [], "n": n}).encode() + b"\n" for n in range(20)]


def test_the_scenarios_that_must_exist_do() -> None:
    wanted = {
        "throttled",
        "lost-completion-event",
        "duplicate-event",
        "job-failed",
        "bad-dataset",
        "no-improvement",
    }
    wanted |= {"approval-needed", "approval-rejected", "approval-forbidden", "approval-expired"}
    assert wanted <= set(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_simulated_bedrock_knows_the_faults_of_a_scenario(name: str) -> None:
    assert set(FaultTable(SCENARIOS[name].faults).describe()) == set(SCENARIOS[name].faults)


def test_a_tag_changes_one_record_and_a_broken_line_one_line() -> None:
    tagged = tag_first_record(LINES, "x")
    assert (json.loads(tagged[0])["rehearsal"], tagged[1:]) == ("x", LINES[1:])
    broken = break_line(LINES)
    assert [a == b for a, b in zip(LINES, broken, strict=True)].count(False) == 1
    with pytest.raises(ValueError, match=r"char \d+"):
        json.loads(broken[9])


def test_a_scenario_is_judged_by_end_words_job_and_retries() -> None:
    bad = SCENARIOS["bad-dataset"]
    said = "DatasetRejected train.jsonl:10 not valid JSON"
    assert shortcomings(bad, "FAILED", said, has_job=False, retries=0) == []
    assert shortcomings(bad, "SUCCEEDED", said, has_job=True, retries=0) == [
        "the run ended as SUCCEEDED, expected FAILED",
        "a training job was started",
    ]
    assert shortcomings(bad, "FAILED", "", has_job=False, retries=0) == [
        f"the run record does not say {word!r}" for word in bad.words
    ]
    assert shortcomings(SCENARIOS["throttled"], "SUCCEEDED", "", has_job=True, retries=0) == [
        "nothing was tried again"
    ]


def test_a_scenario_changes_the_approvals_and_nothing_else() -> None:
    changed = asking(promotion=True)(SETTINGS)
    assert (changed.approvals.spend_above_usd, changed.approvals.promotion) == (0, True)
    assert changed.approvals.four_eyes
    assert changed.model_copy(update={"approvals": SETTINGS.approvals}) == SETTINGS


def test_a_scenario_notices_when_the_uploader_may_approve(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question("spend", "token", 1)
    uploader = "arn:aws:iam::000000000000:root"
    run = record(status=Status.RUNNING, approval=asked, uploader=uploader)
    monkeypatch.setattr(approval_commands, "send", lambda *_: asked)
    with pytest.raises(RuntimeError, match="its uploader could approve it"):
        people.agree(RunStore("table", "gsm8k"), run)


def test_a_missing_tool_is_named_with_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(toolchain.EMULATOR_PYTHON, raising=False)
    with pytest.raises(toolchain.SetUpError, match="run: make setup"):
        toolchain.find(tmp_path)


def test_a_background_process_that_fails_tells_the_end_of_its_output() -> None:
    code = "print('said before'); raise SystemExit(3)"
    with (
        Background("work", [sys.executable, "-c", code], cwd=ROOT, env=os.environ) as work,
        pytest.raises(BackgroundError, match=r"work failed with exit code 3:\nsaid before"),
    ):
        work.result(30)


def test_a_background_process_ends_with_its_block() -> None:
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with Background("work", command, cwd=ROOT, env=os.environ) as work:
        process = work._process
        assert process.poll() is None
    assert process.poll() is not None


def test_expected_times_come_from_the_newest_success(tmp_path: Path) -> None:
    for stamp, status, seconds in (("20260101-000000", "SUCCEEDED", 4.0), ("20260102-000000", "FAILED", 9.0)):
        folder = tmp_path / f"gsm8k-{stamp}"
        folder.mkdir()
        document = {"status": status, "problems": [], "phases": {"Train": seconds}}
        (folder / evidence.TIMELINE).write_text(json.dumps(document))
    assert evidence.expected_seconds(tmp_path, "gsm8k") == {"Train": 4.0}
    assert evidence.expected_seconds(tmp_path, "other") == {}


def test_scenarios_are_listed_as_json() -> None:
    command = [sys.executable, "-m", "rehearsal", "--list-scenarios", "--json"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert [entry["name"] for entry in json.loads(listed.stdout)] == list(SCENARIOS)
