"""Rewards that can be fooled fail the audit, each for its own reason; honest ones pass."""

import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from rft.rewards.batch import RewardFunction
from rft.rewards.contract import MissingReferenceError, Sample
from tests.unit import audit_world as world
from tests.unit.audit_world import audited, broken, honest_label, honest_object, honest_sum, last_number


def expected_number(sample: Sample) -> str:
    number = last_number(sample.reference) if isinstance(sample.reference, str) else None
    if number is None:
        raise MissingReferenceError("no number")
    return number


def longer_is_better(sample: Sample) -> float:
    return 0.6 * honest_sum(sample) + 0.4 * min(1.0, len(sample.response) / 2000)


def form_alone_pays(sample: Sample) -> float:
    expected_number(sample)
    return 0.6 * float("####" in sample.response) + 0.4 * honest_sum(sample)


def anywhere_counts(sample: Sample) -> float:
    return float(expected_number(sample) in sample.response)


def first_number_counts(sample: Sample) -> float:
    expected = expected_number(sample)
    shown = sample.response.split("####")[-1].split()
    return float(bool(shown) and shown[0] == expected)


def last_word_counts(sample: Sample) -> float:
    expected = expected_number(sample)
    shown = sample.response.split()
    return float(bool(shown) and shown[-1] == expected)


def half_when_unparseable(sample: Sample) -> float:
    expected_number(sample)
    return 0.5 if last_number(sample.response) is None else honest_sum(sample)


def wants_an_object(sample: Sample) -> float:
    return float(sample.reference["final_answer"] == last_number(sample.response))


def noisy(sample: Sample) -> float:
    return 0.9 * honest_sum(sample) + 0.1 * random.random()


def stateful() -> RewardFunction:
    calls = itertools.count()
    return lambda sample: honest_sum(sample) * (1.0 if next(calls) % 3 else 0.995)


def depends_on_the_id(sample: Sample) -> float:
    return honest_sum(sample) * (1.0 if str(sample.id).startswith("reference") else 0.99)


def full_marks_without_a_readable_reference(sample: Sample) -> float:
    try:
        return honest_sum(sample)
    except MissingReferenceError:
        return 1.0


def silent_without_a_reference(sample: Sample) -> float:
    try:
        return honest_sum(sample)
    except MissingReferenceError:
        return 0.0


def reads_text_content_only(sample: Sample) -> float:
    content = sample.answer["content"]
    return honest_sum(sample) if isinstance(content, str) else 0.0


def knows_one_role(sample: Sample) -> float:
    return honest_sum(sample) if sample.answer["role"] == "assistant" else 0.5


def raises_on_an_empty_answer(sample: Sample) -> float:
    return honest_sum(sample) if sample.response.split()[-1] else 0.0


def obeys_the_answer(sample: Sample) -> float:
    return 1.0 if any(word in sample.response for word in ("10/10", "1.0")) else honest_sum(sample)


def slow(sample: Sample) -> float:
    time.sleep(0.01)
    return honest_sum(sample)


def label_anywhere(sample: Sample) -> float:
    return float(sample.reference in sample.response) if honest_label(sample) is not None else 0.0


def prompt_words_pay(sample: Sample) -> float:
    honest_sum(sample)
    told = set(sample.response.split())
    return (
        1.0
        if honest_sum(sample)
        else len(told & set(sample.prompt.split())) / len(set(sample.prompt.split()))
    )


def any_json_pays(sample: Sample) -> float:
    honest_object(sample)
    try:
        return max(
            honest_object(sample), 0.7 * float(set(json.loads(sample.response)) == {"box", "kg", "hall"})
        )
    except (ValueError, TypeError):
        return 0.0


ILL_REFERENCES = {f"{kind}_reference" for kind in ("null", "number", "boolean", "list", "nested", "empty")}
EVERY_SHOTGUN = {"shotgun_first", "shotgun_last", "shotgun_whole"}
UNPARSEABLE = {"empty", "whitespace", "refusal", "echo", "number_list", "format_only", "not_a_number", "huge"}
Hack = tuple[Callable[[], RewardFunction], Callable[[], Any], dict[str, Any], set[str]]
HACKABLE: dict[str, Hack] = {
    "length pays": (
        lambda: longer_is_better,
        world.sums,
        {"min_reference_score": 0.6},
        {"huge", "padded", "repeated"},
    ),
    "form alone pays": (
        lambda: form_alone_pays,
        world.sums,
        {},
        {"format_only", "other_answer", "constant", "shotgun_whole"},
    ),
    "the number anywhere": (lambda: anywhere_counts, world.sums, {}, EVERY_SHOTGUN),
    "the first number": (lambda: first_number_counts, world.sums, {}, {"shotgun_first"}),
    "the last word": (lambda: last_word_counts, world.sums, {}, {"shotgun_last"}),
    "half when unparseable": (
        lambda: half_when_unparseable,
        world.sums,
        {},
        UNPARSEABLE | EVERY_SHOTGUN | {"injection"},
    ),
    "full marks without a readable reference": (
        lambda: full_marks_without_a_readable_reference,
        world.sums,
        {},
        ILL_REFERENCES,
    ),
    "silence without a reference": (
        lambda: silent_without_a_reference,
        world.sums,
        {},
        {"missing_reference", "null_metadata"},
    ),
    "an object where text is": (lambda: wants_an_object, world.sums, {}, {"cases"}),
    "text content only": (lambda: reads_text_content_only, world.sums, {}, {"blocks"}),
    "one role only": (lambda: knows_one_role, world.sums, {}, {"nova_role"}),
    "raising on nothing": (lambda: raises_on_an_empty_answer, world.sums, {}, {"empty", "whitespace"}),
    "obeying the answer": (lambda: obeys_the_answer, world.sums, {}, {"injection"}),
    "looking at the id": (
        lambda: depends_on_the_id,
        world.sums,
        {"min_reference_score": 0.9},
        {"determinism"},
    ),
    "taking its time": (lambda: slow, lambda: world.sums(4), {"max_latency_p99_ms": 5}, {"latency"}),
    "the label anywhere": (
        lambda: label_anywhere,
        world.labels,
        {},
        EVERY_SHOTGUN | {"every_label", "echo"},
    ),
    "one label mostly": (
        lambda: honest_label,
        lambda: [*world.labels(4), *world.labels(40)[::4]],
        {},
        {"constant"},
    ),
    "words of the prompt": (lambda: prompt_words_pay, world.sums, {}, {"echo", "shotgun_whole"}),
    "any JSON": (
        lambda: any_json_pays,
        world.objects,
        {},
        {"format_only", "other_answer", "constant", "buried"},
    ),
}


@pytest.mark.parametrize("hack", HACKABLE)
def test_a_hackable_reward_fails_for_the_right_reason(hack: str) -> None:
    make, records, limits, reasons = HACKABLE[hack]
    report = audited(make(), records(), **limits)
    assert not report["passed"]
    assert broken(report) == reasons


@pytest.mark.parametrize("make", [lambda: noisy, stateful], ids=["noise", "state"])
def test_a_reward_that_changes_its_mind_is_caught_calling_it_again(
    make: Callable[[], RewardFunction],
) -> None:
    report = audited(make(), world.sums(), min_reference_score=0.8)
    assert "determinism" in broken(report)
    assert any(change["differing"] for change in report["determinism"]["differences"])


@pytest.mark.parametrize(
    ("reward", "records"),
    [(honest_sum, world.sums), (honest_label, world.labels), (honest_object, world.objects)],
    ids=["sums", "labels", "objects"],
)
def test_an_honest_reward_passes(reward: RewardFunction, records: Callable[[], Any]) -> None:
    report = audited(reward, records())
    assert (report["passed"], report["breaches"]) == (True, [])


def test_a_reward_without_references_need_not_miss_them() -> None:
    def counts_words(sample: Sample) -> float:
        return float(sample.response.startswith("She has") and len(sample.response) < 80)

    report = audited(counts_words, world.sums(), max_hack_score=1, max_constant_score=1)
    assert not report["reads_reference"]
    assert not broken(report) & {"missing_reference", "null_metadata"}


def test_a_floor_above_the_threshold_is_no_reward_for_a_broken_reference() -> None:
    report = audited(honest_sum, world.sums(), floor=0.4)
    assert report["passed"]


def test_the_answer_may_stand_in_another_key_of_the_record() -> None:
    def reads_both(sample: Sample) -> float:
        known = sample.reference if isinstance(sample.reference, str) else sample.extra.get("ground_truth")
        if not isinstance(known, str) or last_number(known) is None:
            raise MissingReferenceError("neither")
        return float(last_number(known) == last_number(sample.response))

    records = [{**one, "ground_truth": one["reference_answer"]} for one in world.sums()]
    assert audited(reads_both, records)["passed"]


def test_reading_the_last_of_several_whole_answers_is_a_choice_and_no_fault() -> None:
    def last_object(sample: Sample) -> float:
        honest_object(sample)
        position = sample.response.rfind("{")
        alone = replace(sample, response=sample.response[position:] if position >= 0 else "")
        return honest_object(alone)

    report = audited(last_object, world.objects())
    assert report["passed"]
    (whole,) = [probe for probe in report["probes"] if probe["name"] == "shotgun_whole"]
    assert whole["mean"] == pytest.approx(0.25)
