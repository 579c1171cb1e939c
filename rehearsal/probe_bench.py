"""`python -m rehearsal.probe_bench`: the probe of a whole dataset in the local AWS, measured.

Prints prompts a second, peak memory of any single function, and events of the histories. The model is simulated and
answers at once, so the rate is that of the pipeline on this machine, and an upper bound of nothing on AWS.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rehearsal.histories import LIMIT, History, histories
from rehearsal.runner import play
from rehearsal.scenario import Scenario
from rehearsal.stage import attached, deployed
from rehearsal.toolchain import find
from rft.cli import console, project
from rft.cli.follow import SilentDisplay
from rft.cli.submit_command import files_of
from rft.names import UseCaseNames
from rft.runs.record import RunRecord, Status
from rft.settings import RunSettings

WHOLE: Final = 20_000
ANSWERS_A_CALL: Final = 100
FUNCTION_VARIABLE: Final = b"AWS_LAMBDA_FUNCTION_NAME="


def whole(settings: RunSettings) -> RunSettings:
    """Probe every prompt of the train file, and stop before anything is trained."""
    case = settings.use_case
    changed = case.model_copy(
        update={
            "probe": case.probe.model_copy(update={"prompts": WHOLE}),
            "evaluation": case.evaluation.model_copy(update={"batch_size": ANSWERS_A_CALL}),
            "dataset": case.dataset.model_copy(
                update={"split": case.dataset.split.model_copy(update={"validation": 0.0})}
            ),
        }
    )
    return settings.model_copy(update={"use_case": changed, "budget_usd_per_run": 0.01})


SCENARIO: Final = Scenario(
    "whole-probe",
    "Every prompt of the train file is probed; the budget then stops the run.",
    Status.FAILED,
    settings=whole,
    words=("OverBudget",),
    job=False,
)


def main(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")] = "gsm8k",
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with train.jsonl and test.jsonl.")
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Probe a whole dataset in the local AWS and print what it took."""
    _, home = project.use_case(use_case)
    files = files_of(data or home / "sample")
    with (
        deployed(find(project.root()), [use_case], lint=False, tell=lambda _: None) as stage,
        attached(stage.local),
    ):
        began = time.monotonic()
        played = play(stage, use_case, files, SCENARIO, shown=SilentDisplay())
        seconds = time.monotonic() - began
        record = played.followed.record
        if record is None or record.probe is None:
            raise console.Finding(f"the run ended as {played.status} before its probe was judged")
        memory = dict(sorted(_peaks(), key=lambda item: -item[1]))
        found = list(histories(record, UseCaseNames(stage.names.environment, use_case)))
    told = document(record, seconds, memory, found)
    if as_json:
        console.print_json(told)
        return
    for key, value in told.items():
        console.stdout.print(f"{key:<28} {value}", soft_wrap=True)


def document(
    record: RunRecord, seconds: float, memory: dict[str, float], found: list[History]
) -> dict[str, Any]:
    """The figures."""
    probe = record.probe
    assert probe is not None
    asked = next(one.seconds for one in found if one.machine == "evaluation")
    name, peak = next(iter(memory.items()), ("", 0.0))
    return {
        "prompts": probe.prompts,
        "answers": probe.samples,
        "verdict": probe.verdict,
        "mean reward": str(probe.mean),
        "seconds, upload to verdict": round(seconds, 1),
        "seconds, probe": round(asked, 1),
        "prompts a second": round(probe.prompts / asked, 1),
        "answers a second": round(probe.samples / asked, 1),
        "peak memory of a function": f"{peak:.0f} MB ({name})",
        **{f"events, {one.machine}": f"{one.events} of {LIMIT:,}" for one in found},
    }


def _peaks() -> Iterator[tuple[str, float]]:
    """Highest resident memory in MB of each running function, from the processes of the local AWS."""
    best: dict[str, float] = {}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            variables = (process / "environ").read_bytes().split(b"\0")
            status = (process / "status").read_text()
        except OSError:
            continue
        names = [item[len(FUNCTION_VARIABLE) :] for item in variables if item.startswith(FUNCTION_VARIABLE)]
        peak = next((line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")), "0")
        if names and int(process.name) != os.getpid():
            name = names[0].decode()
            best[name] = max(best.get(name, 0.0), int(peak) / 1024)
    yield from best.items()


if __name__ == "__main__":
    typer.run(main)
