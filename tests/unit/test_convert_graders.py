"""Graders of OpenAI and Azure jobs become rewards that run and rank as the graders did."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rft.cli.main import app
from rft.datasets.converters.graders import Skeleton, read_grader, skeleton
from rft.errors import DatasetRejected
from rft.rewards import Sample, Score, read_rubric

CHECK = {
    "type": "string_check",
    "name": "exact",
    "operation": "eq",
    "input": "{{sample.output_text}}",
    "reference": "{{item.answer}}",
}
CLOSE = {**CHECK, "type": "text_similarity", "name": "close", "evaluation_metric": "fuzzy_match"}
PYTHON = {
    "type": "python",
    "name": "length",
    "source": "def grade(sample, item):\n    return min(1.0, len(sample['output_text']) / len(item['answer']))\n",
}


def sample(response: str, **extra: Any) -> Sample:
    return Sample(
        "1", ({"role": "user", "content": "?"},), response, "Paris", {"answer": "Paris", **extra}, response
    )


def reward_of(made: Skeleton, folder: Path) -> Callable[[Sample], Score]:
    for name, text in {"reward.py": made.reward, **made.rubrics}.items():
        (folder / name).write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("converted", folder / "reward.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: Callable[[Sample], Score] = module.reward
    return found


@pytest.mark.parametrize(
    ("operation", "response", "value"),
    [
        ("eq", "Paris", 1.0), ("eq", "paris", 0.0), ("ne", "Rome", 1.0), ("like", "It is Paris.", 1.0),
        ("like", "it is paris", 0.0), ("ilike", "it is paris", 1.0), ("ilike", "Rome", 0.0),
    ],
)  # fmt: skip
def test_a_string_check_compares_as_it_did(
    tmp_path: Path, operation: str, response: str, value: float
) -> None:
    reward = reward_of(skeleton({**CHECK, "operation": operation}, "answer"), tmp_path)
    assert reward(sample(response)).value == value


def test_a_multi_grader_computes_its_formula(tmp_path: Path) -> None:
    grader = {
        "type": "multi",
        "name": "both",
        "graders": {"exact": CHECK, "close": CLOSE, "long enough": PYTHON},
        "calculate_output": "0.5 * exact + 0.5 * min(close, 1)",
    }
    reward = reward_of(skeleton(grader, "answer"), tmp_path)
    right, near, wrong = (reward(sample(text)) for text in ("Paris", "Pariss", "Q"))
    assert right.value == 1.0
    assert 0.0 < near.value < 0.5 + 1e-9
    assert wrong.value < near.value
    assert set(right.components) == {"exact", "close", "long_enough"}


def test_a_python_grader_gets_the_text_and_the_item(tmp_path: Path) -> None:
    reward = reward_of(skeleton(PYTHON, "answer"), tmp_path)
    assert [reward(sample(text)).value for text in ("Paris", "P", "")] == [1.0, 0.2, 0.0]


def test_templates_reach_into_items_and_json_answers(tmp_path: Path) -> None:
    grader = {**CHECK, "input": "{{ sample.output_json.city.name }}!", "reference": "{{item.place.name}}!"}
    reward = reward_of(skeleton(grader, "answer"), tmp_path)
    assert reward(sample('{"city": {"name": "Rome"}}', place={"name": "Rome"})).value == 1.0
    assert reward(sample("Rome", place={"name": "Rome"})).value == 0.0


def test_a_model_grader_becomes_a_rubric_that_the_judge_reads(tmp_path: Path) -> None:
    grader = {
        "type": "score_model",
        "name": "Tone Check",
        "model": "gpt-4.1",
        "range": [0, 5],
        "input": [{"role": "user", "content": "Is {{sample.output_text}} as polite as {{item.answer}}?"}],
    }
    made = skeleton(grader, "answer")
    reward_of(made, tmp_path)
    rubric = read_rubric(tmp_path / "rubric_tone_check.yaml")
    assert (rubric.low, rubric.high) == (0, 5)
    assert rubric.criteria[0].question == "Is the response as polite as the record's answer?"
    assert "judge" in made.notes[0]


def test_what_has_no_counterpart_is_said() -> None:
    assert "bleu became token_f1" in skeleton({**CLOSE, "evaluation_metric": "bleu"}, "answer").notes[0]


@pytest.mark.parametrize(
    ("grader", "words"),
    [
        ({"type": "label_model"}, "unknown; allowed: string_check, text_similarity"),
        ({**CHECK, "operation": "regex"}, "operation 'regex' is unknown"),
        ({"type": "python", "source": "def grade("}, "no Python: line 1"),
        ({"type": "python", "source": "x = 1"}, "no function `grade"),
        ({"type": "multi", "graders": {}}, "needs `graders`"),
        (
            {"type": "multi", "graders": {"a": CHECK}, "calculate_output": "__import__('os')"},
            "uses more than",
        ),
        ({"type": "multi", "graders": {"a": CHECK}, "calculate_output": "a.b"}, "uses more than"),
        ({"type": "multi", "graders": {"a": CHECK}, "calculate_output": "a +"}, "is no formula"),
    ],
)
def test_a_grader_that_cannot_be_converted_is_told(grader: Any, words: str) -> None:
    with pytest.raises(DatasetRejected, match=words.replace("(", r"\(")):
        skeleton(grader, "answer")


def test_the_command_takes_the_reference_that_the_grader_compares_with(tmp_path: Path) -> None:
    item = {"messages": [{"role": "user", "content": "Capital?"}], "answer": "Rome", "city": "Paris"}
    (tmp_path / "in.jsonl").write_text(json.dumps(item) * 1 + "\n")
    job = {
        "method": {
            "type": "reinforcement",
            "reinforcement": {"grader": {**CHECK, "reference": "{{item.city}}"}},
        }
    }
    (tmp_path / "job.json").write_text(json.dumps(job))
    command = ["convert", str(tmp_path / "in.jsonl"), str(tmp_path / "out"), "--from", "openai"]
    result = CliRunner().invoke(app, [*command, "--grader", str(tmp_path / "job.json"), "--json"])
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout)["reward"] == ["reward.py"]
    records = [json.loads(line) for path in (tmp_path / "out").glob("*.jsonl") for line in path.open()]
    assert [record["reference_answer"] for record in records] == ["Paris"]


def test_a_document_without_a_grader_is_told() -> None:
    with pytest.raises(DatasetRejected, match="no object with a `type`"):
        read_grader("{}")
