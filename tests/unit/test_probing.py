"""The probe: what is measured, when it stops a run, which prompts it shows."""

import json
import random
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest

from rft.engines.base import Answer
from rft.errors import EvaluationFailed
from rft.evaluation.batch import BASE, Outcome, Sampling, run_batch
from rft.evaluation.grading import Grade
from rft.evaluation.mentions import says_reference
from rft.probing import intervals
from rft.probing.examples import SHOWN, Examples
from rft.probing.groups import Group, complete_groups
from rft.probing.measures import measure
from rft.probing.report import render, show, to_json
from rft.probing.run_probe import judged
from rft.runs.probe_part import Probe
from rft.settings import Probe as Limits

K = 4


def answer(index: int, number: int, reward: float | None, **more: Any) -> Outcome:
    return Outcome(index, f"p{index}", BASE, number, reward, **{"output_tokens": 10, **more})


def groups(rewards: Iterable[Sequence[float]], **more: Any) -> list[Group]:
    return list(
        complete_groups(
            answer(index, number, reward, **more)
            for index, of_prompt in enumerate(rewards)
            for number, reward in enumerate(of_prompt)
        )
    )


def probed(rewards: Sequence[Sequence[float]], limits: Limits | None = None, **more: Any) -> Probe:
    return judged(measure(groups(rewards, **more), planned=len(rewards), batch=128), limits or Limits())


MIXED = [[0.0, 1.0, 0.0, 1.0]]
ZERO, ONE, HALF = [[0.0] * K], [[1.0] * K], [[0.5] * K]


@pytest.mark.parametrize(
    ("rewards", "verdict"),
    [
        (MIXED * 64, "ready"),
        (ZERO * 64, "too-hard"),
        (ONE * 64, "too-easy"),
        (HALF * 64, "flat"),
        (ZERO * 60 + MIXED * 4, "too-hard"),
        (ONE * 60 + MIXED * 4, "too-easy"),
        (ZERO * 30 + ONE * 30 + HALF * 4, "flat"),
        (ZERO * 40 + MIXED * 24, "ready"),
        (ZERO * 4 + MIXED * 1, "ready"),  # 80 % of five prompts prove nothing
    ],
)
def test_a_verdict_says_why_there_is_nothing_to_learn(rewards: list[list[float]], verdict: str) -> None:
    probe = probed(rewards)
    assert probe.verdict == verdict
    assert bool(probe.reasons) == (verdict != "ready")


def test_what_is_not_proven_is_a_warning() -> None:
    probe = probed(ZERO * 7 + MIXED)
    assert probe.verdict == "ready"
    assert "rft probe --subset easier" in probe.warnings[0]
    assert probe.useful_per_batch.value == pytest.approx(16)


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"stop_reason": "max_tokens"}, "truncated"),
        ({"again": 0.9}, "noisy"),
        ({"stop_reason": "end_turn", "again": None}, "ready"),
    ],
)
def test_faults_of_the_set_up_come_before_those_of_the_prompts(more: dict[str, Any], verdict: str) -> None:
    assert probed(MIXED * 64, **more).verdict == verdict


def test_answers_that_are_right_and_earn_nothing_are_a_matter_of_form() -> None:
    probe = probed(ZERO * 64, says_reference=True)
    assert probe.verdict == "format-bound"
    assert "the format that the reward parses" in probe.reasons[0]
    assert len(probe.reasons) > 1  # it is too hard as well, as things are


def test_limits_are_the_use_cases_own() -> None:
    assert (
        probed(ZERO * 64, Limits(max_all_zero_share=1.0, min_mean_reward=0, min_useful_share=0)).verdict
        == "ready"
    )


def test_shares_and_tokens_are_counted() -> None:
    probe = probed([*ZERO, *ONE, *MIXED, *HALF])
    assert (probe.prompts, probe.samples, probe.mean_reward) == (4, 16, 0.5)
    assert (probe.zero_share, probe.pass_rate.value) == (6 / 16, 6 / 16)
    assert (probe.all_zero.value, probe.all_one.value, probe.useful.value) == (0.25, 0.25, 0.25)
    assert probe.zero_signal_share == 0.75
    assert probe.useful_per_batch.value == 32
    assert sum(probe.bars) == 4
    assert probe.bars[0] == probe.bars[9] == 1


def test_a_prompt_with_a_missing_score_is_left_out_and_counted() -> None:
    outcomes = [answer(0, 0, 1.0), answer(0, 1, None), answer(1, 0, 0.0), answer(1, 1, 1.0)]
    probe = measure(complete_groups(outcomes), planned=3, batch=16)
    assert (probe.prompts, probe.failed) == (1, 2)
    with pytest.raises(EvaluationFailed):
        measure([], planned=3, batch=16)


def test_wilsons_interval_is_the_published_one() -> None:
    found = intervals.share(15, 50)  # Agresti and Coull 1998: 0.191 to 0.438
    assert (round(found.low, 3), round(found.high, 3)) == (0.191, 0.438)
    assert intervals.share(0, 0).high == 1.0


def test_intervals_cover_the_truth_as_often_as_they_say() -> None:
    source, covered = random.Random(1), {"share": 0, "mean": 0}
    for _ in range(2000):
        hits = [source.random() < 0.3 for _ in range(64)]
        values = [source.betavariate(2, 3) for _ in range(64)]
        share, mean = intervals.share(sum(hits), 64), intervals.mean(values)
        covered["share"] += share.low <= 0.3 <= share.high
        covered["mean"] += mean.low <= 0.4 <= mean.high
    assert all(0.93 <= count / 2000 <= 0.97 for count in covered.values()), covered


@pytest.mark.parametrize(
    ("response", "reference", "says"),
    [
        ("So she has 72 left.\n#### 72", "Natalia sold 48\n#### 72", True),
        ("The answer is 72.", {"text": "Natalia sold 48\n#### 72"}, True),
        ("The answer is 71.", "#### 72", False),
        ("Category: **safe**", "safe", True),
        ("Category: unsafe", "safe", False),
        ('Here it is:\n```json\n{"b": 2, "a": 1}\n```', {"a": 1, "b": 2}, True),
        ('{"a": 1}', {"a": 1, "b": 2}, False),
        ("anything", None, False),
        ("", "72", False),
        ("a long text " * 20, "a long text " * 20, False),
    ],
)
def test_an_answer_ends_with_its_reference(response: str, reference: Any, says: bool) -> None:
    assert says_reference(response, reference) is says


def test_ten_examples_show_every_kind_once_before_any_thrice() -> None:
    source = random.Random(2)
    rewards = [[source.choice((0.0, 0.4, 1.0)) for _ in range(K)] for _ in range(300)]
    found = groups(rewards + ZERO * 200 + ONE * 200 + HALF * 50)
    examples = Examples()
    assert list(examples.watch(iter(found))) == found
    chosen = examples.chosen()
    assert len(chosen) == SHOWN
    assert len({example.group.index for example in chosen}) == SHOWN
    assert len({example.why for example in chosen}) == 4
    widest = max(group.spread for group in found)
    assert max(example.group.spread for example in chosen) == widest


def test_a_report_escapes_what_a_model_says_and_json_has_no_texts() -> None:
    found = groups(MIXED * 3, response="<script>alert(1)</script>", stop_reason="max_tokens")
    examples = Examples()
    probe = judged(measure(examples.watch(found), planned=3, batch=128), Limits())
    record = {"messages": [{"role": "user", "content": "What <b>now</b>?"}], "reference_answer": "5"}
    shown = [show(example, record) for example in examples.chosen()]
    page = render(probe, title="t", model="m", examples=shown, simulated=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "What &lt;b&gt;now" in page
    assert "cut off" in page
    assert "The model is simulated." in page
    assert "script" not in json.dumps(to_json(probe, model="m", examples=examples.chosen()))


class Parrot:
    """Answers with the prompt's text."""

    def ask(self, model_id: str, prompt: Any, temperature: float, max_tokens: int | None) -> Answer:
        return Answer(prompt["messages"][0]["content"][0]["text"], 7, 3, "end_turn")


def scored_by(values: Callable[[str], float]) -> Any:
    def score(samples: Any) -> list[Grade]:
        return [Grade(values(sample["messages"][-1]["content"]), {}, error=False) for sample in samples]

    return score


def test_one_answer_a_prompt_is_scored_twice() -> None:
    records = [
        (index, {"messages": [{"role": "user", "content": f"{index}"}], "reference_answer": f"{index}"})
        for index in range(3)
    ]
    calls: list[str] = []

    def reward(text: str) -> float:
        calls.append(text)
        return len(calls) / 100

    found = run_batch(
        Parrot(), records, {BASE: "m"}, Sampling(2, 0.6, None, at_once=4, score_twice=True), scored_by(reward)
    )
    assert len(calls) == 3 * 2 + 3
    assert [outcome.again is not None for outcome in found] == [True, False] * 3
    assert all(outcome.says_reference and outcome.input_tokens == 7 for outcome in found)
    assert [outcome.index for outcome in found] == [0, 0, 1, 1, 2, 2]
