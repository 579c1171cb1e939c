"""What a workflow function knows of its surroundings: its environment variables, typed."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Final

from rft.errors import SettingsError
from rft.names import EnvironmentNames, RunKeys, UseCaseNames

PREFIX: Final = "RFT_"


@dataclass(frozen=True, slots=True)
class FunctionConfig:
    """One field per variable: `runs_table` is `RFT_RUNS_TABLE`. Jobs of an engine without a job role have none."""

    environment: str
    use_case: str
    runs_table: str
    datasets_bucket: str
    artifacts_bucket: str
    settings_parameter: str
    reward_function_arn: str
    reward_code_sha256: str
    kms_key_arn: str
    topic_arn: str
    deployment_parameter: str
    job_role_arn: str = ""

    @classmethod
    def read(cls, variables: Mapping[str, str] | None = None) -> "FunctionConfig":
        """Read the variables of the process, or those given.

        Raises:
            SettingsError: naming every variable that is missing or empty.
        """
        found = os.environ if variables is None else variables
        wanted = {field.name: f"{PREFIX}{field.name.upper()}" for field in fields(cls)}
        needed = [wanted[field.name] for field in fields(cls) if field.default is MISSING]
        missing = sorted(variable for variable in needed if not found.get(variable))
        if missing:
            raise SettingsError(
                f"environment variables {', '.join(missing)} are not set; redeploy the use case's stack"
            )
        return cls(**{field: found[variable] for field, variable in wanted.items() if variable in found})

    @property
    def names(self) -> UseCaseNames:
        return UseCaseNames(self.environment, self.use_case)

    @property
    def region(self) -> str:
        """The region of the reward function, in which everything runs."""
        return self.reward_function_arn.split(":")[3]

    @property
    def slot_key(self) -> str:
        return EnvironmentNames(self.environment, account="", region="").training_slot

    def keys(self, run_id: str) -> RunKeys:
        return RunKeys(self.use_case, run_id)
