"""`rft probe`: what base models earn on a use case's prompts, side by side, before anything is trained."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from rft import aws
from rft.cli import console, project
from rft.cli.bedrock_endpoint import model_endpoint
from rft.cli.probe_table import show_table, usd_per_1000
from rft.cli.reward_commands import own_reward
from rft.cli.reward_environment import JudgeChoice, reward_environment
from rft.datasets.lines import read_lines
from rft.datasets.prepare import prepare, probe_sample
from rft.engines.nova import NovaEngine
from rft.evaluation.batch import Sampling
from rft.evaluation.scorers import local_scorer
from rft.names import RECORD_KEY, TRAIN
from rft.planning.presets import batch_size
from rft.probing.local_probe import ModelProbe, Records, probe_model
from rft.probing.report import render, show
from rft.probing.subset import SUBSETS, propose
from rft.probing.verdict import Verdict
from rft.rewards.checks import SAMPLE_FOLDER
from rft.settings import UseCaseSettings

RUN: Final = "probe"  # stands for the run id in the records' markers


def probe_command(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    data: Annotated[
        Path | None, typer.Option("--data", help="Folder with train.jsonl; the use case's sample without it.")
    ] = None,
    models: Annotated[
        str,
        typer.Option("--models", help="Model ids, with commas between them; the use case's own by default."),
    ] = "",
    prompts: Annotated[int | None, typer.Option("--prompts", min=4, help="Prompts to ask.")] = None,
    samples: Annotated[int | None, typer.Option("--samples", min=2, max=16, help="Answers a prompt.")] = None,
    at_once: Annotated[int, typer.Option("--at-once", min=1, max=64, help="Answers asked at once.")] = 8,
    endpoint: Annotated[
        str, typer.Option("--endpoint", help="Who answers: auto, bedrock or simulated.")
    ] = "auto",
    judge: JudgeChoice = "auto",
    report: Annotated[
        Path | None, typer.Option("--report", help="Write a page on the first model; it holds texts.")
    ] = None,
    subset: Annotated[
        str | None, typer.Option("--subset", help="Propose easier, harder or useful prompts; needs --out.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", help="File for the proposed subset.")] = None,
    as_json: console.AsJson = False,
) -> None:
    """Ask base models, score their answers, and say whether training is worth it; exit 1 when it is not."""
    settings, folder = project.use_case(use_case)
    if (subset is None) is not (out is None) or (subset is not None and subset not in SUBSETS):
        raise console.UsageProblem(f"pass --subset ({', '.join(SUBSETS)}) and --out together")
    train = (data or folder / SAMPLE_FOLDER) / f"{TRAIN}.jsonl"
    records, total = read_prompts(train, settings, prompts or settings.probe.prompts)
    wanted = [name.strip() for name in models.split(",") if name.strip()] or [settings.base_model]
    sampling = Sampling(
        samples or settings.probe.samples_per_prompt,
        settings.probe.temperature,
        settings.hyperparameters.inferenceMaxTokens,
        at_once=at_once,
        score_twice=settings.probe.score_twice,
    )
    scorer = local_scorer(own_reward(folder), settings.reward)
    region = aws.region() or settings.model.regions[0]
    with model_endpoint(endpoint, [train]) as simulated, reward_environment(settings.reward, judge):
        found = []
        with _progress(wanted, len(records), quiet=as_json) as tell:
            for name in wanted:
                found.append(
                    probe_model(
                        NovaEngine(),
                        name,
                        records,
                        scorer,
                        sampling,
                        settings.probe,
                        batch=batch_size(settings, total),
                        tell=lambda done, name=name: tell(name, done),  # type: ignore[misc]
                    )
                )
    if report is not None:
        _write_page(report, found[0], records, use_case, simulated=simulated)
    if out is not None and subset is not None:
        kept = _write_subset(out, found[0], records, subset)
        console.stderr.print(f"{out}: {kept} of {len(records)} prompts", soft_wrap=True)
    if as_json:
        console.print_json(
            {
                "simulated": simulated,
                "models": [
                    {
                        "model": one.model_id,
                        "usd_per_1000_answers": usd_per_1000(one, region),
                        **one.probe.model_dump(),
                    }
                    for one in found
                ],
            }
        )
    else:
        show_table(found, region)
    if found[0].probe.verdict != Verdict.READY:
        raise typer.Exit(console.EXIT_FINDING)


def read_prompts(train: Path, settings: UseCaseSettings, count: int) -> tuple[Records, int]:
    """The probe's records with their index, chosen as a run chooses them, and how many the file has.

    Raises:
        UsageProblem: when the file is missing or malformed.
    """
    if not train.is_file():
        raise console.UsageProblem(f"{train}: no such file; pass --data DIR with a {TRAIN}.jsonl")
    try:
        with train.open("rb") as file:
            lines = list(
                prepare(read_lines(file), run=RUN, split=TRAIN, slice_key=settings.dataset.slice_key)
            )
        chosen = [json.loads(line) for line in probe_sample(lines, count)]
    except (KeyError, TypeError, AttributeError, ValueError):
        raise console.UsageProblem(f"{train}: malformed; check it with: rft validate") from None
    if not chosen:
        raise console.UsageProblem(f"{train}: no records; write one a line")
    return list(enumerate(chosen)), len(lines)


@contextmanager
def _progress(models: Sequence[str], prompts: int, *, quiet: bool) -> Iterator[Any]:
    columns = (
        TextColumn("[dim]{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[dim]prompts"),
    )
    with Progress(*columns, console=console.stderr, transient=True, disable=quiet) as progress:
        tasks = {name: progress.add_task(name, total=prompts) for name in models}
        yield lambda name, done: progress.update(tasks[name], completed=done)


def _write_page(path: Path, one: ModelProbe, records: Records, use_case: str, *, simulated: bool) -> None:
    by_index = dict(records)
    shown = [show(example, by_index[example.group.index]) for example in one.examples]
    page = render(one.probe, title=use_case, model=one.model_id, examples=shown, simulated=simulated)
    path.write_text(page, encoding="utf-8")


def _write_subset(path: Path, one: ModelProbe, records: Records, subset: Any) -> int:
    kept = propose(one.groups, subset)
    with path.open("w", encoding="utf-8") as file:
        for index, record in records:
            if index in kept:
                plain = {key: value for key, value in record.items() if key != RECORD_KEY}
                file.write(json.dumps(plain, ensure_ascii=False) + "\n")
    return len(kept)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("probe")(probe_command)
