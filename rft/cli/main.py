"""Entry point of `rft`: the commands, and how an expected failure ends (one line, no traceback)."""

import os
from typing import Any

import typer
from typer.core import TyperGroup

from rft import __version__, aws
from rft.cli import (
    approval_commands,
    audit_command,
    bench_command,
    console,
    convert_command,
    plan_command,
    probe_command,
    project_commands,
    reward_commands,
    run_commands,
    submit_command,
    validate_command,
    versions_command,
    watch_commands,
)
from rft.errors import RftError, SettingsError


class Commands(TyperGroup):
    """Turns expected failures into one line on stderr and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            console.stop(console.EXIT_INTERRUPTED, "interrupted")
        except (console.UsageProblem, SettingsError) as error:
            console.stop(console.EXIT_USAGE, str(error))
        except (console.Finding, RftError) as error:
            console.stop(console.EXIT_FINDING, str(error))
        except BrokenPipeError:
            os._exit(0)  # the reader of a pipe left; flushing at interpreter exit would only complain
        except OSError as error:
            name = f"{error.filename}: " if error.filename else ""
            console.stop(console.EXIT_USAGE, f"{name}{error.strerror or error}")
        except Exception as error:
            told = aws.explanation(error)
            if told is None:
                raise
            console.stop(console.EXIT_USAGE, told)


app = typer.Typer(
    cls=Commands,
    help="Reinforcement fine-tuning on Amazon Bedrock: check data and rewards, submit runs, rehearse without AWS.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit()


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Reinforcement fine-tuning on Amazon Bedrock: check data and rewards, submit runs, rehearse without AWS."""


convert_command.register(app)
validate_command.register(app)
reward_commands.register(app)
audit_command.register(reward_commands.reward)
bench_command.register(reward_commands.reward)
versions_command.register(reward_commands.reward)
probe_command.register(app)
plan_command.register(app)
submit_command.register(app)
run_commands.register(app)
approval_commands.register(app)
project_commands.register(app)
watch_commands.register(app)


if __name__ == "__main__":
    app()
