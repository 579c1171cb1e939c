"""What `app.py` builds: all environments and use cases, read from YAML and checked against each other."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from rft import names
from rft.datasets.codes import Code, Level
from rft.errors import SettingsError
from rft.frozen import Frozen
from rft.settings import Approvals, Prices, RunSettings, UseCaseSettings, Workflow
from stacks.yaml_files import read_model

ENVIRONMENTS_FOLDER: Final = "environments"
USE_CASES_FOLDER: Final = "use_cases"
USE_CASE_FILE: Final = "use_case.yaml"
RESERVED_USE_CASE_NAMES: Final = ("foundation",)  # the id of the other stack of a stage

# CloudWatch Logs accepts no other values (API reference, PutRetentionPolicy), read 2026-11-20.
LogRetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=320)]


class EnvironmentSettings(Frozen):
    """All of `environments/<environment>.yaml`."""

    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")]
    removal: Literal["retain", "destroy"]  # what becomes of data when its stack is deleted
    budget_usd_per_run: Annotated[float, Field(gt=0)]
    budget_usd_per_month: Annotated[float, Field(gt=0)] | None = None
    approvals: Approvals = Approvals()
    prices: Prices = Prices()
    workflow: Workflow = Workflow()
    dataset_severity: dict[Code, Level] = Field(default_factory=dict)  # goes over the use cases' own
    alarm_emails: tuple[Email, ...] = ()
    log_retention_days: LogRetentionDays = 365
    data_retention_days: Annotated[int, Field(ge=30, le=3650)] = 730  # access logs
    permissions_boundary_arn: (
        Annotated[str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:policy/.+$")] | None
    ) = None
    lambda_architecture: Literal["arm64", "x86_64"] = "arm64"
    lambda_packages: Literal["lambda", "host"] = "lambda"  # host: for an emulator that runs handlers itself

    @model_validator(mode="after")
    def _asks_before_the_budget_ends(self) -> Self:
        asked = self.approvals.spend_above_usd
        if asked is not None and asked >= self.budget_usd_per_run:
            raise ValueError(
                f"approvals.spend_above_usd {asked:g} must be below budget_usd_per_run "
                f"{self.budget_usd_per_run:g}, or nobody is ever asked"
            )
        return self


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment by name, with its settings."""

    name: str
    settings: EnvironmentSettings

    @property
    def names(self) -> names.EnvironmentNames:
        return names.EnvironmentNames(self.name, self.settings.account, self.settings.region)

    @property
    def keeps_data(self) -> bool:
        return self.settings.removal == "retain"

    def trains(self, use_case: "UseCase") -> bool:
        """Whether the region can train the use case's model; in the rehearsal, whose Bedrock is simulated, any can."""
        return (
            self.name == names.SIMULATED_ENVIRONMENT
            or self.settings.region in use_case.settings.model.regions
        )


@dataclass(frozen=True, slots=True)
class UseCase:
    """One use case: its settings and its folder."""

    settings: UseCaseSettings
    folder: Path

    @property
    def name(self) -> str:
        return self.settings.name

    def run_settings(self, environment: EnvironmentSettings) -> RunSettings:
        """What a run of this use case needs to know in that environment."""
        dataset = self.settings.dataset.changed(environment.dataset_severity)
        return RunSettings(
            use_case=self.settings.model_copy(update={"dataset": dataset}),
            budget_usd_per_run=environment.budget_usd_per_run,
            budget_usd_per_month=environment.budget_usd_per_month,
            approvals=environment.approvals,
            prices=environment.prices,
            workflow=environment.workflow,
            lambda_architecture=environment.lambda_architecture,
        )


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Everything the app is made of; a use case exists in every environment whose region can train its model."""

    root: Path
    environments: tuple[Environment, ...]
    use_cases: tuple[UseCase, ...]

    def use_cases_in(self, environment: Environment) -> tuple[UseCase, ...]:
        return tuple(use_case for use_case in self.use_cases if environment.trains(use_case))

    def left_out_of(self, environment: Environment) -> tuple[str, ...]:
        """One line for each use case that the environment does not have, with the reason."""
        return tuple(
            f"use case {use_case.name} is left out of {environment.name}: {environment.settings.region} cannot "
            f"train {use_case.settings.base_model}; allowed: {', '.join(use_case.settings.model.regions)}"
            for use_case in self.use_cases
            if not environment.trains(use_case)
        )


def load(root: Path) -> ProjectSettings:
    """Read and check all settings below the project's root.

    Raises:
        SettingsError: the first mistake, as one line.
    """
    environments = tuple(
        _environment(path, root) for path in sorted((root / ENVIRONMENTS_FOLDER).glob("*.y*ml"))
    )
    folders = sorted(path for path in (root / USE_CASES_FOLDER).glob("[!._]*") if path.is_dir())
    use_cases = tuple(_use_case(folder, root) for folder in folders)
    if not environments:
        raise SettingsError(
            f"{ENVIRONMENTS_FOLDER}: no environment; add one such as {ENVIRONMENTS_FOLDER}/dev.yaml"
        )
    if not use_cases:
        raise SettingsError(f"{USE_CASES_FOLDER}: no use case; add one with: make use-case NAME=my-use-case")
    project = ProjectSettings(root, environments, use_cases)
    for environment in environments:
        if not project.use_cases_in(environment):
            regions = sorted({region for use_case in use_cases for region in use_case.settings.model.regions})
            raise SettingsError(
                f"{ENVIRONMENTS_FOLDER}/{environment.name}.yaml: region: {environment.settings.region} can train the "
                f"base model of no use case; allowed: {', '.join(regions)}"
            )
    return project


def _environment(path: Path, root: Path) -> Environment:
    shown_as = path.relative_to(root).as_posix()
    if path.suffix != ".yaml":
        raise SettingsError(f"{shown_as}: wrong suffix; rename it to {path.stem}.yaml")
    if not re.fullmatch(names.NAME_PATTERN, path.stem) or len(path.stem) > names.MAX_ENVIRONMENT_LENGTH:
        raise SettingsError(
            f"{shown_as}: environment name {path.stem!r} is not allowed; at most "
            f"{names.MAX_ENVIRONMENT_LENGTH} characters that match {names.NAME_PATTERN}"
        )
    return Environment(path.stem, read_model(EnvironmentSettings, path, shown_as=shown_as))


def _use_case(folder: Path, root: Path) -> UseCase:
    shown_as = (folder / USE_CASE_FILE).relative_to(root).as_posix()
    settings = read_model(UseCaseSettings, folder / USE_CASE_FILE, shown_as=shown_as)
    if settings.name != folder.name:
        raise SettingsError(
            f"{shown_as}: name: {settings.name!r} is not the folder's name; allowed: {folder.name}"
        )
    if settings.name in RESERVED_USE_CASE_NAMES:
        raise SettingsError(f"{shown_as}: name: {settings.name!r} is reserved; rename the folder and the key")
    return UseCase(settings, folder)
