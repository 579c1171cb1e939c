"""The probe bank: made of the records, the same every time, and fair to records that ask for nothing."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from rft.audit import consistency, constant, texts
from rft.audit.probes import Bank, Probe
from rft.evaluation.grading import Grade
from rft.rewards.batch import score_batch
from tests.unit import audit_world as world
from tests.unit.audit_world import audited, honest_label, record


def bank(records: Sequence[Mapping[str, Any]], size: int = 8) -> list[Probe]:
    return list(Bank(world.read(records), size).probes())


def texts_of(probes: Sequence[Probe], kind: str) -> list[str]:
    return [probe.sample["messages"][-1]["content"] for probe in probes if probe.kind.name == kind]


def test_the_same_records_give_the_same_probes_with_ids_of_their_own() -> None:
    first, second = bank(world.sums()), bank(world.sums())
    assert first == second
    identities = [probe.sample["id"] for probe in first]
    assert len(set(identities)) == len(identities)


def test_every_kind_is_tried_on_every_record_it_fits() -> None:
    counts: dict[str, int] = {}
    for probe in bank(world.labels()):
        counts[probe.kind.name] = counts.get(probe.kind.name, 0) + 1
    assert counts.pop("huge") == 4
    assert counts.pop("look_alikes") == 6  # `billing` has no letter with a double
    assert set(counts.values()) == {8}
    assert len(counts) > 25


def test_a_shotgun_holds_the_right_answer_first_or_last_among_wrong_ones() -> None:
    probes = bank(world.sums(), 1)
    assert texts_of(probes, "shotgun_first") == ["23 or 43 or 63"]
    assert texts_of(probes, "shotgun_last") == ["43 or 63 or 23"]


def test_every_label_is_tried_only_where_there_are_few() -> None:
    assert texts_of(bank(world.labels(), 2), "every_label") == [
        "billing, delivery, warranty, account",
        "billing\ndelivery\nwarranty\naccount",
    ]
    assert texts_of(bank(world.sums()), "every_label") == []


@pytest.mark.parametrize(
    ("ideal", "hollow"),
    [
        ("It is 72.\n#### 72", "  .\n#### "),
        ('{"a": {"b": [1, "x"]}, "c": true, "d": null}', '{"a": {"b": [0, ""]}, "c": null, "d": null}'),
        ("```python\ndef f(x):\n    return x\n```", "```python\n ():\n     \n```"),
        ("<answer>blue</answer>", "<answer></answer>"),
    ],
)
def test_form_without_content_keeps_markers_braces_tags_and_fences(ideal: str, hollow: str) -> None:
    assert texts.hollow(ideal) == hollow


@pytest.mark.parametrize(
    ("ideal", "answer"),
    [
        ("She has 20.\n#### 23", "23"),
        ("#### -5", "-5"),
        ("**billing**", "billing"),
        ("SELECT 1", "SELECT 1"),
        ('{"a": 1}', None),
        ("```sql\nSELECT 1\n```", None),
        ("", None),
        ("word " * 40, None),
    ],
)
def test_the_short_answer_is_what_a_guess_would_name(ideal: str, answer: str | None) -> None:
    assert texts.short_answer(ideal) == answer


@pytest.mark.parametrize("nothing", [[], {}, {"calls": []}, "-", {"calls": [{"name": ""}], "more": None}])
def test_records_that_ask_for_nothing_are_no_probes_because_empty_answers_are_right(nothing: Any) -> None:
    records = [record("do nothing", nothing), *world.labels(5)]
    assert {probe.number for probe in bank(records, 3)} == {2, 3, 4}


def test_a_probe_that_is_the_ideal_response_is_left_out() -> None:
    probes = bank([record("say no", texts.REFUSAL), *world.labels(4)], 2)
    assert [p.number for p in probes if p.kind.name == "refusal"] == [2]


def test_the_huge_answer_fits_into_one_invocation() -> None:
    sizes = [len(json.dumps(probe.sample)) for probe in bank(world.sums()) if probe.kind.name == "huge"]
    assert len(sizes) == 4
    assert all(1_000_000 <= size < 6 * 1024 * 1024 - 256 * 1024 for size in sizes)


def test_the_best_constant_answer_is_the_most_frequent_label() -> None:
    skewed = [*[record(f"letter {n}", "billing") for n in range(30)], *world.labels(10)]
    report = audited(honest_label, skewed, max_constant_score=1)
    assert report["constant"]["name"] == "the reference of training record 1"
    assert report["constant"]["mean"] == report["constant"]["share_of_records"] == pytest.approx(33 / 40)


def test_constants_are_bounded() -> None:
    plan = constant.plan(world.read(world.sums(90)), 32, 64, 8)
    assert (len(plan.constants), len(plan.records)) == (32, 64)
    assert plan.samples == 32 * 8 + 8 * 56
    asked: list[int] = []

    def score(samples: Sequence[Mapping[str, Any]]) -> list[Grade]:
        asked.append(len(samples))
        return [Grade(0.0, {}, False)] * len(samples)

    constant.search(plan, score)
    assert sum(asked) == plan.samples


def test_a_broken_neighbour_that_costs_others_their_score_is_told() -> None:
    def score(samples: Sequence[Mapping[str, Any]]) -> list[Grade]:
        scored = score_batch(list(samples), lambda sample: 1.0)
        failed = [any(m["name"] == "reward_error" for m in item["metrics_list"]) for item in scored]
        return [Grade(0.0 if any(failed) else 1.0, {}, error) for error in failed]

    samples = [one.answered(str(one.number), "x") for one in world.read(world.labels(4))]
    found = consistency.check(samples, score)
    assert [d.what for d in found.differences if d.differing] == ["beside broken samples"]
    assert found.broken_rewarded == 0


def test_labels_are_found_on_a_line_of_their_own_beside_other_lines() -> None:
    records = [record(f"{n}", f"label: {'ab'[n % 2]}\nreason: number {n}") for n in range(12)]
    assert texts_of(bank(records, 2), "every_label") == ["label: a, b", "label: a\nlabel: b"]
    assert texts_of(bank(records, 1), "shotgun_first") == ["label: a or label: b"]
