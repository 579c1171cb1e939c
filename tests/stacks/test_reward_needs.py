"""A reward's imports decide its layers, its judge and its rights."""

from pathlib import Path
from typing import Any

import pytest

from rft import names
from rft.errors import SettingsError
from rft.reward_settings import Judge, Reward
from stacks.constructs.access import Access
from stacks.constructs.code import RewardCode
from stacks.constructs.reward_needs import LAYER_OF_PACKAGE, judge_statements, layers_for, variables_for
from stacks.functions import REWARD_LAYER
from tests.stacks.support import ROOT

ACCESS = Access(
    environment=names.EnvironmentNames("prod", "333333333333", "us-east-1"),
    use_case=names.UseCaseNames("prod", "triage"),
    partition="aws",
    key_arn="arn:aws:kms:us-east-1:333333333333:key/k",
    base_model_id="amazon.nova-2-lite-v1:0:256k",
)


def code(*packages: str, files: tuple[str, ...] = ()) -> RewardCode:
    return RewardCode(Path("staged"), frozenset(files), frozenset(packages))


def statements(model: str) -> list[dict[str, Any]]:
    return [statement.to_statement_json() for statement in judge_statements(ACCESS, model)]


def test_a_reward_of_the_standard_library_has_the_base_layer_only() -> None:
    assert layers_for(code("boto3", "aws_lambda_powertools"), "triage") == [REWARD_LAYER]


def test_packages_bring_their_layers_once() -> None:
    assert layers_for(code("rapidfuzz", "re2", "sqlglot"), "triage") == [
        REWARD_LAYER,
        "reward-sql",
        "reward-text",
    ]


def test_more_layers_than_lambda_takes_are_refused_with_the_file_to_change() -> None:
    with pytest.raises(SettingsError, match=r"use_cases/triage/reward\.py: needs 6 layers"):
        layers_for(code(*LAYER_OF_PACKAGE), "triage")


def test_every_layer_is_pinned_with_hashes() -> None:
    for layer in {REWARD_LAYER, *LAYER_OF_PACKAGE.values()}:
        pins = (ROOT / "lambda" / "layers" / layer / "requirements.txt").read_text()
        assert "--hash=sha256:" in pins, layer


def test_a_judge_that_is_not_set_is_refused_with_the_key_to_add() -> None:
    asks = code(files=("rft/rewards/judge/__init__.py",))
    with pytest.raises(SettingsError, match=r"use_cases/triage/use_case\.yaml: reward\.judge: missing"):
        variables_for(asks, Reward(), "triage")
    judged = Reward(judge=Judge(model="amazon.nova-pro-v1:0"))
    assert '"model":"amazon.nova-pro-v1:0"' in variables_for(asks, judged, "triage")["RFT_JUDGE"]


def test_a_reward_without_judge_or_code_gets_no_variables_for_them() -> None:
    assert variables_for(code(), Reward(judge=Judge(model="amazon.nova-pro-v1:0")), "triage") == {}


def test_a_judge_is_one_model_and_nothing_else() -> None:
    (statement,) = statements("amazon.nova-pro-v1:0")
    assert statement["Action"] == "bedrock:InvokeModel"
    assert statement["Resource"] == "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"


def test_a_profile_s_models_are_reached_through_the_profile_only() -> None:
    profile, models = statements("us.amazon.nova-pro-v1:0")
    arn = "arn:aws:bedrock:us-east-1:333333333333:inference-profile/us.amazon.nova-pro-v1:0"
    assert profile["Resource"] == arn
    assert models["Resource"] == "arn:aws:bedrock:*::foundation-model/amazon.nova-pro-v1:0"
    assert models["Condition"] == {"StringLike": {"bedrock:InferenceProfileArn": arn}}
