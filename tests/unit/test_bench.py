"""`rft reward bench`: what it measures is what is deployed, beside other graders in the same run."""

import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rft.benchmarks import deployment, rivals, speed
from rft.benchmarks.speed import Grader, measure
from rft.benchmarks.workload import CHARACTERS, events
from rft.cli.main import app
from rft.rewards import Sample, Score

ROOT = Path(__file__).resolve().parents[2]
GSM8K = ROOT / "use_cases" / "gsm8k"
HEAVY = (
    "pydantic",
    "sympy",
    "math_verify",
    "jsonschema",
    "sqlglot",
    "boto3",
    "aws_lambda_powertools",
    "yaml",
)


@pytest.fixture(autouse=True)
def _brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speed, "ROUNDS", 1)
    monkeypatch.setattr(deployment, "STARTS", 1)


def test_the_workload_of_word_problems_is_as_long_as_models_answer() -> None:
    answers = [event["messages"][-1]["content"] for event in events(GSM8K, numeric=True)]
    assert len(answers) == 360
    assert all(CHARACTERS - 20 <= len(answer) <= CHARACTERS for answer in answers)
    assert all("\\boxed{" in answer and "\n#### " in answer for answer in answers)


def test_every_grader_gives_full_marks_to_the_workload() -> None:
    samples = events(GSM8K, numeric=True)[:20]
    found = measure(
        {"regex": Grader(rivals.strict_regex, 20), "math-verify": Grader(rivals.math_verify, 10)}, samples
    )
    assert [(item.samples, item.full_marks) for item in found.values()] == [(20, 1.0), (10, 1.0)]
    assert all(item.p99_ms >= item.p50_ms > 0 for item in found.values())
    assert found["regex"].samples_per_second > found["math-verify"].samples_per_second


def test_the_strict_regex_makes_the_mistakes_it_is_known_for() -> None:
    for response in ("#### 72.", "#### $72", "####72", "**72**", "#### 72" + " so" * 200):
        assert rivals.strict_regex(Sample("1", (), response, "#### 72")) == 0.0


def test_a_constant_grader_is_measured_as_one() -> None:
    found = measure({"half": Grader(lambda sample: Score(0.5), 30)}, events(GSM8K, numeric=False)[:3])["half"]
    assert (found.samples, found.full_marks) == (30, 0.0)
    with pytest.raises(ValueError, match="at least one"):
        measure({"none": Grader(lambda sample: 1.0, 0)}, events(GSM8K, numeric=False))


def test_a_slow_reward_grades_fewer_answers() -> None:
    samples = events(GSM8K, numeric=False)
    assert speed.affordable(lambda sample: time.sleep(0.05) or 1.0, samples, 20_000) <= 40
    assert speed.affordable(lambda sample: 1.0, samples, 700) == 700


def test_what_is_weighed_is_what_is_deployed(tmp_path: Path) -> None:
    with deployment.staged(ROOT, GSM8K) as (folder, closure):
        names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.py")}
        assert {"handler.py", "reward.py", "rft/rewards/numeric.py"} <= names
        assert not any(
            name.startswith(("rft/cli", "rft/rewards/symbolic", "sample", "test_")) for name in names
        )
        assert list(folder.rglob("*.pyc"))
        found = deployment.measure_deployment(ROOT, folder, closure)
        with zipfile.ZipFile(tmp_path / "code.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in folder.rglob("*.*"):
                archive.write(path, path.relative_to(folder))
    assert list(found.layers) == ["reward"]
    assert abs(found.code_bytes - (tmp_path / "code.zip").stat().st_size) < 0.05 * found.code_bytes
    assert found.total_bytes == found.code_bytes + found.layers["reward"]


def test_the_handler_of_word_problems_starts_without_anything_heavy() -> None:
    with deployment.staged(ROOT, GSM8K) as (folder, _):
        program = f"import sys; sys.path.insert(0, {str(folder)!r}); import handler; print(*sys.modules)"
        loaded = subprocess.run(
            [sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True
        )
    modules = set(loaded.stdout.split())
    assert "rft.rewards.numeric" in modules
    assert not modules & set(HEAVY)


def test_bench_prints_one_document_with_ratios() -> None:
    result = CliRunner().invoke(app, ["reward", "bench", "gsm8k", "--samples", "20", "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert set(found["graders"]) == {"reward", "math_answer", "strict_regex", "math_verify"}
    assert all(grader["full_marks"] == 1.0 for grader in found["graders"].values())
    ours, its = found["graders"]["reward"], found["graders"]["math_verify"]
    ratio = ours["samples_per_second"] / its["samples_per_second"]
    assert found["ratios"]["reward"]["math_verify"] == pytest.approx(ratio)
    assert found["deployment"]["import_ms"] > 0
    assert found["deployment"]["total_bytes"] > found["deployment"]["code_bytes"] > 0


def test_a_use_case_that_is_not_numeric_is_measured_alone() -> None:
    result = CliRunner().invoke(app, ["reward", "bench", "invoice-extraction", "--samples", "10"])
    assert result.exit_code == 0, result.output
    assert "invoice-extraction" in result.stdout
    assert "math-verify" not in result.stdout
    assert "reward-json" in result.stdout


def test_an_unknown_use_case_is_a_usage_problem() -> None:
    assert CliRunner().invoke(app, ["reward", "bench", "nothing"]).exit_code == 2
