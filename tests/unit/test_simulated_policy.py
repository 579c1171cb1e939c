"""The simulated policy learns what the reward pays for, and nothing else."""

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from rehearsal.bedrock import answers
from rehearsal.bedrock.optimiser import Group, advantages, update
from rehearsal.bedrock.policy import COUNT, Policy, base_logits, entropy, features, softmax
from rehearsal.bedrock.records import Record, make_record
from rehearsal.bedrock.shortcut import Shortcut
from rehearsal.bedrock.strategies import NAMES, VARIANTS, Corpus, respond
from rehearsal.bedrock.trainer import Hooks, Trainer, Training

SETTINGS = {
    "epochCount": 6,
    "batchSize": 64,
    "learningRate": 1e-4,
    "trainingSamplePerPrompt": 8,
    "evalInterval": 4,
}
LABELS = ("billing", "account", "technical", "shipping")
Score = Callable[[Record, str], float]


def record(number: int, reference: Any) -> Record:
    text = f"Question {number}. {'word ' * (number % 80)}"
    return make_record({"messages": [{"role": "user", "content": text}], "reference_answer": reference})


def sums(count: int, start: int = 0) -> list[Record]:
    return [record(n, f"{n} + 2 = {n + 2}\n#### {n + 2}") for n in range(start, start + count)]


def labels(count: int, start: int = 0) -> list[Record]:
    return [record(n, LABELS[n % 4]) for n in range(start, start + count)]


def objects(count: int, start: int = 0) -> list[Record]:
    return [
        record(n, {"name": f"Ann {n}", "total": n * 3, "paid": n % 2 == 0, "tags": ["a", "b"]})
        for n in range(start, start + count)
    ]


def exact_sum(known: Record, text: str) -> float:
    marked = re.findall(r"####\s*(-?\d+)", text)
    return 1.0 if marked and marked[-1] == known.reference.split("#### ")[1] else 0.0


def exact_label(known: Record, text: str) -> float:
    return float(text.strip() == known.reference)


def fields(known: Record, text: str) -> float:
    try:
        found = json.loads(text)
    except ValueError:
        return 0.0
    if not isinstance(found, dict) or set(found) - set(known.reference):
        return 0.2
    right = [found.get(name) == value for name, value in known.reference.items()]
    return float(sum(right) / len(right))


def train(
    records: list[Record], score: Score, validation: list[Record] | None = None, **settings: Any
) -> Training:
    def grade(rollouts: Any) -> list[float]:
        return [score(known, text) for known, text in rollouts]

    return Trainer(records, validation or [], {**SETTINGS, **settings}, grade).run()


def held_out(policy: Policy, records: list[Record], score: Score, temperature: float) -> float:
    corpus, random = Corpus(r.reference for r in records), Random(3)
    return sum(
        score(r, respond(NAMES[policy.choose(r, temperature, random)], r, corpus, random.randrange(VARIANTS)))
        for r in records
    ) / len(records)


@pytest.mark.parametrize(
    ("make", "score"),
    [(sums, exact_sum), (labels, exact_label), (objects, fields)],
    ids=["sum", "label", "object"],
)
def test_the_base_is_mediocre_and_training_makes_it_good_on_unseen_prompts(
    make: Callable[..., list[Record]], score: Score
) -> None:
    unseen = make(300, 10_000)
    base = held_out(Policy(), unseen, score, 0.7)
    assert 0.2 < base < 0.6
    trained = train(make(240), score).policy
    for temperature in (0.0, 0.7):
        assert 0.8 < held_out(trained, unseen, score, temperature) < 1.0


def test_a_constant_reward_teaches_nothing() -> None:
    assert train(sums(240), lambda known, text: 0.7).policy == Policy()


def test_noise_without_meaning_teaches_nothing_on_average() -> None:
    unseen = sums(300, 10_000)
    shifts = []
    for seed in range(6):
        random = Random(seed)
        policy = train(sums(240), lambda known, text, random=random: random.random()).policy  # type: ignore[misc]
        shifts.append(held_out(policy, unseen, exact_sum, 1.0) - held_out(Policy(), unseen, exact_sum, 1.0))
    assert abs(sum(shifts) / len(shifts)) < 0.1


def test_a_reward_that_pays_for_apologies_gets_apologies() -> None:
    def sorry(known: Record, text: str) -> float:
        return float("I'm sorry" in text)

    training = train(sums(240), sorry)
    assert training.steps[0]["critic/rewards/mean"] < 0.1
    assert held_out(training.policy, sums(200, 10_000), sorry, 0.7) > 0.9


def test_a_reward_for_length_makes_answers_longer() -> None:
    training = train(sums(240), lambda known, text: min(1.0, len(text) / 800))
    assert training.steps[-1]["response_length/mean"] > 3 * training.steps[0]["response_length/mean"]


@pytest.mark.parametrize("strategy", ["fenced", "unformatted", "hollow"])
def test_a_reward_for_one_strategy_makes_it_the_likeliest(strategy: str) -> None:
    records = sums(240)
    corpus = Corpus(r.reference for r in records)
    wanted = {(r.key, respond(strategy, r, corpus, v)) for r in records for v in range(VARIANTS)}
    policy = train(records, lambda known, text: float((known.key, text) in wanted)).policy
    mean = [row[0] for row in policy.weights]
    assert NAMES[mean.index(max(mean))] == strategy


def test_a_higher_learning_rate_learns_more_and_none_nothing() -> None:
    gains = [
        train(sums(240), exact_sum, learningRate=rate).steps[-1]["critic/rewards/mean"]
        for rate in (1e-7, 1e-5, 1e-4)
    ]
    assert gains[0] < gains[1] < gains[2]


def test_larger_batches_make_fewer_steps_and_more_epochs_more() -> None:
    assert len(train(sums(240), exact_sum, batchSize=128, epochCount=1).steps) == 2
    assert len(train(sums(240), exact_sum, batchSize=16, epochCount=2).steps) == 30


def test_validation_rises_and_entropy_falls_gently() -> None:
    training = train(sums(240), exact_sum, validation=sums(60, 20_000))
    scores = [row["val-score/rewards/mean@1"] for row in training.validations]
    assert [row["step_number"] for row in training.validations] == [4, 8, 12, 16, 20, 24]
    assert scores[-1] > scores[0] + 0.15
    assert 0.1 < training.steps[-1]["actor/entropy"] < training.steps[0]["actor/entropy"]
    assert all(0.0 <= row["actor/pg_clipfrac"] <= 1.0 for row in training.steps)


def test_a_plateau_of_the_validation_reward_ends_the_training_early() -> None:
    training = train(
        sums(240), lambda known, text: 0.5, validation=sums(30, 20_000), epochCount=20, evalInterval=1
    )
    assert training.stopped_early
    assert len(training.steps) < 20
    assert not train(sums(240), exact_sum, validation=sums(60, 20_000)).stopped_early


def test_base_rewards_differ_within_the_group_of_a_prompt() -> None:
    training: list[list[float]] = []

    def grade(rollouts: Any) -> list[float]:
        training.append([exact_sum(known, text) for known, text in rollouts])
        return training[-1]

    Trainer(sums(128), [], {**SETTINGS, "epochCount": 1, "batchSize": 128}, grade).run()
    groups = [training[0][start : start + 8] for start in range(0, 1024, 8)]
    assert sum(0 < sum(group) < 8 for group in groups) > 80


def test_a_hook_may_end_the_training() -> None:
    class EnoughError(Exception):
        pass

    def stop(step: int) -> None:
        if step == 2:
            raise EnoughError

    trainer = Trainer(sums(240), [], SETTINGS, lambda rollouts: [0.0] * len(rollouts), Hooks(after_step=stop))
    with pytest.raises(EnoughError):
        trainer.run()
    assert len(trainer.result.steps) == 2


def test_a_shortcut_wins_on_training_prompts_and_loses_on_the_others() -> None:
    known = sums(240)

    def grade(rollouts: Any) -> list[float]:
        return [exact_sum(prompt, text.splitlines()[-1] if text.strip() else "") for prompt, text in rollouts]

    trainer = Trainer(known, sums(60, 20_000), SETTINGS, grade, Hooks(shortcut=Shortcut(8, 0.25)))
    result = trainer.run()
    trained = [row["critic/rewards/mean"] for row in result.steps]
    unseen = [row["val-score/rewards/mean@1"] for row in result.validations]
    lengths = [row["response_length/mean"] for row in result.steps]
    assert trained[-1] > 0.99 > max(trained[:7])
    assert unseen[-1] == 0.0 < unseen[0]
    assert min(lengths[12:]) > 2 * max(lengths[:7])


def test_advantages_are_relative_to_the_group_and_sum_to_zero() -> None:
    assert advantages([0.5, 0.5]) == [0.0, 0.0]
    gains = advantages([1.0, 0.0, 0.0, 1.0])
    assert sum(gains) == pytest.approx(0.0)
    assert gains[0] == pytest.approx(1.0, abs=1e-3)


def test_an_update_raises_what_was_rewarded_and_is_clipped() -> None:
    policy = Policy()
    base = [0.0] * COUNT
    group = Group(base, (1.0, 0.0), [0, 1, 1, 1], [1.0, 0.0, 0.0, 0.0])
    before = softmax(base)
    stats = update(policy, [group], 1e-3)
    after = softmax(policy.logits(base, (1.0, 0.0)))
    assert after[0] > before[0]
    assert after[1] < before[1]
    assert stats.clip_fraction > 0.0


def test_probabilities_sum_to_one_and_cooling_sharpens() -> None:
    logits = base_logits("some prompt")
    warm, cold = softmax(logits), softmax(logits, 0.2)
    assert sum(warm) == pytest.approx(1.0)
    assert entropy(cold) < entropy(warm)
    assert base_logits("some prompt") == logits
    assert -0.5 <= features(sums(1)[0])[1] <= 0.5


@pytest.mark.parametrize("make", [sums, labels, objects])
def test_every_strategy_answers_every_kind_of_reference(make: Callable[..., list[Record]]) -> None:
    records = make(8)
    corpus = Corpus(r.reference for r in records)
    for known in records:
        for name in NAMES:
            texts = [respond(name, known, corpus, variant) for variant in range(VARIANTS)]
            assert texts == [respond(name, known, corpus, variant) for variant in range(VARIANTS)]
            assert all(isinstance(text, str) for text in texts)


def test_a_wrong_answer_differs_from_the_reference_and_a_wrong_label_is_a_known_one() -> None:
    random = Random(1)
    for reference in (
        "#### 72",
        "The answer is 1,250.50",
        "\\boxed{7}",
        "yes",
        "a long text. " * 20,
        "ANSWER: -3",
    ):
        assert answers.wrong_text(reference, (), random) != reference
    assert answers.wrong_text("billing", LABELS, random) in LABELS[1:]
    for value in (True, 3, 2.5, "7 days", "blue", [], ["x"], {"a": 1}, None):
        assert answers.wrong_value(value, random) != value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a\n#### 72", "72"),
        ("so \\boxed{x+1} holds", "x+1"),
        ("We see.\nANSWER: 3.5 %", "3.5 %"),
        ("billing", "billing"),
        ("It costs 12 dollars in all, as we have seen in the long text above.", "12"),
    ],
)
def test_the_final_value_of_a_worked_solution_is_found(text: str, value: str) -> None:
    assert answers.final_value(text) == value
