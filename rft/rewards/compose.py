"""Ways to make one score out of several.

A part is a number in [0, 1] (others are clamped) or a `Score`. When a part cannot be judged, its block raises
and the whole sample is an error, which the batch counts and floors; NaN and infinity do the same. Wrap a part
in `optional` to go on without it. Every form here keeps the parts as components under their own names, so that
the metrics show which of them moves; components of the parts themselves are dropped, except failures.

Failure modes of composing: a weighted mean pays for each part alone, so a weight is what the part's cheapest
hack earns; a product of many parts is near 0 everywhere and gives little signal; every `optional` part makes
the same answer worth different scores on different days.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rft.rewards.contract import MissingReferenceError, Score

FAILED: Final = "_failed"  # `<part>_failed` is 1 where an optional part failed and 0 where it did not


class NoPartLeftError(ValueError):
    """Every part was optional and failed: there is nothing to make a score of."""


@dataclass(frozen=True, slots=True)
class OptionalPart:
    """What `optional` returns: the part's score, or None and the class of the error that it ended in."""

    score: Score | None
    error: str = ""


Part = float | Score | OptionalPart


def optional(part: Callable[[], float | Score]) -> OptionalPart:
    """Evaluate a part that the score can do without: `judged=(0.3, optional(lambda: judge(sample)))`.

    When it raises or is not a finite number, `weighted` gives its weight to the other parts and the other forms
    leave it out; the component `<name>_failed` is then 1. Meant for what fails by accident (a judge, a network).

    Raises:
        MissingReferenceError: as the part does; what a record lacks, it lacks every time.
    """
    try:
        score = _score(part())
    except MissingReferenceError:
        raise
    except Exception as error:  # noqa: BLE001 whatever a part raises is what it is optional for
        return OptionalPart(None, type(error).__name__)
    if math.isnan(score.value):
        return OptionalPart(None, "NotANumber")
    return OptionalPart(score)


def weighted(**parts: tuple[float, Part]) -> Score:
    """Return the weighted mean of named parts, each `name=(weight, score)`; weights need not add up to 1.

    Raises:
        ValueError: when no weight is positive or one is negative.
        NoPartLeftError: when all parts with a weight were optional and failed.
    """
    weights = [weight for weight, _ in parts.values()]
    if not 0 < sum(weights) < math.inf or min(weights) < 0:
        raise ValueError("weights must be 0 or more, and at least one of them above 0")
    known, components, reasons = _parts({name: part for name, (_, part) in parts.items()})
    total = earned = 0.0
    for name, value in known.items():
        weight = parts[name][0]
        total += weight
        earned += weight * value
    if not total:
        raise NoPartLeftError("every part with a weight failed; make at least one of them not optional")
    return Score(_unit(earned / total), components, reasons)


def minimum(**parts: Part) -> Score:
    """Return the lowest of named parts: as good as its worst side. Only that side gives signal.

    Raises:
        NoPartLeftError: when there is no part, or all were optional and failed.
    """
    known, components, reasons = _parts(parts)
    if not known:
        raise NoPartLeftError("no part to take the minimum of; name at least one that is not optional")
    return Score(
        math.nan if any(map(math.isnan, known.values())) else min(known.values()), components, reasons
    )


def product(**parts: Part) -> Score:
    """Return the product of named parts: every one of them counts and any zero is final.

    Raises:
        NoPartLeftError: when there is no part, or all were optional and failed.
    """
    known, components, reasons = _parts(parts)
    if not known:
        raise NoPartLeftError("no part to multiply; name at least one that is not optional")
    return Score(math.prod(known.values()), components, reasons)


def require(
    score: float | Score | Callable[[], float | Score], /, *, at_least: float = 1.0, **requirements: Part
) -> Score:
    """Return the score when every named requirement reaches `at_least`, else 0 and the names of those missed.

    The score's components stay, and the requirements join them. An optional requirement that failed is waived. A
    score given as a function, `lambda: judged(...)`, is asked for only when the requirements hold: what a rule
    refuses costs no judge.

    Raises:
        ValueError: when `at_least` is not in (0, 1].
    """
    if not 0 < at_least <= 1:
        raise ValueError("at_least must be above 0 and at most 1")
    known, components, reasons = _parts(requirements)
    missed = tuple(f"{name} is required" for name, value in known.items() if value < at_least)
    if callable(score):
        score = Score(0.0) if missed else score()
    whole = _score(score)
    value = 0.0 if missed else whole.value
    if any(map(math.isnan, (whole.value, *known.values()))):
        value = math.nan
    return Score(value, {**whole.components, **components}, (*whole.reasons, *reasons, *missed))


def penalised(score: float | Score, /, **penalties: tuple[float, Part]) -> Score:
    """Return the score less what its weaknesses cost, never below 0: each `name=(most, part)` takes
    `most * (1 - part)`, nothing from a part of 1.

    Raises:
        ValueError: when a `most` is below 0 or not a number.
    """
    if any(not most >= 0 or math.isinf(most) for most, _ in penalties.values()):
        raise ValueError("a penalty must be a number of 0 or more")
    whole = _score(score)
    known, components, reasons = _parts({name: part for name, (_, part) in penalties.items()})
    lost = sum(penalties[name][0] * (1.0 - value) for name, value in known.items())
    return Score(_unit(whole.value - lost), {**whole.components, **components}, (*whole.reasons, *reasons))


def clip(score: float | Score, low: float = 0.0, high: float = 1.0) -> Score:
    """Return the score held within `low` and `high`: an outlier then weighs no more than the bound.

    Raises:
        ValueError: unless 0 <= low < high <= 1.
    """
    if not 0 <= low < high <= 1:
        raise ValueError("low and high must be 0 <= low < high <= 1")
    whole = _score(score)
    held = whole.value if math.isnan(whole.value) else min(high, max(low, whole.value))
    return replace(whole, value=held)


def scale(score: float | Score, low: float, high: float) -> Score:
    """Return the score stretched in a straight line: `low` and less to 0, `high` and more to 1. It turns a part
    that only moves between, say, 0.6 and 0.8 into one with the same spread as the others.

    Raises:
        ValueError: unless 0 <= low < high <= 1.
    """
    held = clip(score, low, high)
    return replace(held, value=_unit((held.value - low) / (high - low)))


def _unit(value: float) -> float:
    # min and max would turn NaN and infinity into honest-looking rewards.
    return min(1.0, max(0.0, value)) if math.isfinite(value) else math.nan


def _score(part: float | Score) -> Score:
    score = part if isinstance(part, Score) else Score(float(part))
    if type(score.value) is float and 0.0 <= score.value <= 1.0:
        return score
    return replace(score, value=_unit(float(score.value)))


def _parts(parts: Mapping[str, Part]) -> tuple[dict[str, float], dict[str, float], tuple[str, ...]]:
    """Values of the parts that have one; components of all; their reasons."""
    known: dict[str, float] = {}
    components: dict[str, float] = {}
    reasons: tuple[str, ...] = ()
    for name, part in parts.items():
        if type(part) is float and 0.0 <= part <= 1.0:  # most parts, at a third of the time
            known[name] = components[name] = part
            continue
        score = part.score if isinstance(part, OptionalPart) else _score(part)
        if isinstance(part, OptionalPart):
            components[name + FAILED] = float(score is None)
            reasons += (f"{name} failed: {part.error}",) if score is None else ()
        if score is not None:
            known[name] = components[name] = score.value
            reasons += score.reasons
            for key, value in score.components.items():
                if key.endswith(FAILED):
                    components[key] = value
    return known, components, reasons
