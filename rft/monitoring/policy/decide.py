"""What to do with a running job: a pure function of its points, what the engine can do, and limits.

Deciding is not doing: `enforced` says whether the watch loop stops the job or only tells people how to.
"""

from collections.abc import Iterable, Iterator, Sequence
from statistics import fmean

from rft.engines.base import Capabilities
from rft.monitoring.policy.detectors import findings
from rft.monitoring.policy.model import GRAVITY, Action, Decision, Limits, Reason
from rft.monitoring.policy.plateau import PLATEAU
from rft.monitoring.policy.series import View
from rft.monitoring.trace import Point


def decide(points: Sequence[Point], capabilities: Capabilities, limits: Limits) -> Decision:
    """Decide after the last of the points, which are in order of their steps.

    Budget, deadline or a broken reward abort alone. Harm aborts when findings of two families agree; one alone warns,
    or asks for the best checkpoint where the engine keeps some. A plateau never aborts.
    """
    if not points:
        return Decision("continue")
    view = View(points)
    return judge(points[-1].step, findings(view, limits), best_step(view), capabilities)


def judge(
    step: int, reasons: tuple[Reason, ...], checkpoint: int | None, capabilities: Capabilities
) -> Decision:
    """The decision that findings after a step amount to."""
    if not reasons:
        return Decision("continue", step)
    action = _action(reasons, can_keep=capabilities.checkpoints)
    return Decision(
        action,
        step,
        reasons,
        enforced=action == "abort" and _aborts([reason for reason in reasons if reason.enforced]),
        checkpoint_step=checkpoint if capabilities.checkpoints else None,
    )


def _aborts(reasons: Iterable[Reason]) -> bool:
    found = list(reasons)
    harmed = {reason.family for reason in found if reason.weight == "harm"}
    return len(harmed) > 1 or any(reason.weight == "sufficient" for reason in found)


def _action(reasons: Sequence[Reason], *, can_keep: bool) -> Action:
    if _aborts(reasons):
        return "abort"
    worth_keeping = any(reason.weight == "harm" or reason.detector == PLATEAU for reason in reasons)
    return "take_checkpoint" if can_keep and worth_keeping else "warn"


def best_step(view: View) -> int | None:
    """The step in the middle of the three best neighbouring validation rewards; None without validation."""
    series = view.series("validation_reward")
    if not series.values:
        return None
    means = [fmean(series.values[max(0, at - 1) : at + 2]) for at in range(len(series))]
    return series.steps[means.index(max(means))]


def looks(points: Sequence[Point], capabilities: Capabilities, limits: Limits) -> Iterator[Decision]:
    """The decision after every step, as the workflow would have made it."""
    for count in range(1, len(points) + 1):
        yield decide(points[:count], capabilities, limits)


def replay(points: Sequence[Point], capabilities: Capabilities, limits: Limits) -> Decision:
    """The first abort, or else the gravest decision, at the first step that led to it."""
    gravest = Decision("continue", points[-1].step if points else None)
    for decision in looks(points, capabilities, limits):
        if decision.action == "abort":
            return decision
        if GRAVITY[decision.action] > GRAVITY[gravest.action]:
            gravest = decision
    return gravest
