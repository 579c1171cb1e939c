"""The workflow's states grouped into the dozen phases that a person follows."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from rft.cli.execution import ExecutionView, StateView

FAILURE_PHASE: Final = "Compensate"
PHASES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Register the run": ("RegisterRun",),
        "Validate the dataset": ("ScanDataset", "ValidateDataset"),
        "Audit the reward": ("AuditReward",),
        "Probe the base model": ("ProbeBaseModel", "AssessProbe"),
        "Estimate the cost": ("EstimateCost", "ApproveSpend", "CheckSpendApproval"),
        "Take the training slot": ("AcquireTrainingSlot", "WaitForTrainingSlot"),
        "Train": ("LaunchTraining", "WatchJob", "ReleaseTrainingSlot"),
        "Deploy the candidate": ("DeployCandidate", "WaitForCandidate", "CheckCandidate"),
        "Evaluate base and candidate": ("Evaluate",),
        "Decide at the gate": ("Gate", "ApprovePromotion", "CheckPromotionApproval"),
        "Promote": ("Promote", "WaitForPromotion", "CheckPromotion"),
        "Observe": ("Observe",),
        "Clean up": ("CleanUp",),
        FAILURE_PHASE: ("Compensate",),
        "Record and notify": ("RecordRun", "Notify", "NotifyUnrecorded"),
    }
)


PhaseStatus = Literal["waiting", "running", "done", "failed", "skipped"]


@dataclass(frozen=True, slots=True)
class PhaseView:
    """One line of the checklist; `seconds` is the time spent in it so far."""

    title: str
    status: PhaseStatus
    seconds: float = 0.0
    retries: int = 0
    state: str = ""  # the state at work, where the phase has several
    error: str = ""


def phases_of(view: ExecutionView, now: datetime) -> list[PhaseView]:
    """The checklist of an execution; states that no phase names follow under their own names."""
    known = {name for names in PHASES.values() for name in names}
    groups = {
        title: [view.states[name] for name in names if name in view.states] for title, names in PHASES.items()
    }
    groups |= {name: [state] for name, state in view.states.items() if name not in known}
    phases = [_phase(title, states, now) for title, states in groups.items() if states]
    reached = [index for index, phase in enumerate(phases) if phase.status != "waiting"]
    last = reached[-1] if reached else -1
    placed = [_place(phase, index, last, view.is_over) for index, phase in enumerate(phases)]
    return [p for p in placed if p.title != FAILURE_PHASE or p.status not in ("waiting", "skipped")]


def _phase(title: str, states: list[StateView], now: datetime) -> PhaseView:
    status: PhaseStatus = "waiting"
    running = [state.name for state in states if state.status == "running"]
    failed = [state for state in states if state.status == "failed"]
    if running:
        status = "running"
    elif failed:
        status = "failed"
    elif any(state.visits for state in states):
        status = "done"
    return PhaseView(
        title,
        status,
        sum(state.elapsed(now) for state in states),
        sum(state.retries for state in states),
        running[0] if running and len(states) > 1 else "",
        failed[-1].error if failed else "",
    )


def _place(phase: PhaseView, index: int, last: int, is_over: bool) -> PhaseView:
    """What a phase's place among the others tells: passed over, or still at work between two of its states."""
    if phase.status == "waiting" and (index < last or is_over):
        return replace(phase, status="skipped")
    if phase.status == "done" and index == last and not is_over:
        return replace(phase, status="running")
    return phase
