"""A mistake in a settings file is one line that names file, key and what is allowed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rft.errors import SettingsError
from stacks.settings import load
from tests.stacks.support import ENVIRONMENTS, ROOT, USE_CASES

DEV = """
account: "111111111111"
region: us-east-1
removal: destroy
budget_usd_per_run: 50
"""
GSM8K = """
name: gsm8k
description: Grade-school word problems
base_model: amazon.nova-2-lite-v1:0:256k
"""
Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with one environment and one use case, whose files may be changed."""

    def make(
        dev: str = DEV, gsm8k: str = GSM8K, environment: str = "dev.yaml", folder: str = "gsm8k"
    ) -> Path:
        (tmp_path / "environments").mkdir()
        (tmp_path / "environments" / environment).write_text(dev)
        (tmp_path / "use_cases" / folder).mkdir(parents=True)
        (tmp_path / "use_cases" / folder / "use_case.yaml").write_text(gsm8k)
        return tmp_path

    return make


def message(root: Path) -> str:
    with pytest.raises(SettingsError) as caught:
        load(root)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_the_projects_own_settings_are_right() -> None:
    settings = load(ROOT)
    assert tuple(environment.name for environment in settings.environments) == ENVIRONMENTS
    assert tuple(use_case.name for use_case in settings.use_cases) == USE_CASES


@pytest.mark.parametrize(
    ("extra", "wanted"),
    [
        (
            "workflow:\n  watch_interval_seconds: 10\n",
            "environments/dev.yaml: workflow.watch_interval_seconds: 10 is below 60",
        ),
        (
            "workflow:\n  slot_poll_seconds: 9000\n",
            "environments/dev.yaml: workflow.slot_poll_seconds: 9000 is above 3600",
        ),
        (
            "workflow:\n  training_slots: 21\n",
            "environments/dev.yaml: workflow.training_slots: 21 is above 20",
        ),
        (
            "workflow:\n  training_slots: 0\n",
            "environments/dev.yaml: workflow.training_slots: 0 is below 1",
        ),
        (
            "workflow:\n  training_slots_quota_code: model jobs\n",
            "environments/dev.yaml: workflow.training_slots_quota_code: 'model jobs' does not match",
        ),
        (
            "workflow:\n  watch_interval: 60\n",
            (
                "environments/dev.yaml: workflow.watch_interval: unknown key; allowed: "
                "adoption_seconds, evaluation_concurrency, scan_chunk_bytes, "
                "slot_lease_seconds, slot_max_wait_seconds, slot_poll_seconds, "
                "training_slots, training_slots_quota_code, watch_interval_seconds"
            ),
        ),
        (
            "prices:\n  training_per_hour: -1\n",
            "environments/dev.yaml: prices.training_per_hour: -1 is below 0",
        ),
        ("budget_usd_per_month: 0\n", "environments/dev.yaml: budget_usd_per_month: 0 is not above 0"),
        (
            "log_retention_days: 31\n",
            "environments/dev.yaml: log_retention_days: 31 is unknown; allowed: 1, 3, 5",
        ),
        (
            "alarm_emails: [nobody]\n",
            "environments/dev.yaml: alarm_emails.0: 'nobody' does not match",
        ),
        (
            "lambda_architecture: riscv\n",
            "environments/dev.yaml: lambda_architecture: 'riscv' is unknown; allowed: 'arm64' or 'x86_64'",
        ),
        (
            "approvals:\n  spend_above_usd: 60\n",
            "environments/dev.yaml: approvals.spend_above_usd 60 must be below budget_usd_per_run 50",
        ),
        (
            "approvals:\n  four_eyes: true\n",
            "environments/dev.yaml: approvals: four_eyes needs spend_above_usd or promotion: true",
        ),
        (
            "workflow:\n  slot_lease_seconds: 120\n",
            "environments/dev.yaml: workflow: slot_lease_seconds must be at least twice",
        ),
        (
            "region: us-east-1\n",
            "environments/dev.yaml: line 6: key 'region' is already given in line 3; remove one",
        ),
        ("tags: [a\n", "environments/dev.yaml: line 7: not valid YAML: "),
        ("1: a\n", "environments/dev.yaml: line 6: key 1 is not text; put it in quotes"),
        (
            "workflow: fast\n",
            "environments/dev.yaml: workflow: 'fast': input should be a valid dictionary",
        ),
    ],
)
def test_a_mistake_in_an_environment_is_named(project: Project, extra: str, wanted: str) -> None:
    assert message(project(dev=DEV + extra)).startswith(wanted)


@pytest.mark.parametrize(
    ("line", "replaced", "wanted"),
    [
        (
            'account: "111111111111"',
            "account: 111111111111",
            "account: 111111111111 is not text; put it in quotes",
        ),
        ('account: "111111111111"', 'account: "1111"', "account: '1111' does not match ^[0-9]{12}$"),
        ('account: "111111111111"', "", "account: missing; it has no default"),
        ("region: us-east-1", "region: Virginia", "region: 'Virginia' does not match"),
        ("removal: destroy", "removal: keep", "removal: 'keep' is unknown; allowed: 'retain' or 'destroy'"),
        ("budget_usd_per_run: 50", "budget_usd_per_run: 0", "budget_usd_per_run: 0 is not above 0"),
        (
            "region: us-east-1",
            "region: eu-central-1",
            "region: eu-central-1 can train the base model of no use case; allowed: us-east-1",
        ),
    ],
)
def test_a_wrong_value_in_an_environment_is_named(
    project: Project, line: str, replaced: str, wanted: str
) -> None:
    assert message(project(dev=DEV.replace(line, replaced))).startswith(f"environments/dev.yaml: {wanted}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (GSM8K + "hyperparameters:\n  epochCount: 51\n", "hyperparameters.epochCount: 51 is above 50"),
        (GSM8K + "hyperparameters:\n  learningRate: 1\n", "hyperparameters.learningRate: 1 is above 0.001"),
        (
            GSM8K + "hyperparameters:\n  epochs: 1\n",
            "hyperparameters.epochs: unknown key; allowed: batchSize, ",
        ),
        (
            GSM8K + "rewards: {}\n",
            "rewards: unknown key; allowed: base_model, budget, dataset, description, evaluation, ",
        ),
        (GSM8K + "task: hard\n", "task: 'hard' is unknown; allowed: 'simple' or 'long'"),
        (GSM8K + "budget:\n  usd_per_run: 0\n", "budget.usd_per_run: 0 is not above 0"),
        (
            GSM8K.replace("amazon.nova-2-lite-v1:0:256k", "amazon.nova-9"),
            "base_model: unknown base model 'amazon.nova-9'; allowed: amazon.nova-2-lite-v1:0:256k, ",
        ),
        (
            GSM8K.replace("amazon.nova-2-lite-v1:0:256k", "qwen.qwen3-32b")
            + "hyperparameters:\n  evalInterval: 5\n",
            "hyperparameters.evalInterval: the engine 'mantle' of qwen.qwen3-32b takes no such setting; allowed: ",
        ),
        (
            GSM8K + "hyperparameters:\n  learningRateMultiplier: 0.5\n",
            "hyperparameters.learningRateMultiplier: the engine 'nova' of amazon.nova-2-lite-v1:0:256k takes no ",
        ),
        (GSM8K.replace("name: gsm8k", "name: math"), "name: 'math' is not the folder's name; allowed: gsm8k"),
        (GSM8K.replace("name: gsm8k", "name: GSM8K"), "name: 'GSM8K' does not match"),
        (
            GSM8K.replace("name: gsm8k", f"name: {'g' * 25}"),
            f"name: '{'g' * 25}' has more than 24 characters",
        ),
        (
            GSM8K.replace("Grade-school word problems", "Maths"),
            "description: 'Maths' has fewer than 10 characters",
        ),
        ("", "holds nothing, not keys; allowed: base_model, "),
        ("- a\n", "holds a list, not keys; allowed: base_model, "),
    ],
)
def test_a_mistake_in_a_use_case_is_named(project: Project, text: str, wanted: str) -> None:
    assert message(project(gsm8k=text)).startswith(f"use_cases/gsm8k/use_case.yaml: {wanted}")


def test_further_mistakes_are_counted(project: Project) -> None:
    text = message(project(dev=DEV + "a: 1\nb: 2\nc: 3\n"))
    assert text.endswith(" (and 2 more)")


def test_a_file_that_is_not_utf8_is_refused(project: Project) -> None:
    root = project()
    (root / "environments" / "dev.yaml").write_bytes(b"region: \xff")
    assert message(root) == "environments/dev.yaml: byte 8 is not UTF-8; save the file as UTF-8"


def test_a_folder_without_settings_is_refused(project: Project) -> None:
    root = project()
    (root / "use_cases" / "empty").mkdir()
    assert message(root).startswith("use_cases/empty/use_case.yaml: no such file; ")


def test_a_use_case_may_not_take_the_foundations_name(project: Project) -> None:
    root = project(gsm8k=GSM8K.replace("name: gsm8k", "name: foundation"), folder="foundation")
    assert message(root).startswith("use_cases/foundation/use_case.yaml: name: 'foundation' is reserved; ")


@pytest.mark.parametrize("file", ["Dev.yaml", "development-east.yaml", "d_ev.yaml"])
def test_an_environment_name_that_aws_would_refuse_is_refused(project: Project, file: str) -> None:
    wanted = f"environments/{file}: environment name {file[:-5]!r} is not allowed; at most 10 "
    assert message(project(environment=file)).startswith(wanted)


def test_a_wrong_suffix_is_refused(project: Project) -> None:
    assert (
        message(project(environment="dev.yml")) == "environments/dev.yml: wrong suffix; rename it to dev.yaml"
    )


def test_a_project_without_environments_or_use_cases_says_what_to_add(
    tmp_path: Path, project: Project
) -> None:
    assert message(tmp_path).startswith("environments: no environment; add one such as environments/dev.yaml")
    root = project()
    (root / "use_cases" / "gsm8k" / "use_case.yaml").unlink()
    (root / "use_cases" / "gsm8k").rmdir()
    assert message(root) == "use_cases: no use case; add one with: make use-case NAME=my-use-case"


def test_a_use_case_whose_model_a_region_cannot_train_is_left_out_with_a_note(project: Project) -> None:
    root = project()
    (root / "use_cases" / "open").mkdir()
    (root / "use_cases" / "open" / "use_case.yaml").write_text(
        GSM8K.replace("name: gsm8k", "name: open").replace(
            "amazon.nova-2-lite-v1:0:256k", "openai.gpt-oss-20b"
        )
    )
    (root / "environments" / "west.yaml").write_text(DEV.replace("us-east-1", "us-west-2"))
    (root / "environments" / "local.yaml").write_text(DEV)
    settings = load(root)
    found = {
        environment.name: [use_case.name for use_case in settings.use_cases_in(environment)]
        for environment in settings.environments
    }
    assert found == {"dev": ["gsm8k"], "local": ["gsm8k", "open"], "west": ["open"]}
    dev = next(environment for environment in settings.environments if environment.name == "dev")
    assert settings.left_out_of(dev) == (
        "use case open is left out of dev: us-east-1 cannot train openai.gpt-oss-20b; allowed: us-west-2",
    )
