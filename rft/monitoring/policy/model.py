"""What the stop policy says, and what it is told to tolerate."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from rft.watch_settings import Watch

Action = Literal["continue", "warn", "take_checkpoint", "abort"]
GRAVITY: Final[Mapping[str, int]] = {"continue": 0, "warn": 1, "take_checkpoint": 2, "abort": 3}

TRAINING: Final = "training"  # the family of the training reward
VALIDATION: Final = "validation"  # the family of the validation reward
Weight = Literal["sufficient", "harm", "notice"]


@dataclass(frozen=True, slots=True)
class Reason:
    """One detector's finding.

    `family` is the quantity that moved: only findings of different families agree. `weight` says what the finding is
    good for: `sufficient` aborts alone, `harm` with a second one of another family, `notice` never. `lasting` is false
    for a fall that may still be a dip, which both rewards share where a part of the data is hard.
    """

    detector: str
    statistic: float
    threshold: float
    words: str
    source: str
    family: str
    weight: Weight
    evidence: Mapping[str, float] = field(default_factory=dict)
    enforced: bool = False
    lasting: bool = True

    def document(self) -> dict[str, object]:
        """JSON, as replays print it."""
        return {
            "detector": self.detector,
            "statistic": round(self.statistic, 6),
            "threshold": round(self.threshold, 6),
            "evidence": {name: round(value, 6) for name, value in self.evidence.items()},
            "source": self.source,
            "words": self.words,
            "enforced": self.enforced,
        }

    def with_mode(self, enforced: frozenset[str]) -> "Reason":
        return replace(self, enforced=self.detector in enforced)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do after `step`, None before the first one, and why; `checkpoint_step` has the best validation reward.

    `enforced` says that the reasons suffice for an abort by those alone whose mode is enforced.
    """

    action: Action
    step: int | None = None
    reasons: tuple[Reason, ...] = ()
    enforced: bool = False
    checkpoint_step: int | None = None

    def document(self) -> dict[str, object]:
        """JSON, as replays print it."""
        return {
            "decision": self.action,
            "step": self.step,
            "reasons": [reason.document() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class Limits:
    """What is tolerated; None means no limit.

    Args:
        max_reward_error_rate: share of rollouts in [0, 1] that the reward may fail on.
        error_points: latest points whose median error rate counts, at least 1; 1 for a point that holds totals.
        budget_usd: USD that the job may cost.
        deadline_seconds: seconds that the job may take.
        elapsed_seconds: seconds since the job's begin at the moment of looking; None takes the last point's.
        enforced: names of the detectors that may stop a job; the others only advise.
    """

    max_reward_error_rate: float = 0.2
    error_points: int = 5
    budget_usd: float | None = None
    deadline_seconds: float | None = None
    elapsed_seconds: float | None = None
    enforced: frozenset[str] = frozenset()

    @classmethod
    def of(
        cls,
        watch: Watch,
        budget_usd: float,
        *,
        elapsed_seconds: float | None = None,
        error_points: int = 5,
    ) -> "Limits":
        """The limits of a use case's settings."""
        hours = watch.max_hours
        return cls(
            max_reward_error_rate=watch.max_reward_error_share,
            error_points=error_points,
            budget_usd=budget_usd,
            deadline_seconds=None if hours is None else hours * 3600,
            elapsed_seconds=elapsed_seconds,
            enforced=frozenset(watch.enforced),
        )
