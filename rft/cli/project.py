"""The project a command works on: its folders, settings, and the AWS account of an environment."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rft import names
from rft.cli.console import UsageProblem
from rft.settings import RunSettings, UseCaseSettings

if TYPE_CHECKING:
    from stacks.settings import EnvironmentSettings

MARKERS: Final = ("environments", "use_cases")
LOCAL: Final = names.SIMULATED_ENVIRONMENT


def root() -> Path:
    """The project's folder: the working directory or the nearest parent that has settings, else where `rft` lies."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if all((folder / marker).is_dir() for marker in MARKERS):
            return folder
    raise UsageProblem(
        f"{here}: no project here; run the command inside a folder with {' and '.join(MARKERS)}"
    )


def use_case(name: str) -> tuple[UseCaseSettings, Path]:
    """Settings and folder of a use case.

    Raises:
        UsageProblem: when there is no such use case; SettingsError: when its file is wrong.
    """
    from stacks.settings import USE_CASE_FILE
    from stacks.yaml_files import read_model

    folder = root() / "use_cases" / name
    if not (folder / USE_CASE_FILE).is_file():
        raise UsageProblem(
            f"use case {name!r}: no such folder in use_cases; there are: {', '.join(use_case_names())}"
        )
    shown_as = f"use_cases/{name}/{USE_CASE_FILE}"
    return read_model(UseCaseSettings, folder / USE_CASE_FILE, shown_as=shown_as), folder


def use_case_names() -> list[str]:
    """Names of the project's use cases."""
    return sorted(path.parent.name for path in (root() / "use_cases").glob("*/use_case.yaml"))


def run_settings(use_case_name: str, environment: str) -> tuple[RunSettings, str]:
    """What a run of a use case needs to know in an environment, and the environment's region; read from the files.

    Raises:
        UsageProblem: when there is no such use case or environment; SettingsError: when a file is wrong.
    """
    from stacks.settings import UseCase

    settings, folder = use_case(use_case_name)
    found = _environment(environment)
    return UseCase(settings, folder).run_settings(found), found.region


def _environment(environment: str) -> "EnvironmentSettings":
    from stacks.settings import EnvironmentSettings
    from stacks.yaml_files import read_model

    folder = root() / "environments"
    path = folder / f"{environment}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml")))
        raise UsageProblem(f"environment {environment!r}: no such file in environments; there are: {known}")
    return read_model(EnvironmentSettings, path, shown_as=f"environments/{path.name}")


def connect(environment: str) -> names.EnvironmentNames:
    """Set the region of an environment for every client, and return its names for the account of the credentials.

    Raises:
        UsageProblem: when there is no such environment, or the credentials are of another account.
    """
    from rft import aws

    settings = _environment(environment)
    if environment == LOCAL and "AWS_ENDPOINT_URL" not in os.environ:
        raise UsageProblem("environment 'local' lives only during a rehearsal; use `rft rehearse`")
    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = settings.region
    identity: dict[str, Any] = aws.client("sts").get_caller_identity()
    if identity["Account"] != settings.account:
        raise UsageProblem(
            f"environments/{environment}.yaml: account {settings.account} is not the account of your credentials "
            f"({identity['Account']}); choose another AWS_PROFILE or --env"
        )
    return names.EnvironmentNames(environment, settings.account, settings.region)
