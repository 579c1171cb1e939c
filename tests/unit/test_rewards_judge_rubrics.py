"""Own rubrics in YAML: what they may hold, and what a mistake in one says."""

from pathlib import Path

import pytest

from rft.rewards import Criterion, Rubric, read_rubric
from rft.rewards.closure import import_closure
from rft.rewards.judge.rubric import RubricError

GOOD = """
goal: A good reply solves the problem.
sees: [prompt, reference]
scale: {min: 0, max: 3}
criteria:
  - name: solves
    question: Does it solve the problem?
    weight: 2
    anchors:
      0: not at all
      3: in full
  - name: polite
    question: Is it polite?
"""


def read(text: str, folder: Path) -> Rubric:
    path = folder / "tone.yaml"
    path.write_text(text, encoding="utf-8")
    return read_rubric(path)


def test_a_rubric_is_read_with_its_scale_weights_and_anchors(tmp_path: Path) -> None:
    assert read(GOOD, tmp_path) == Rubric(
        goal="A good reply solves the problem.",
        sees=("prompt", "reference"),
        low=0,
        high=3,
        criteria=(
            Criterion("solves", "Does it solve the problem?", 2.0, {0: "not at all", 3: "in full"}),
            Criterion("polite", "Is it polite?"),
        ),
    )


def test_what_is_left_out_has_a_default(tmp_path: Path) -> None:
    rubric = read("goal: Good.\ncriteria: [{name: a, question: 'Is it?'}]", tmp_path)
    assert (rubric.sees, rubric.low, rubric.high) == (("prompt",), 1, 5)


MISTAKES = [
    ("", "tone.yaml: want keys; allowed: criteria, goal, scale, sees"),
    ("- a", "tone.yaml: want keys; allowed: criteria, goal, scale, sees"),
    ("goal: [", "tone.yaml: line 1: not valid YAML"),
    ("goal: a\ngoal: b", "tone.yaml: line 2: key 'goal' is already given in line 1"),
    (GOOD.replace("goal: A good", "gaol: A good"), "unknown key gaol; allowed: criteria, goal, scale, sees"),
    (GOOD.replace("goal: A good reply solves the problem.", ""), "goal is missing; it has no default"),
    (GOOD.replace("goal: A good reply solves the problem.", "goal: ' '"), "goal: empty"),
    (GOOD.replace("[prompt, reference]", "prompt"), "sees: want a list, such as [prompt, reference]"),
    (GOOD.replace("[prompt, reference]", "[answer]"), "want some of prompt, reference, context"),
    (GOOD.replace("max: 3", "max: 0"), "scale: 0 to 0; want max above min"),
    (GOOD.replace("max: 3", "max: 3.5"), "scale.max: want a whole number"),
    (GOOD.replace("max: 3", "max: true"), "scale.max: want a whole number"),
    (GOOD.replace("max: 3", "maximum: 3"), "scale: unknown key maximum; allowed: max, min"),
    (GOOD.replace("weight: 2", "weight: -1"), "criteria.0.weight: -1; want a number above 0"),
    (GOOD.replace("weight: 2", "weight: much"), "criteria.0.weight: want a number above 0"),
    (GOOD.replace("weight: 2", "weight: .nan"), "criteria.0.weight: nan; want a number above 0"),
    (GOOD.replace("weight: 2", "wieght: 2"), "criteria.0: unknown key wieght; allowed: anchors, name"),
    (
        GOOD.replace("3: in full", "4: in full"),
        "criteria.0.anchors.4: want a description of a grade from 0 to 3",
    ),
    (GOOD.replace("3: in full", "best: in full"), "criteria.0.anchors.best: want a whole number"),
    (GOOD.replace("3: in full", "3: 3"), "criteria.0.anchors.3: want text; put it in quotes"),
    (GOOD.replace("name: polite", "name: Very polite"), "criteria.1.name: want lower-case letters"),
    (GOOD.replace("name: polite", "name: solves"), "criteria.1.name: solves is there already"),
    (GOOD.replace("question: Is it polite?", ""), "criteria.1: question is missing"),
    ("goal: a\ncriteria: []", "criteria: 0; want 1 to 8"),
    ("goal: a\ncriteria: {name: a}", "criteria: want a list of criteria"),
]


@pytest.mark.parametrize(("text", "told"), MISTAKES)
def test_a_mistake_is_told_in_one_line_with_file_key_and_what_is_allowed(
    text: str, told: str, tmp_path: Path
) -> None:
    with pytest.raises(RubricError) as caught:
        read(text, tmp_path)
    assert told in str(caught.value)
    assert str(caught.value).startswith("tone.yaml: ")
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_one_that_is_no_text_are_told(tmp_path: Path) -> None:
    with pytest.raises(RubricError, match=r"none\.yaml: cannot be read"):
        read_rubric(tmp_path / "none.yaml")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(RubricError, match=r"b\.yaml: cannot be read"):
        read_rubric(tmp_path / "b.yaml")


@pytest.mark.parametrize(
    ("names", "parser"), [("judged, SUMMARISATION", False), ("judged, preferred, read_rubric", True)]
)
def test_only_rewards_with_a_rubric_of_their_own_are_deployed_with_a_yaml_parser(
    names: str, parser: bool, tmp_path: Path
) -> None:
    entry = tmp_path / "reward.py"
    entry.write_text(f"from rft.rewards import {names}\n", encoding="utf-8")
    closure = import_closure(Path(__file__).parents[2], [entry])
    assert ("yaml" in closure.packages) is parser
    assert {"pydantic", "rehearsal"}.isdisjoint(closure.packages)


def test_reading_the_judges_usage_makes_no_reward_one_that_asks_a_judge(tmp_path: Path) -> None:
    entry = tmp_path / "reward.py"
    entry.write_text("from rft.rewards import judge_usage\n", encoding="utf-8")
    closure = import_closure(Path(__file__).parents[2], [entry])
    assert not [path for path in closure.files if path.parent.name == "judge"]
