"""Hyperparameters that nobody set, why they are what they are, and what is warned about."""

from typing import Any

import pytest

from rft import catalogue
from rft.errors import SettingsError
from rft.planning.presets import BEDROCKS_DEFAULT, FROM_USE_CASE, Facts, resolve
from rft.runs.cost_parts import Plan
from rft.runs.record import TokenSpread
from rft.settings import UseCaseSettings


def settings(**more: Any) -> UseCaseSettings:
    base = {"name": "sums", "description": "Sums of numbers", "base_model": "amazon.nova-2-lite-v1:0:256k"}
    return UseCaseSettings.model_validate({**base, **more})


def plan(
    train: int = 1000, validation: int = 50, *, given: dict[str, Any] | None = None, **facts: Any
) -> Plan:
    use_case = settings(hyperparameters=given or {}, task=facts.pop("task", "simple"))
    return resolve(use_case, Facts(train, validation, **facts))


@pytest.mark.parametrize(
    ("records", "batch", "epochs", "interval"),
    [
        (100, 16, 8, 6),
        (240, 32, 8, 7),
        (499, 64, 8, 7),
        (500, 64, 6, 7),
        (512, 128, 6, 4),
        (1999, 128, 6, 10),
        (2000, 128, 4, 10),
        (5000, 128, 3, 10),
        (20_000, 128, 3, 10),
    ],
)
def test_the_size_of_the_dataset_decides(records: int, batch: int, epochs: int, interval: int) -> None:
    values = plan(records).api()
    assert (values["batchSize"], values["epochCount"], values["evalInterval"]) == (batch, epochs, interval)


def test_what_the_use_case_sets_stays_and_every_value_has_a_reason() -> None:
    found = {item.name: item for item in plan(given={"epochCount": 5, "batchSize": 64}).hyperparameters}
    assert (found["epochCount"].value, found["epochCount"].source) == (5, FROM_USE_CASE)
    assert found["evalInterval"].value == 10  # of the batch that was set
    assert (found["reasoningEffort"].value, found["reasoningEffort"].source) == (None, BEDROCKS_DEFAULT)
    assert found["learningRate"].source.startswith("preset: ")
    assert all(item.reason for item in found.values())
    assert set(found) == {"reasoningEffort", *catalogue.HYPERPARAMETER_RANGES}


def test_room_for_answers_comes_from_the_task_or_from_longer_answers_in_the_probe() -> None:
    assert plan().api()["inferenceMaxTokens"] == 1024
    assert plan(task="long").api()["inferenceMaxTokens"] == 4096
    longer = TokenSpread(p10=200, mean=900, p90=1500, longest=2000)
    assert plan(answers=longer).api()["inferenceMaxTokens"] == 2560  # 2,000 and a quarter, up to 256
    shorter = TokenSpread(p10=2, mean=3, p90=4, longest=5)
    assert plan(answers=shorter).api()["inferenceMaxTokens"] == 1024


def test_room_for_prompts_comes_from_the_longest_and_is_bounded() -> None:
    assert plan(longest_prompt_characters=4000).api()["maxPromptLength"] == 1280
    assert plan(longest_prompt_characters=4_000_000).api()["maxPromptLength"] == 32_768
    assert "maxPromptLength" not in plan().api()


def test_a_healthy_plan_warns_of_nothing() -> None:
    assert plan().warnings == []


@pytest.mark.parametrize(
    ("facts", "given", "words"),
    [
        ({"train": 199}, {}, "199 training records"),
        ({"validation": 0}, {}, "no validation set"),
        ({"too_long": 7}, {"maxPromptLength": 512}, "7 of 1,000 prompts are longer than maxPromptLength 512"),
        ({}, {"learningRate": 1e-5}, "learningRate 1e-05 is outside of 1e-4 to 1e-3"),
        ({}, {"epochCount": 2}, "too few to learn from"),
        ({}, {"epochCount": 13}, "likely to overfit"),
        ({"train": 300}, {"batchSize": 128}, "batchSize 128 makes 2.3 steps an epoch"),
        ({"validation": 200}, {"batchSize": 16, "evalInterval": 2}, "validation makes 0.8 times as many"),
        ({}, {"reasoningEffort": "medium"}, "RFT has no medium"),
        (
            {"answers": TokenSpread(p10=100, mean=300, p90=512, longest=512)},
            {"inferenceMaxTokens": 512},
            "inferenceMaxTokens 512 cuts answers off",
        ),
    ],
)
def test_each_pitfall_is_warned_about_alone(facts: dict[str, Any], given: dict[str, Any], words: str) -> None:
    (warning,) = plan(given=given, **facts).warnings
    assert words in warning


@pytest.mark.parametrize("records", [100, 777, 20_000])
def test_presets_are_within_what_bedrock_accepts(records: int) -> None:
    found = plan(records, longest_prompt_characters=10).api()
    catalogue.check_bounds("amazon.nova-2-lite-v1:0:256k", found)


def test_a_value_outside_of_its_bounds_is_named_with_them() -> None:
    with pytest.raises(SettingsError, match=r"hyperparameters\.batchSize: 8 is outside of 16 to 512"):
        catalogue.check_bounds("amazon.nova-2-lite-v1:0:256k", {"batchSize": 8})
    catalogue.check_bounds("openai.gpt-oss-20b", {"batchSize": 4})  # no documented bounds
