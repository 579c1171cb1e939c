"""`rft new` and `rft rehearse`: commands about the project itself."""

import os
import sys
from typing import Annotated

import typer
from rich.markup import escape

from rft.cli import console, project


def new(
    name: Annotated[str, typer.Argument(help="Name of the use case: lower-case words joined by hyphens.")],
    template: Annotated[str, typer.Option(help="Folder of templates/ to begin with.")] = "use-case",
    as_json: console.AsJson = False,
) -> None:
    """Create a use case that validates, passes its tests and rehearses as it is."""
    from rft.cli.new_use_case import create_use_case

    folder = create_use_case(name, template=template, root=project.root())
    if as_json:
        console.print_json({"name": name, "folder": str(folder)})
        return
    console.stdout.print(f"created  {escape(str(folder))}", soft_wrap=True)
    console.stdout.print(f"next     make rehearse USE_CASE={name}")


def rehearse(context: typer.Context) -> None:
    """Run the whole pipeline on this machine, without an AWS account; `rft rehearse --help` has the options."""
    root = project.root()
    if not (root / "rehearsal" / "__main__.py").is_file():
        raise console.UsageProblem(f"{root}: has no folder rehearsal; rehearse in a clone of the project")
    search = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH", ""))))
    command = [sys.executable, "-m", "rehearsal", *context.args]
    # The rehearsal takes this process's place, so that Ctrl-C and other signals reach it once and directly.
    os.execve(sys.executable, command, os.environ | {"PYTHONPATH": search})  # noqa: S606 (our own module)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("new")(new)
    passing = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command("rehearse", context_settings=passing, add_help_option=False)(rehearse)
