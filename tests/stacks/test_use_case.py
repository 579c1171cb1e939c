"""Functions, workflow, rules, alarms of a use case."""

import json
import re
from typing import Any

import pytest

from rft.settings import RunSettings
from stacks.functions import COLLECT_LOGS, FUNCTIONS
from tests.stacks.support import ENVIRONMENTS, ROOT, Template, listed, use_cases_of

App = dict[tuple[str, str], Template]


def function(template: Template, name: str) -> dict[str, Any]:
    return template.only("AWS::Lambda::Function", lambda p: p["FunctionName"] == f"{template.name}-{name}")


def machine(template: Template, name: str) -> dict[str, Any]:
    return template.only("AWS::StepFunctions::StateMachine", lambda p: p["StateMachineName"].endswith(name))


def rule(template: Template, name: str) -> dict[str, Any]:
    return template.only("AWS::Events::Rule", lambda p: p["Name"].endswith(f"-{name}"))


def test_every_folder_is_a_function(use_case: Template) -> None:
    made = {item["Properties"]["FunctionName"] for item in use_case.of("AWS::Lambda::Function").values()}
    folders = {path.parent.name for path in (ROOT / "lambda").glob("*/handler.py")} - {COLLECT_LOGS}
    if not use_case.name.endswith("code-generation"):
        folders -= {"executor"}
    assert {name.removeprefix(f"{use_case.name}-").replace("-", "_") for name in made} == folders
    assert all(len(name) <= 64 for name in made)


def test_every_function_has_a_role_and_an_encrypted_log_group_of_its_own(use_case: Template) -> None:
    functions = [item["Properties"] for item in use_case.of("AWS::Lambda::Function").values()]
    assert len({json.dumps(item["Role"]) for item in functions}) == len(functions)
    assert len({json.dumps(item["LoggingConfig"]["LogGroup"]) for item in functions}) == len(functions)
    for group in use_case.of("AWS::Logs::LogGroup").values():
        assert group["Properties"]["KmsKeyId"]
        assert group["Properties"]["RetentionInDays"] == 365
    untraced = [item["FunctionName"] for item in functions if "TracingConfig" not in item]
    assert all(name.endswith("-executor") for name in untraced)
    assert {item["Runtime"] for item in functions} == {"python3.14"}
    assert {item["Architectures"][0] for item in functions} == {"arm64"}


def test_workflow_functions_know_what_the_contract_promises(use_case: Template) -> None:
    variables = function(use_case, "register-run")["Environment"]["Variables"]
    assert set(variables) == {
        "POWERTOOLS_LOG_LEVEL",
        "POWERTOOLS_SERVICE_NAME",
        "RFT_ARTIFACTS_BUCKET",
        "RFT_DATASETS_BUCKET",
        "RFT_DEPLOYMENT_PARAMETER",
        "RFT_ENVIRONMENT",
        "RFT_JOB_ROLE_ARN",
        "RFT_KMS_KEY_ARN",
        "RFT_REWARD_CODE_SHA256",
        "RFT_REWARD_FUNCTION_ARN",
        "RFT_RUNS_TABLE",
        "RFT_SETTINGS_PARAMETER",
        "RFT_TOPIC_ARN",
        "RFT_USE_CASE",
    }
    assert re.fullmatch("[0-9a-f]{64}", variables["RFT_REWARD_CODE_SHA256"])


def test_jobs_get_the_version_of_the_reward_that_stays_when_the_next_is_deployed(use_case: Template) -> None:
    versions = use_case.of("AWS::Lambda::Version")
    for version in versions.values():
        assert version["DeletionPolicy"] == version["UpdateReplacePolicy"] == "Retain"
    (logical_id,) = [key for key in versions if key.startswith("RewardFunctionRewardFunction")]
    for name in ("launch-training", "evaluate-batch"):
        variables = function(use_case, name)["Environment"]["Variables"]
        assert variables["RFT_REWARD_FUNCTION_ARN"] == {"Ref": logical_id}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_logs_outlive_their_stack_where_settings_say_retain(app: App, environment: str) -> None:
    wanted = "Retain" if environment in {"prod", "staging"} else "Delete"
    for group in app[environment, "gsm8k"].of("AWS::Logs::LogGroup").values():
        assert group["DeletionPolicy"] == wanted


def test_placeholders_and_substitutions_are_the_same_set(use_case: Template) -> None:
    for item in use_case.of("AWS::StepFunctions::StateMachine").values():
        properties = item["Properties"]
        wanted = set(re.findall(r"\$\{(\w+)\}", properties["DefinitionString"]))
        assert wanted == set(properties["DefinitionSubstitutions"])


def test_the_definitions_are_the_files(use_case: Template) -> None:
    for name, file in (
        ("pipeline", "rft_pipeline"),
        ("evaluation", "evaluate_model"),
        ("after-abort", "after_abort"),
    ):
        written = json.loads((ROOT / "stepfunctions" / f"{file}.asl.json").read_text())
        assert json.loads(machine(use_case, name)["DefinitionString"]) == written


def test_executions_are_logged_without_their_data_and_traced(use_case: Template) -> None:
    for item in use_case.of("AWS::StepFunctions::StateMachine").values():
        logging = item["Properties"]["LoggingConfiguration"]
        assert logging["Level"] == "ALL"
        assert logging["IncludeExecutionData"] is False
        assert item["Properties"]["TracingConfiguration"] == {"Enabled": True}


def test_a_task_waits_longer_than_its_function_runs(use_case: Template) -> None:
    timeouts = {f"${{{spec.name}_arn}}": spec.timeout_seconds for spec in FUNCTIONS}

    def check(states: dict[str, Any]) -> int:
        checked = 0
        for state in states.values():
            arguments = state.get("Arguments", {})
            if "FunctionName" in arguments and isinstance(state["TimeoutSeconds"], int):
                assert state["TimeoutSeconds"] > timeouts[arguments["FunctionName"]]
                checked += 1
            checked += check(state.get("ItemProcessor", {}).get("States", {}))
        return checked

    for name, least in (("pipeline", 15), ("evaluation", 3)):
        assert check(json.loads(machine(use_case, name)["DefinitionString"])["States"]) >= least


def test_the_trigger_has_prefix_and_suffix_and_outputs_go_to_another_bucket(use_case: Template) -> None:
    upload = rule(use_case, "upload")
    detail = upload["EventPattern"]["detail"]
    name = use_case.name.removeprefix("rft-prod-")
    assert detail["object"]["key"] == [{"wildcard": f"{name}/*/train.jsonl"}]
    (bucket,) = detail["bucket"]["name"]
    variables = function(use_case, "launch-training")["Environment"]["Variables"]
    assert bucket == variables["RFT_DATASETS_BUCKET"]
    assert bucket != variables["RFT_ARTIFACTS_BUCKET"]
    (target,) = upload["Targets"]
    assert set(target["InputTransformer"]["InputPathsMap"].values()) == {
        "$.detail.bucket.name",
        "$.detail.object.key",
        "$.detail.object.version-id",
    }


def test_job_events_of_other_use_cases_wake_nobody(use_case: Template) -> None:
    pattern = rule(use_case, "job-event")["EventPattern"]
    assert pattern["detail-type"] == ["Model Customization Job State Change"]
    assert pattern["detail"] == {"jobName": [{"prefix": f"{use_case.name}-"}]}


def test_an_aborted_execution_is_compensated(use_case: Template) -> None:
    aborted = rule(use_case, "aborted")
    assert aborted["EventPattern"]["detail"]["status"] == ["ABORTED", "TIMED_OUT"]
    (target,) = aborted["Targets"]
    assert '"adoption_seconds":900' in target["InputTransformer"]["InputTemplate"]
    (state,) = [
        state
        for state in json.loads(machine(use_case, "after-abort")["DefinitionString"])["States"].values()
        if state["Type"] == "Task" and "Payload" in state["Arguments"]
    ]
    assert state["Arguments"]["Payload"]["reason"] == "aborted"


def test_events_are_retried_and_then_kept(use_case: Template) -> None:
    rules = use_case.of("AWS::Events::Rule").values()
    assert len(rules) == 3
    for item in rules:
        for target in item["Properties"]["Targets"]:
            assert target["DeadLetterConfig"]
            assert target["RetryPolicy"]["MaximumRetryAttempts"] == 24
    for name in ("on-job-event",):
        assert function(use_case, name)["DeadLetterConfig"]


@pytest.mark.parametrize(
    ("environment", "name"), [(where, name) for where in ENVIRONMENTS for name in use_cases_of(where)]
)
def test_the_settings_parameter_is_what_runs_read(app: App, environment: str, name: str) -> None:
    parameter = app[environment, name].only("AWS::SSM::Parameter")
    assert parameter["Name"] == f"/rft/{environment}/{name}/settings"
    assert RunSettings.model_validate_json(parameter["Value"]).use_case.name == name
    assert len(parameter["Value"]) <= 8192


def test_layers_are_shared_by_content_and_few(use_case: Template) -> None:
    for item in use_case.of("AWS::Lambda::Function").values():
        assert 1 <= len(listed(item["Properties"]["Layers"])) <= 5
