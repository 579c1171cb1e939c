"""Policy entropy and the diversity of answers: a policy that stopped exploring, or one that ignores the reward."""

from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from rft.monitoring.policy.model import Limits, Reason
from rft.monitoring.policy.series import Series, View, noise, theil_sen

COLLAPSE: Final = "entropy_collapse"
DIVERSITY: Final = "diversity_collapse"
FLAT_HIGH: Final = "entropy_flat_high"
LEARNING_STOPPED: Final = "learning_stopped"
NEAR_ZERO: Final = 0.12  # nats
OF_START: Final = 0.25
NEARLY_ONE_ANSWER: Final = 0.1  # share of distinct answers
DIVERSE: Final = 0.3  # share of distinct answers at the start, below which nothing can collapse
START: Final = 5
COLLAPSE_POINTS: Final = 3
FLAT_POINTS: Final = 25
HIGH: Final = 0.9  # nats
CEILING: Final = 0.85
STOPPED_POINTS: Final = 5
_CUI: Final = "Cui et al. 2025, The entropy mechanism of reinforcement learning for reasoning language models"
_AWS: Final = "AWS, Best practices for reinforcement fine-tuning on Amazon Bedrock (2026-04-08)"


def entropy_collapse(view: View, limits: Limits) -> Reason | None:
    """Entropy near zero: the policy gives one answer.

    Statistic: median of the last 3 values in nats. Threshold: 0.12, and a quarter of the median of the first 5.
    Minimum evidence: 8 values. Source: Cui et al. 2025; AWS best practices, healthy 0.8 to 1.1.
    """
    found = _collapse(view, "policy_entropy", NEAR_ZERO)
    if found is None:
        return None
    return Reason(
        COLLAPSE,
        found.now,
        found.floor,
        f"the policy's entropy is {found.now:.3f} nats, and began at {found.start:.2f}",
        _CUI,
        "entropy",
        "harm",
        {"start": found.start, "now": found.now},
    )


def diversity_collapse(view: View, limits: Limits) -> Reason | None:
    """Nearly all answers to a prompt are the same, though they differed and the training reward is below 0.85.

    Statistic: median of the last 3 shares of distinct answers. Threshold: 0.1, and a quarter of the median of the first
    5, which must be 0.3 or more: short answers are equal from the start. Minimum evidence: 8 shares and 5 training
    rewards. Source: Cui et al. 2025, on entropy; that distinct answers stand for it is this project's choice.
    """
    train = view.series("train_reward").values
    found = _collapse(view, "answer_diversity", NEARLY_ONE_ANSWER)
    if found is None or found.start < DIVERSE or len(train) < STOPPED_POINTS:
        return None
    if fmean(train[-STOPPED_POINTS:]) >= CEILING:
        return None
    return Reason(
        DIVERSITY,
        found.now,
        found.floor,
        f"{found.now:.0%} of what could differ among a prompt's answers does, and {found.start:.0%} did at first",
        _CUI,
        "entropy",  # the same quantity seen from outside, so that the two never agree with each other
        "harm",
        {"start": found.start, "now": found.now},
    )


@dataclass(frozen=True, slots=True)
class _Collapse:
    """A series near zero: medians of its first and latest values, and what the latter lies below."""

    start: float
    now: float
    floor: float


def _collapse(view: View, name: str, near_zero: float) -> _Collapse | None:
    values = view.series(name).values
    if len(values) < START + COLLAPSE_POINTS:
        return None
    start, now = median(values[:START]), median(values[-COLLAPSE_POINTS:])
    floor = min(near_zero, OF_START * start)
    return _Collapse(start, now, floor) if now < floor else None


def learning_stopped(view: View, limits: Limits) -> Reason | None:
    """Since the entropy or the answers' diversity collapsed, the training reward has stopped rising below its ceiling.

    Statistic: mean of the last 5 training rewards minus the mean of the 5 before the entropy (or the diversity) fell
    below half its start. Threshold: the noise of such a difference, at least 0.01; only below 0.85 of reward and with
    at least 5 rewards since. Minimum evidence: a collapse, 10 rewards. Source: Cui et al. 2025, reward is bought with
    entropy.
    """
    if entropy_collapse(view, limits) is not None:
        found = _stopped_since(view, view.series("policy_entropy"), "entropy")
        if found is not None:
            return found
    if diversity_collapse(view, limits) is not None:
        return _stopped_since(view, view.series("answer_diversity"), "diversity of the answers")
    return None


def _stopped_since(view: View, fallen: Series, told: str) -> Reason | None:
    """The training reward's stop since a series fell below half its start."""
    train, half = view.series("train_reward"), median(fallen.values[:START]) / 2
    known = zip(fallen.steps, fallen.values, strict=True)
    last_high = max((step for step, value in known if value >= half), default=None)
    if last_high is None:
        return None
    before = train.upto(last_high)[-STOPPED_POINTS:]
    since = len(train) - len(train.upto(last_high))
    if len(before) < STOPPED_POINTS or since < STOPPED_POINTS:
        return None
    now = fmean(train.values[-STOPPED_POINTS:])
    gain = now - fmean(before)
    allowed = max(0.01, 0.63 * noise(train.values, 0.005))  # sqrt(2 / 5) sigmas
    if now >= CEILING or gain > allowed:
        return None
    return Reason(
        LEARNING_STOPPED,
        gain,
        allowed,
        f"since the {told} fell at step {last_high}, the training reward changed by {gain:+.3f} and is {now:.3f}",
        _CUI,
        "training",
        "harm",
        {"gain": gain, "now": now, "since_step": last_high},
    )


def entropy_flat_high(view: View, limits: Limits) -> Reason | None:
    """Entropy flat and high while the reward does not rise: the policy ignores the reward.

    Statistic: median of the last 25 entropies over the median of the first 5. Threshold: 0.95, at 0.9 nats or more and
    with a training reward that gained less than two sigmas or 0.03. Minimum evidence: 25 values of each.
    Source: AWS best practices, "flat and high".
    """
    entropy, train = view.series("policy_entropy").values, view.series("train_reward").values
    if len(entropy) < FLAT_POINTS or len(train) < FLAT_POINTS:
        return None
    start, now = median(entropy[:START]), median(entropy[-FLAT_POINTS:])
    if start <= 0 or now < max(HIGH, 0.95 * start):
        return None
    gain = theil_sen(train[-FLAT_POINTS:]) * FLAT_POINTS
    if gain > max(0.03, 2 * noise(train, 0.005)) or fmean(train[-STOPPED_POINTS:]) >= CEILING:
        return None
    return Reason(
        FLAT_HIGH,
        now / start,
        0.95,
        f"the policy's entropy stays at {now:.2f} nats and the reward does not rise",
        _AWS,
        "entropy",
        "notice",
        {"start": start, "now": now, "reward_gain": gain},
    )
