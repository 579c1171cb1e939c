"""Who may do what: a role for each function, and none that reaches further than its use case."""

import json
import re
from typing import Any

import pytest

from rft import names
from rft.log_source import InvocationLogs
from stacks.constructs.access import Access
from tests.stacks.support import AWS_ENVIRONMENTS, ENVIRONMENTS, Template, listed, use_cases_of

App = dict[tuple[str, str], Template]
# Actions without resource types in AWS's service authorization reference.
WITHOUT_RESOURCES = {
    "bedrock-mantle:CallWithBearerToken",
    "cloudwatch:GetMetricData",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
ALL_STACKS = [
    (environment, name) for environment in ENVIRONMENTS for name in ("foundation", *use_cases_of(environment))
]


def role(template: Template, name: str) -> dict[str, Any]:
    return template.only("AWS::IAM::Role", lambda p: p.get("RoleName") == name)


@pytest.mark.parametrize("stack", ALL_STACKS, ids="/".join)
def test_no_action_is_a_wildcard(app: App, stack: tuple[str, str]) -> None:
    for _, statement in app[stack].statements():
        assert not [action for action in listed(statement["Action"]) if "*" in action]


@pytest.mark.parametrize("stack", ALL_STACKS, ids="/".join)
def test_any_resource_is_allowed_only_to_actions_that_know_no_resources(
    app: App, stack: tuple[str, str]
) -> None:
    for _, statement in app[stack].statements():
        if "*" in listed(statement["Resource"]):
            assert set(listed(statement["Action"])) <= WITHOUT_RESOURCES


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_use_case_reaches_data_of_another(app: App, environment: str) -> None:
    names_here = use_cases_of(environment)
    for name in names_here:
        allowed = json.dumps([statement for _, statement in app[environment, name].statements()])
        rest = allowed.replace(name, "")  # one name may begin another
        assert not [
            other for other in names_here if other != name and other in (rest if other in name else allowed)
        ]
        for bucket in ("datasets", "artifacts"):
            keys = re.findall(rf"rft-{environment}-{bucket}-[0-9]+-[a-z0-9-]+/([^\"]*)", allowed)
            assert keys
            assert all(key.startswith(f"{name}/") for key in keys)


def test_table_access_is_confined_to_the_use_case_and_the_slot(use_case: Template) -> None:
    name = use_case.name.removeprefix("rft-prod-")
    found = [
        item for _, item in use_case.statements() if str(listed(item["Action"])[0]).startswith("dynamodb:")
    ]
    assert len(found) > 20
    for statement in found:
        (keys,) = statement["Condition"].values()
        allowed = {name, f"{name}#RUN#*", f"{name}#JOB#*", "SLOT#prod", "SPEND#prod", f"{name}#SPEND"}
        assert set(listed(keys["dynamodb:LeadingKeys"])) <= allowed


def test_only_the_estimate_and_the_record_reach_the_ledger(use_case: Template) -> None:
    found = {
        who: statement["Action"]
        for who, statement in use_case.statements()
        if "SPEND#prod" in json.dumps(statement.get("Condition", {}))
    }
    assert {who.split("Role")[0] for who in found} == {"Functionsestimatecost", "Functionsrecordrun"}
    wanted = {"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}
    assert all(set(actions) == wanted for actions in found.values())


def test_bedrock_assumes_the_job_role_for_jobs_of_this_account_only(use_case: Template) -> None:
    properties = role(use_case, f"{use_case.name}-job")
    (statement,) = properties["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "bedrock.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "333333333333"},
        "ArnLike": {"aws:SourceArn": "arn:aws:bedrock:us-east-1:333333333333:model-customization-job/*"},
    }


def test_the_job_role_reads_datasets_writes_outputs_and_calls_the_reward(use_case: Template) -> None:
    name = use_case.name.removeprefix("rft-prod-")
    artifacts = "arn:aws:s3:::rft-prod-artifacts-333333333333-us-east-1"
    by_action: dict[str, list[Any]] = {}
    for statement in use_case.statements_of("JobRole"):
        for action in listed(statement["Action"]):
            by_action.setdefault(action, []).extend(listed(statement["Resource"]))
    # Every version: a job under way calls the one it was given after the next one is deployed.
    assert by_action["lambda:InvokeFunction"] == [
        f"arn:aws:lambda:us-east-1:333333333333:function:{use_case.name}-reward:*"
    ]
    assert by_action["s3:PutObject"] == [f"{artifacts}/{name}/runs/*/output/*"]
    assert set(by_action["s3:GetObject"]) == {
        f"{artifacts}/{name}/runs/*/dataset/*",
        f"{artifacts}/{name}/runs/*/output/*",
    }
    assert by_action["s3:ListBucket"] == [artifacts]
    assert {action.split(":")[0] for action in by_action} == {"kms", "lambda", "s3"}


def test_only_the_launch_may_pass_the_job_role_and_only_to_bedrock(use_case: Template) -> None:
    passing = [(who, item) for who, item in use_case.statements() if "iam:PassRole" in listed(item["Action"])]
    ((who, statement),) = passing
    assert who.startswith("Functionslaunchtraining")
    assert statement["Condition"] == {"StringEquals": {"iam:PassedToService": "bedrock.amazonaws.com"}}
    assert str(statement["Resource"]).startswith("{'Fn::GetAtt': ['JobRole")


def test_the_reward_function_can_log_and_trace_and_do_what_its_imports_call_for(use_case: Template) -> None:
    name = use_case.name.removeprefix("rft-prod-")
    allowed = {
        action: item["Resource"]
        for item in use_case.statements_of("RewardFunctionRewardRole")
        for action in listed(item["Action"])
        if not action.startswith(("logs:", "xray:"))
    }
    judge = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0"
    executor = f"arn:aws:lambda:us-east-1:333333333333:function:{use_case.name}-executor:*"
    assert (
        allowed
        == {
            "gsm8k": {},
            "code-generation": {"lambda:InvokeFunction": executor},
            "summarization": {"bedrock:InvokeModel": judge},
        }[name]
    )


def test_the_executor_may_write_its_log_and_nothing_else(app: App) -> None:
    for environment in ENVIRONMENTS:
        found = app[environment, "code-generation"].statements_of("RewardFunctionExecutor")
        actions = {action for item in found for action in listed(item["Action"])}
        assert actions == {"logs:CreateLogStream", "logs:PutLogEvents"}


def test_the_executor_knows_the_name_of_its_engine_and_nothing_else(app: App) -> None:
    template = app["prod", "code-generation"]
    function = template.only(
        "AWS::Lambda::Function", lambda p: p["FunctionName"] == f"{template.name}-executor"
    )
    assert function["Environment"]["Variables"] == {"RFT_ENGINE": "wasm"}
    assert function["ReservedConcurrentExecutions"] == 20
    assert "TracingConfig" not in function


def test_keys_are_used_through_services_only(use_case: Template) -> None:
    for who, statement in use_case.statements():
        if str(listed(statement["Action"])[0]).startswith("kms:"):
            assert "kms:ViaService" in statement["Condition"]["StringEquals"], who


def test_state_machines_invoke_exactly_the_functions_of_their_definition(use_case: Template) -> None:
    for construct, name in (("WorkflowPipelineRole", "pipeline"), ("WorkflowEvaluationRole", "evaluation")):
        machines = use_case.of("AWS::StepFunctions::StateMachine").values()
        (machine,) = [
            item["Properties"] for item in machines if item["Properties"]["StateMachineName"].endswith(name)
        ]
        wanted = [
            value
            for value in machine["DefinitionSubstitutions"].values()
            if "Fn::GetAtt" in json.dumps(value)
        ]
        invoked = [
            resource
            for statement in use_case.statements_of(construct)
            if "lambda:InvokeFunction" in listed(statement["Action"])
            for resource in listed(statement["Resource"])
        ]
        assert sorted(map(json.dumps, invoked)) == sorted(map(json.dumps, wanted))


def test_a_permissions_boundary_reaches_every_role(tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.stacks.support import synthesise
    from tests.stacks.test_app import project_with

    folder = tmp_path_factory.mktemp("boundary")
    root = project_with(folder, "first")
    (root / "environments").unlink()
    (root / "environments").mkdir()
    (root / "environments" / "dev.yaml").write_text(
        'account: "111111111111"\nregion: us-east-1\nremoval: destroy\nbudget_usd_per_run: 10\n'
        "permissions_boundary_arn: arn:aws:iam::111111111111:policy/limits\n"
    )
    for template in synthesise(root, folder / "out").values():
        for item in template.of("AWS::IAM::Role").values():
            assert item["Properties"]["PermissionsBoundary"] == "arn:aws:iam::111111111111:policy/limits"


@pytest.mark.parametrize("environment", AWS_ENVIRONMENTS)
def test_queues_and_topics_take_messages_over_tls_only(app: App, environment: str) -> None:
    for name in use_cases_of(environment):
        policy = app[environment, name].only("AWS::SQS::QueuePolicy")
        denied = [item for item in policy["PolicyDocument"]["Statement"] if item["Effect"] == "Deny"]
        assert denied[0]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_job_that_trains_on_logs_may_read_exactly_their_prefix() -> None:
    access = Access(
        environment=names.EnvironmentNames("prod", "333333333333", "us-east-1"),
        use_case=names.UseCaseNames("prod", "shop"),
        partition="aws",
        key_arn="arn:aws:kms:us-east-1:333333333333:key/k",
        base_model_id="amazon.nova-2-lite-v1:0:256k",
        logs=InvocationLogs(s3_uri="s3://company-logs/bedrock/prod/", held_out={"purpose": "held-out"}),
    )
    read, found = (statement.to_statement_json() for statement in access.read_logs())
    assert (read["Action"], read["Resource"]) == ("s3:GetObject", "arn:aws:s3:::company-logs/bedrock/prod/*")
    assert (found["Action"], found["Resource"]) == ("s3:ListBucket", "arn:aws:s3:::company-logs")
    assert found["Condition"] == {"StringLike": {"s3:prefix": ["bedrock/prod/*"]}}


def test_who_records_answers_reaches_records_only_and_nobody_but_waiters_completes_tasks(
    use_case: Template,
) -> None:
    allowed = {
        action
        for item in use_case.statements_of("Functionsrecordapproval")
        for action in listed(item["Action"])
        if not action.startswith(("logs:", "xray:", "kms:"))
    }
    assert allowed == {"dynamodb:GetItem", "dynamodb:UpdateItem"}
    completing = {
        who for who, item in use_case.statements() if "states:SendTaskSuccess" in listed(item["Action"])
    }
    assert all(who.startswith(("Functionsawaitjob", "Functionsonjobevent")) for who in completing)
    assert len(completing) == 2


def take_slot(**members: str) -> list[dict[str, Any]]:
    access = Access(
        environment=names.EnvironmentNames("prod", "333333333333", "us-east-1"),
        use_case=names.UseCaseNames("prod", "shop"),
        partition="aws",
        key_arn="arn:aws:kms:us-east-1:333333333333:key/k",
        base_model_id="amazon.nova-2-lite-v1:0:256k",
        **members,
    )
    statements: list[dict[str, Any]] = [item.to_statement_json() for item in access.take_slot()]
    return statements


def test_who_waits_for_a_slot_may_ask_whether_any_pipeline_of_the_environment_runs(
    use_case: Template,
) -> None:
    asked = [
        item["Resource"]
        for item in use_case.statements_of("Functionsacquiretrainingslot")
        if "states:DescribeExecution" in listed(item["Action"])
    ]
    assert asked == ["arn:aws:states:us-east-1:333333333333:execution:rft-prod-*-pipeline:*"]


def test_the_quota_may_be_read_only_where_a_setting_names_it() -> None:
    assert "servicequotas" not in json.dumps(take_slot())
    *_, last = take_slot(slots_quota_code="L-0406044C")
    assert last["Action"] == "servicequotas:GetServiceQuota"
    assert last["Resource"] == "arn:aws:servicequotas:us-east-1:333333333333:bedrock/L-0406044C"
