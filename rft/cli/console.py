"""What every command shares: where output goes, exit codes, JSON, and one-line errors."""

import json
from typing import Annotated, Any, Final, NoReturn

import typer
from rich.console import Console
from rich.text import Text

EXIT_FINDING: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else on stdout.")]
Environment = Annotated[
    str, typer.Option("--env", "--environment", help="Environment, a file of environments/.")
]

stdout = Console(highlight=False, soft_wrap=False)
stderr = Console(stderr=True, highlight=False)


class UsageProblem(Exception):  # noqa: N818 (not a fault of ours)
    """The command cannot start as it was called; ends with exit code 2."""


class Finding(Exception):  # noqa: N818
    """The command did its work and found something wrong; ends with exit code 1."""


def print_json(data: Any) -> None:
    """Write `data` as indented JSON to stdout, without wrapping or colour."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False, default=str))


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_error(message: str) -> None:
    """Write a one-line error to stderr."""
    stderr.print(Text.assemble(("error ", "bold red"), " ".join(message.split())), soft_wrap=True)


def stop(code: int, message: str) -> NoReturn:
    """End the command with a one-line error."""
    print_error(message)
    raise typer.Exit(code)
