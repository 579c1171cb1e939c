"""`python -m rehearsal.long_job`: a job of seven simulated days, and how many events its histories have."""

from typing import Annotated, Any, Final

import typer

from rehearsal.histories import LIMIT, histories
from rehearsal.runner import play
from rehearsal.scenario import Scenario
from rehearsal.stage import attached, deployed
from rehearsal.toolchain import find
from rft.catalogue import MAX_JOB_SECONDS
from rft.cli import console, project
from rft.cli.follow import SilentDisplay
from rft.cli.submit_command import files_of
from rft.names import UseCaseNames
from rft.runs.record import Status
from rft.settings import RunSettings

STEPS: Final = 180  # of the shipped sample in 12 epochs
REAL_SECONDS_A_STEP: Final = 2.0  # the simulated Bedrock's longest wait
WATCH_SECONDS: Final = 1800
SCALE: Final = STEPS * REAL_SECONDS_A_STEP / MAX_JOB_SECONDS


def slow(settings: RunSettings) -> RunSettings:
    """Twelve epochs, watched every half an hour."""
    case = settings.use_case
    parameters = case.hyperparameters.model_copy(update={"epochCount": 12})
    workflow = settings.workflow.model_copy(update={"watch_interval_seconds": WATCH_SECONDS})
    return settings.model_copy(
        update={"use_case": case.model_copy(update={"hyperparameters": parameters}), "workflow": workflow}
    )


SCENARIO: Final = Scenario(
    "long-job",
    "The job takes seven days of a clock that is scaled.",
    Status.SUCCEEDED,
    {"slow_job": {"seconds_per_step": MAX_JOB_SECONDS / STEPS}},
    settings=slow,
)


def main(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")] = "gsm8k",
    as_json: console.AsJson = False,
) -> None:
    """Rehearse a job of seven days and print the events of every history."""
    _, home = project.use_case(use_case)
    tools = find(project.root())
    with (
        deployed(tools, [use_case], lint=False, tell=lambda _: None, wait_scale=SCALE) as stage,
        attached(stage.local),
    ):
        played = play(stage, use_case, files_of(home / "sample"), SCENARIO, shown=SilentDisplay())
        record = played.followed.record
        if record is None or record.job is None or played.problems:
            raise console.Finding(f"the run ended as {played.status}: {'; '.join(played.problems)}")
        found = list(histories(record, UseCaseNames(stage.names.environment, use_case)))
    told: dict[str, Any] = {
        "simulated days of training": MAX_JOB_SECONDS / 86_400,
        "watch interval, s": WATCH_SECONDS,
        "events": [{"machine": one.machine, "events": one.events} for one in found],
        "most events": max(one.events for one in found),
        "limit": LIMIT,
    }
    if as_json:
        console.print_json(told)
        return
    for key, value in told.items():
        console.stdout.print(f"{key:<28} {value}", soft_wrap=True)


if __name__ == "__main__":
    typer.run(main)
