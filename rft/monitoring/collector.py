"""Points of a job's curves from the reward function's log, for engines that publish none while they train.

The reward function sees every rollout, but nobody tells it where a step ends. A step is inferred to be over when as
many training rollouts were seen as a step has; validation rollouts belong to the last step with any. Batches
that Lambda was sent twice count twice, which shifts a border by little.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import ceil

from pydantic import BaseModel

from rft.catalogue import CHARACTERS_PER_TOKEN
from rft.monitoring.curve import Batch
from rft.monitoring.histogram import BINS, share_below
from rft.monitoring.trace import Point
from rft.names import TRAIN, VALIDATION


class Sums(BaseModel):
    """Totals over the rollouts of one split in one step.

    `signal` counts samples with a known zero-signal share, `compared` those with a known share of distinct answers,
    `component_samples` those of batches that have the component; `counts` is a histogram of the rewards.
    """

    samples: int = 0
    errors: int = 0
    reward: float = 0.0
    characters: float = 0.0
    signal: int = 0
    zero_signal: float = 0.0
    compared: int = 0
    distinct: float = 0.0
    components: dict[str, float] = {}
    component_samples: dict[str, int] = {}
    counts: list[int] = [0] * BINS

    def add(self, batch: Batch, components: Mapping[str, float]) -> None:
        """Count a batch."""
        self.samples += batch.samples
        self.errors += batch.errors
        self.reward += batch.reward_mean * batch.samples
        self.characters += batch.characters_mean * batch.samples
        if batch.zero_signal_share is not None:
            self.signal += batch.samples
            self.zero_signal += batch.zero_signal_share * batch.samples
        if batch.distinct_share is not None:
            self.compared += batch.samples
            self.distinct += batch.distinct_share * batch.samples
        for name, mean in components.items():
            self._add_component(name, mean * batch.samples, batch.samples)
        self._add_counts(batch.reward_counts)

    def merge(self, other: "Sums") -> None:
        """Count other totals as part of these."""
        for name in set(Sums.model_fields) - {"components", "component_samples", "counts"}:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name, total in other.components.items():
            self._add_component(name, total, other.component_samples[name])
        self._add_counts(other.counts)

    def _add_component(self, name: str, total: float, samples: int) -> None:
        self.components[name] = self.components.get(name, 0.0) + total
        self.component_samples[name] = self.component_samples.get(name, 0) + samples

    def _add_counts(self, more: Sequence[int]) -> None:
        if more:
            self.counts = [here + there for here, there in zip(self.counts, more, strict=True)]


class Step(BaseModel):
    """One inferred step; `last_ms` is the time of its last batch."""

    train: Sums = Sums()
    validation: Sums = Sums()
    last_ms: int = 0

    def merge(self, other: "Step") -> None:
        """Count a later step as part of this one."""
        self.train.merge(other.train)
        self.validation.merge(other.validation)
        self.last_ms = max(self.last_ms, other.last_ms)


class Collected(BaseModel):
    """What was read so far: sums by step, and the events that lie in the window that is read again."""

    steps: dict[int, Step] = {}
    rollouts: int = 0
    validation_rollouts: int = 0
    until_ms: int = 0
    recent: dict[str, int] = {}  # event id -> time


class Shape(BaseModel):
    """What one step of a job is made of, when it began, prices and the base model's mean reward; None is unknown."""

    rollouts_a_step: int
    total_steps: int
    launched_ms: int
    prompt_tokens: float
    usd_per_rollout: float | None = None
    usd_per_hour: float | None = None
    base_reward: float | None = None

    def cost(self, rollouts: int, seconds: float) -> float | None:
        """USD of so many rollouts, else of so much time, by the price that is known."""
        if self.usd_per_rollout is not None:
            return rollouts * self.usd_per_rollout
        return None if self.usd_per_hour is None else seconds / 3600 * self.usd_per_hour


def steps_of(*, train: int, batch: int, samples: int, epochs: int) -> dict[str, int]:
    """Members of a shape: a job over `train` prompts, `batch` of them a step, `samples` answers each."""
    return {
        "rollouts_a_step": min(batch, train) * samples,
        "total_steps": max(1, ceil(train / batch)) * epochs,
    }


def collect(
    found: Collected, batches: Iterable[tuple[str, Batch, Mapping[str, float]]], job: Shape, overlap_ms: int
) -> Collected:
    """Add batches (event id, batch, component means) in the order of time; those seen before are left out.

    Args:
        overlap_ms: how long an event may arrive late; events of that window are remembered.
    """
    result = found.model_copy(deep=True)
    for identity, batch, components in batches:
        if identity in result.recent:
            continue
        result.recent[identity] = batch.timestamp_ms
        result.until_ms = max(result.until_ms, batch.timestamp_ms)
        begun = result.rollouts // job.rollouts_a_step + 1
        step = result.steps.setdefault(
            _validated(result, job) if batch.split == VALIDATION else begun, Step()
        )
        step.last_ms = max(step.last_ms, batch.timestamp_ms)
        if batch.split == VALIDATION:
            step.validation.add(batch, components)
            result.validation_rollouts += batch.samples
        elif batch.split == TRAIN:
            step.train.add(batch, components)
            result.rollouts += batch.samples
    oldest = result.until_ms - overlap_ms
    result.recent = {identity: at for identity, at in result.recent.items() if at >= oldest}
    return result


def _validated(found: Collected, job: Shape) -> int:
    """The step that validation rollouts are about: the last one that has training rollouts."""
    return max(1, ceil(found.rollouts / job.rollouts_a_step))


def points(found: Collected, job: Shape) -> Iterator[Point]:
    """The curve so far, a point a step that has any training rollouts; the last one may be of an unfinished step."""
    rollouts, characters = 0, 0.0
    for number, step in sorted(found.steps.items()):
        rollouts += step.train.samples + step.validation.samples
        characters += step.train.characters + step.validation.characters
        if step.train.samples:
            yield _point(number, step, job, rollouts, characters)


def _point(number: int, step: Step, job: Shape, rollouts: int, characters: float) -> Point:
    train, validation = step.train, step.validation
    seconds = max(0.0, (step.last_ms - job.launched_ms) / 1000)
    return Point(
        step=number,
        total_steps=max(job.total_steps, number),
        train_reward=train.reward / train.samples,
        validation_reward=validation.reward / validation.samples if validation.samples else None,
        episode_length=train.characters / train.samples / CHARACTERS_PER_TOKEN,
        zero_signal_share=train.zero_signal / train.signal if train.signal else None,
        answer_diversity=train.distinct / train.compared if train.compared else None,
        reward_error_rate=train.errors / train.samples,
        low_reward_share=None if job.base_reward is None else share_below(train.counts, job.base_reward),
        components={
            name: total / train.component_samples[name] for name, total in sorted(train.components.items())
        },
        tokens=rollouts * job.prompt_tokens + characters / CHARACTERS_PER_TOKEN,
        cost_usd=job.cost(rollouts, seconds),
        seconds=seconds,
        inferred=True,
    )
