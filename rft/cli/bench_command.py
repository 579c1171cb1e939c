"""`rft reward bench`: how fast a reward function is, and how small, beside other graders in the same run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from rft.benchmarks import rivals
from rft.benchmarks.deployment import Deployment, measure_deployment, staged
from rft.benchmarks.speed import Grader, Speed, affordable, measure
from rft.benchmarks.workload import events
from rft.cli import console, project
from rft.cli.reward_commands import own_reward
from rft.cli.reward_environment import reward_environment
from rft.rewards.batch import RewardFunction
from rft.rewards.numeric import math_answer

SAMPLES: Final = 20_000
SLOW_SAMPLES: Final = 400  # of math-verify, which takes about a millisecond each
NUMERIC: Final = "numeric.py"
REWARD, BLOCK, REGEX, MATH_VERIFY = "reward", "math_answer", "strict_regex", "math_verify"
_LABELS: Final = {REGEX: "strict #### regex", MATH_VERIFY: "math-verify"}
_KILO: Final = 1000


def bench(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    samples: Annotated[
        int | None,
        typer.Option(
            "--samples", min=1, help=f"Answers to grade a round; as many as take 2 s, at most {SAMPLES:,}."
        ),
    ] = None,
    as_json: console.AsJson = False,
) -> None:
    """Measure samples per second, time per sample, import time and zipped size of a reward function."""
    settings, folder = project.use_case(use_case)
    reward = own_reward(folder)
    with (
        reward_environment(settings.reward, "simulated"),  # a real one would cost, and measure Bedrock
        _telling(quiet=as_json) as tell,
        staged(project.root(), folder) as (code, closure),
    ):
        numeric = any(file.name == NUMERIC for file in closure.files)
        answers = events(folder, numeric=numeric)
        graders = _graders(reward, numeric, samples or affordable(reward, answers, SAMPLES))
        speeds = measure(graders, answers, lambda name: tell(f"grading with {_LABELS.get(name, use_case)}"))
        tell("starting fresh interpreters, weighing code and layers")
        deployment = measure_deployment(project.root(), code, closure)
    if as_json:
        console.print_json(_document(use_case, answers, speeds, deployment))
    else:
        _show(use_case, answers, speeds, deployment)


def _graders(reward: RewardFunction, numeric: bool, samples: int) -> dict[str, Grader]:
    """The reward, and for word problems what else grades them."""
    if not numeric:
        return {REWARD: Grader(reward, samples)}
    return {
        REWARD: Grader(reward, samples),
        BLOCK: Grader(math_answer, samples),
        REGEX: Grader(rivals.strict_regex, samples),
        MATH_VERIFY: Grader(rivals.math_verify, min(samples, SLOW_SAMPLES)),
    }


def _ratios(speeds: Mapping[str, Speed]) -> dict[str, dict[str, float]]:
    """Samples a second of our graders as a multiple of each other grader's."""
    return {
        name: {rival: speed.samples_per_second / speeds[rival].samples_per_second for rival in _LABELS}
        for name, speed in speeds.items()
        if name not in _LABELS and set(_LABELS) <= set(speeds)
    }


def _document(
    use_case: str, answers: list[dict[str, Any]], speeds: Mapping[str, Speed], deployment: Deployment
) -> dict[str, Any]:
    return {
        "use_case": use_case,
        "characters": _mean_characters(answers),
        "graders": {name: asdict(speed) for name, speed in speeds.items()},
        "ratios": _ratios(speeds),
        "deployment": {**asdict(deployment), "total_bytes": deployment.total_bytes},
    }


def _mean_characters(answers: list[dict[str, Any]]) -> int:
    return round(sum(len(answer["messages"][-1]["content"]) for answer in answers) / len(answers))


def _show(
    use_case: str, answers: list[dict[str, Any]], speeds: Mapping[str, Speed], deployment: Deployment
) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), show_edge=False)
    for heading in ("", "samples/s", "in a batch/s", "p50 ms", "p99 ms", "scored 1"):
        table.add_column(heading, justify="right" if heading else "left", no_wrap=True)
    for name, speed in speeds.items():
        table.add_row(
            Text(_LABELS.get(name, use_case if name == REWARD else name)),
            f"{speed.samples_per_second:,.0f}",
            f"{speed.batch_samples_per_second:,.0f}",
            f"{speed.p50_ms:.4f}",
            f"{speed.p99_ms:.4f}",
            f"{speed.full_marks:.0%}",
        )
    console.stdout.print(table)
    for name, ratios in _ratios(speeds).items():
        told = " and ".join(f"{ratio:,.2f} x {_LABELS[rival]}" for rival, ratio in ratios.items())
        console.stdout.print(f"{use_case if name == REWARD else name}: {told}")
    layers = ", ".join(f"{name} {_kilobytes(size)}" for name, size in deployment.layers.items())
    console.stdout.print(
        f"import: {deployment.import_ms:.0f} ms over a bare interpreter ({deployment.bare_ms:.0f} ms)\n"
        f"zipped: {_kilobytes(deployment.total_bytes)} (code {_kilobytes(deployment.code_bytes)}; layers: {layers})"
    )
    console.stdout.print(
        Text(
            f"answers of {_mean_characters(answers):,} characters on average; one core of this machine",
            style="dim",
        )
    )


def _kilobytes(size: int) -> str:
    return f"{size / _KILO:,.0f} kB"


@contextmanager
def _telling(*, quiet: bool) -> Iterator[Any]:
    """A line that says what is being measured, on a terminal only."""
    if quiet:
        yield lambda _: None
        return
    with console.stderr.status("measuring") as status:
        yield lambda what: status.update(f"[dim]{what}")


def register(group: typer.Typer) -> None:
    """Add the command to the group `reward`."""
    group.command("bench")(bench)
