"""What a reward function needs because of what it imports: layers, a judge, an executor of code."""

import re
from collections.abc import Mapping
from typing import Final

from aws_cdk import aws_iam as iam

from rft.errors import SettingsError
from rft.reward_settings import Reward
from rft.rewards.executor import SETTINGS_VARIABLE
from stacks.constructs.access import Access
from stacks.constructs.code import RewardCode
from stacks.functions import REWARD_LAYER

# Layer of each package of others that reward blocks import; the rest comes with Lambda's runtime.
LAYER_OF_PACKAGE: Final[Mapping[str, str]] = {
    "jsonschema": "reward-json",
    "math_verify": "reward-math",
    "rapidfuzz": "reward-text",
    "re2": "reward-text",
    "sqlglot": "reward-sql",
    "yaml": "reward-judge",
}
MAX_LAYERS: Final = 5  # of one function (Lambda quotas, read 2026-11-20)
_PROFILE: Final = re.compile(
    r"(?:us|eu|apac|jp|au|global)\.(.+)"
)  # geographic prefixes of inference profiles


def layers_for(code: RewardCode, use_case: str) -> list[str]:
    """Folders of `lambda/layers/` that the reward function is built with.

    Raises:
        SettingsError: when there are more than Lambda allows.
    """
    needed = {LAYER_OF_PACKAGE[package] for package in code.packages if package in LAYER_OF_PACKAGE}
    if len(needed) >= MAX_LAYERS:
        raise SettingsError(
            f"use_cases/{use_case}/reward.py: needs {len(needed) + 1} layers ({', '.join(sorted(needed))}); "
            f"Lambda allows {MAX_LAYERS}; use fewer kinds of blocks"
        )
    return [REWARD_LAYER, *sorted(needed)]


def variables_for(code: RewardCode, settings: Reward, use_case: str) -> dict[str, str]:
    """Environment variables about the judge and the executor, as `rft.rewards` reads them.

    Raises:
        SettingsError: when the reward asks a judge and none is set.
    """
    variables = {}
    if code.asks_a_judge:
        if settings.judge is None:
            raise SettingsError(
                f"use_cases/{use_case}/use_case.yaml: reward.judge: missing, but reward.py asks a judge; add "
                "judge: {model: amazon.nova-pro-v1:0} or another model's id"
            )
        variables["RFT_JUDGE"] = settings.judge.model_dump_json()
    if code.runs_code:
        variables[SETTINGS_VARIABLE] = settings.executor.model_dump_json()
    return variables


def statements_for(code: RewardCode, settings: Reward, access: Access) -> list[iam.PolicyStatement]:
    """What the reward function may do beyond logging: ask its judge, call its executor."""
    statements = []
    if code.asks_a_judge and settings.judge is not None:
        statements += judge_statements(access, settings.judge.model)
    if code.runs_code:
        # Every version: a job under way calls the one that its reward's version was made with.
        executor = access.arn("lambda", f"function:{access.use_case.executor_function}:*")
        statements.append(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[executor]))
    return statements


def judge_statements(access: Access, model: str) -> list[iam.PolicyStatement]:
    """Leave to call one model; through an inference profile in all of its regions, and only through it.

    Source: Amazon Bedrock user guide, `rft-access-security`.
    """
    profile = _PROFILE.fullmatch(model)
    if profile is None:
        return [
            iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=[access.foundation_model(model)])
        ]
    arn = access.arn("bedrock", f"inference-profile/{model}")
    return [
        iam.PolicyStatement(actions=["bedrock:InvokeModel"], resources=[arn]),
        iam.PolicyStatement(
            actions=["bedrock:InvokeModel"],
            resources=[access.foundation_model(profile[1], region="*")],
            conditions={"StringLike": {"bedrock:InferenceProfileArn": arn}},
        ),
    ]
