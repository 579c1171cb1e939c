"""The stop policy's decision as the run record keeps it, and whether people know of it already."""

from rft.engines.base import Capabilities
from rft.monitoring.policy import Decision
from rft.runs.record import StopAdvice, StopReason, now


def advice_of(decision: Decision, before: StopAdvice | None, capabilities: Capabilities) -> StopAdvice:
    """The decision as advice; `before` is what the record has."""
    words = [reason.words for reason in decision.reasons]
    if decision.checkpoint_step is not None:
        words.append(f"the best validation reward is at step {decision.checkpoint_step}")
    if decision.action == "abort" and not capabilities.stop_keeps_model:
        words.append("stopping leaves no model and costs the tokens used so far")
    names = [reason.detector for reason in decision.reasons]
    return StopAdvice(
        at=now(),
        action=decision.action,
        step=decision.step,
        reason=", ".join(names),
        explanation="; ".join(words),
        enforced=decision.enforced,
        reasons=[StopReason.model_validate(reason.document()) for reason in decision.reasons],
        checkpoint_step=decision.checkpoint_step,
        told=sorted({*(before.told if before else ()), decision.action, *names}),
    )


def is_news(advice: StopAdvice, before: StopAdvice | None) -> bool:
    """Whether a finding, or what it amounts to, was not told before."""
    return before is None or bool(set(advice.told) - set(before.told))
