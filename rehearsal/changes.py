"""What scenarios change: the train file, the settings of a run, the reward in the middle of it."""

from collections.abc import Callable
from typing import Final

from rehearsal import rewards
from rehearsal.datasets import Lines
from rft.cli import project
from rft.names import UseCaseNames
from rft.runs.record import RunRecord
from rft.runs.store import RunStore
from rft.settings import Approvals, RunSettings
from rft.watch_settings import Mode, Reason

REDEPLOYED: Final = "rehearsal: another reward was deployed while the job ran"


def break_line(lines: Lines) -> Lines:
    """Cut the end off the tenth line."""
    return [
        line[: len(line) // 2].rstrip(b"\\") + b"\n" if index == 9 else line
        for index, line in enumerate(lines)
    ]


def asking(*, promotion: bool = False) -> Callable[[RunSettings], RunSettings]:
    """Settings under which every spending needs a second person's approval within the shortest time, an hour."""
    approvals = Approvals(spend_above_usd=0, promotion=promotion, timeout_hours=1, four_eyes=True)
    return lambda settings: settings.model_copy(update={"approvals": approvals})


def workflow(**changes: int) -> Callable[[RunSettings], RunSettings]:
    """Settings with other members of `workflow`."""
    return lambda settings: settings.model_copy(
        update={"workflow": settings.workflow.model_copy(update=changes)}
    )


def enforcing(*reasons: Reason) -> Callable[[RunSettings], RunSettings]:
    """Settings under which these findings stop a job, which is watched closely."""

    def change(settings: RunSettings) -> RunSettings:
        use_case = settings.use_case
        modes: dict[Reason, Mode] = {**use_case.watch.modes, **dict.fromkeys(reasons, "enforced")}
        watch = use_case.watch.model_copy(update={"modes": modes})
        changed = settings.model_copy(update={"use_case": use_case.model_copy(update={"watch": watch})})
        return workflow(watch_interval_seconds=60)(changed)

    return change


def tight(settings: RunSettings) -> RunSettings:
    """Settings with a budget of one and a half times the forecast of the shipped sample, watched closely."""
    return workflow(watch_interval_seconds=60)(settings).model_copy(update={"budget_usd_per_run": 18.0})


def poor(settings: RunSettings) -> RunSettings:
    """Settings with a budget of a cent."""
    return settings.model_copy(update={"budget_usd_per_run": 0.01})


def strict(settings: RunSettings) -> RunSettings:
    """Settings that call prompts too easy when six of ten are always solved."""
    probe = settings.use_case.probe.model_copy(update={"max_all_one_share": 0.6})
    return settings.model_copy(update={"use_case": settings.use_case.model_copy(update={"probe": probe})})


def redeploy_reward_once(store: RunStore, record: RunRecord) -> None:
    """While the job runs, deploy a reward that pays nothing."""
    if record.job is not None and record.job.status == "InProgress" and not record.notes:
        use_case = UseCaseNames(record.environment, record.use_case)
        rewards.redeploy(project.root(), use_case, rewards.NOTHING)
        store.note(record.run_id, REDEPLOYED)
