"""`python -m rehearsal`, which `rft rehearse` runs: the whole pipeline on this machine, without an AWS account."""

import signal
import tempfile
import time
import types
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from rehearsal import evidence, screen
from rehearsal.background import BackgroundError
from rehearsal.localaws.cloud import LocalAwsError
from rehearsal.localaws.deploy import DeployError
from rehearsal.production import NoLogsError, logged_dataset
from rehearsal.runner import NoRunError, Played, play
from rehearsal.scenario import Scenario
from rehearsal.scenarios import DEFAULT, SCENARIOS
from rehearsal.stage import Stage, attached, deployed
from rehearsal.toolchain import SetUpError, find
from rft.catalogue import BaseModel
from rft.cli import console, project
from rft.cli.follow import display
from rft.cli.submit_command import files_of
from rft.errors import RftError

Failures = (BackgroundError, LocalAwsError, DeployError, NoLogsError, NoRunError)

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def rehearse(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")] = "gsm8k",
    data: Annotated[
        Path | None, typer.Option(help="Dataset folder; the use case's sample by default.")
    ] = None,
    scenario: Annotated[str, typer.Option(help="What goes wrong; see --list-scenarios.")] = DEFAULT,
    all_scenarios: Annotated[
        bool, typer.Option("--all-scenarios", help="Play every scenario on one stage.")
    ] = False,
    list_scenarios: Annotated[
        bool, typer.Option("--list-scenarios", help="Print the scenarios and stop.")
    ] = False,
    from_logs: Annotated[
        bool, typer.Option("--from-logs", help="Train on what Bedrock logged of production's questions.")
    ] = False,
    lint: Annotated[
        bool, typer.Option(help="Check templates, state machines and security rules first.")
    ] = True,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the local AWS running until Ctrl-C.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder for the evidence; out/rehearsals by default.")
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Save the last screen as an SVG file.")] = None,
    as_json: console.AsJson = False,
) -> None:
    """Deploy the app into a local AWS with a SIMULATED model, upload a dataset, follow the run to its end."""
    if list_scenarios:
        screen.list_scenarios(console.stdout, as_json)
        return
    settings, home = project.use_case(use_case)
    wanted = _scenarios(None if all_scenarios else scenario, settings.model)
    files = files_of(data or home / "sample")
    folder = evidence.new_folder(out or project.root() / "out" / "rehearsals", settings.name)
    started = time.monotonic()
    tools = find(project.root())
    log_path = folder / evidence.LOG
    told = Console(stderr=True, highlight=False) if as_json else console.stdout
    with (
        screen.Steps(told, quiet=as_json) as steps,
        deployed(tools, [use_case], log_path=log_path, lint=lint, tell=steps.tell) as stage,
    ):
        with tempfile.TemporaryDirectory(prefix="rehearsal-logs-") as scratch, attached(stage.local):
            if from_logs:
                model = settings.base_model.removesuffix(":256k")
                files = logged_dataset(stage, use_case, model, files, Path(scratch), steps.tell)
            steps.stop()
            results = [
                _play_one(stage, use_case, files, one, folder, as_json, several=len(wanted) > 1)
                for one in wanted
            ]
        screen.summary(told, stage, results, folder, time.monotonic() - started, as_json=as_json)
        if picture is not None:
            screen.picture(picture, stage, results[-1], folder, time.monotonic() - started)
        if keep:
            screen.wait(told, stage)
    if any(played.problems for played in results):
        raise typer.Exit(console.EXIT_FINDING)


def _play_one(
    stage: Stage,
    use_case: str,
    files: dict[str, Path],
    one: Scenario,
    folder: Path,
    as_json: bool,
    *,
    several: bool,
) -> Played:
    place = folder / one.name if several else folder
    place.mkdir(exist_ok=True)
    with display(console.stdout, silent=as_json) as shown:
        played = play(
            stage,
            use_case,
            files,
            one,
            shown=shown,
            expected=evidence.expected_seconds(folder.parent, use_case),
        )
    evidence.write(place, stage, played)
    return played


def _scenarios(name: str | None, model: BaseModel) -> list[Scenario]:
    """The scenario of a name, or all that can happen to a model."""
    if name is None:
        return [one for one in SCENARIOS.values() if one.suits(model)]
    if name not in SCENARIOS:
        raise console.UsageProblem(f"--scenario {name}: unknown; allowed: {', '.join(SCENARIOS)}")
    if not SCENARIOS[name].suits(model):
        raise console.UsageProblem(
            f"--scenario {name}: cannot happen to the engine {model.engine!r} of {model.model_id}; it needs "
            f"{' or '.join(SCENARIOS[name].engines)}"
        )
    return [SCENARIOS[name]]


def _interrupt(number: int, frame: types.FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> None:
    """Run the command; expected failures end in one message and an exit code."""
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        app()
    except (console.UsageProblem, SetUpError) as error:
        console.print_error(str(error))
        raise SystemExit(console.EXIT_USAGE) from None
    except Failures as error:
        screen.failure(str(error))
        raise SystemExit(console.EXIT_FINDING) from None
    except (console.Finding, RftError) as error:
        console.print_error(str(error))
        raise SystemExit(console.EXIT_FINDING) from None


if __name__ == "__main__":
    main()
