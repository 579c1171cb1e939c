"""The project a command works on: its folders, settings, and the AWS account of an environment."""

import os
from pathlib import Path
from typing import Any, Final

from rft import names
from rft.cli.console import UsageProblem
from rft.settings import UseCaseSettings

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


def connect(environment: str) -> names.EnvironmentNames:
    """Set the region of an environment for every client, and return its names for the account of the credentials.

    Raises:
        UsageProblem: when there is no such environment, or the credentials are of another account.
    """
    from rft import aws
    from stacks.settings import EnvironmentSettings
    from stacks.yaml_files import read_model

    folder = root() / "environments"
    path = folder / f"{environment}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml")))
        raise UsageProblem(f"environment {environment!r}: no such file in environments; there are: {known}")
    if environment == LOCAL and "AWS_ENDPOINT_URL" not in os.environ:
        raise UsageProblem("environment 'local' lives only during a rehearsal; use `rft rehearse`")
    settings = read_model(EnvironmentSettings, path, shown_as=f"environments/{path.name}")
    os.environ["AWS_DEFAULT_REGION"] = os.environ["AWS_REGION"] = settings.region
    identity: dict[str, Any] = aws.client("sts").get_caller_identity()
    if identity["Account"] != settings.account:
        raise UsageProblem(
            f"environments/{path.name}: account {settings.account} is not the account of your credentials "
            f"({identity['Account']}); choose another AWS_PROFILE or --env"
        )
    return names.EnvironmentNames(environment, settings.account, settings.region)
