"""`rft reward versions`: the published versions of a reward function, and the runs that refer to each."""

from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich.table import Table

from rft import names
from rft.cli import console, project, runs_view
from rft.runs.reward_versions import prune, versions

ALL: Final = 100_000  # runs of a use case that are looked through
SHOWN: Final = 3  # run ids of a row


def versions_command(
    use_case: Annotated[str, typer.Argument(help="A folder of use_cases/.")],
    env: console.Environment = "dev",
    prune_unused: Annotated[
        bool, typer.Option("--prune", help="Delete versions that no run refers to and that are not live.")
    ] = False,
    as_json: console.AsJson = False,
) -> None:
    """List versions of the deployed reward function; runs and manifests keep theirs."""
    project.use_case(use_case)
    environment = project.connect(env)
    function = names.UseCaseNames(env, use_case).reward_function
    found = versions(function, runs_view.store(environment, use_case).newest(ALL))
    deleted = prune(function, found) if prune_unused else []
    kept = [item for item in found if item.version not in deleted]
    if as_json:
        console.print_json({"versions": [asdict(item) for item in kept], "deleted": deleted})
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("version", "", "published", "reward code", "runs"):
        table.add_column(column, no_wrap=column != "runs")
    for item in kept:
        more = f" and {len(item.runs) - SHOWN} more" if len(item.runs) > SHOWN else ""
        told = ", ".join(item.runs[:SHOWN]) + more or "none"
        table.add_row(
            item.version, "live" if item.is_live else "", item.modified[:16], item.description[:24], told
        )
    console.stdout.print(table)
    if prune_unused:
        console.stdout.print(f"deleted {console.counted(len(deleted), 'version')}", style="dim")


def register(group: typer.Typer) -> None:
    """Add the command to the group `reward`."""
    group.command("versions")(versions_command)
