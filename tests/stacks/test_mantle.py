"""A use case of the engine mantle: no job role, the endpoint's own actions, the client's layer."""

from tests.stacks.support import Template, listed

App = dict[tuple[str, str], Template]
ARN = "arn:aws:{}:us-east-1:000000000000:{}"


def actions(template: Template, function: str) -> set[str]:
    found = {
        action for item in template.statements_of(f"Functions{function}") for action in listed(item["Action"])
    }
    return {action for action in found if action.startswith(("bedrock", "lambda:", "ssm:", "iam:"))}


def test_jobs_have_no_role_and_nobody_calls_the_control_plane(app: App) -> None:
    template = app["local", "gsm8k-open"]
    roles = [item["Properties"].get("RoleName", "") for item in template.of("AWS::IAM::Role").values()]
    assert not [name for name in roles if name.endswith("-job")]
    used = {action for _, item in template.statements() for action in listed(item["Action"])}
    assert not [action for action in used if action.startswith("bedrock:") or action == "iam:PassRole"]
    for function in template.of("AWS::Lambda::Function").values():
        assert "RFT_JOB_ROLE_ARN" not in function["Properties"]["Environment"]["Variables"]


def test_who_launches_a_job_may_call_the_reward_because_bedrock_does_so_in_its_name(app: App) -> None:
    template = app["local", "gsm8k-open"]
    assert actions(template, "launchtraining") == {
        "bedrock-mantle:CallWithBearerToken",
        "bedrock-mantle:CreateFile",
        "bedrock-mantle:CreateFineTuningJob",
        "bedrock-mantle:ListFiles",
        "bedrock-mantle:ListFineTuningJobs",
        "lambda:InvokeFunction",
    }
    assert actions(template, "checkdeployment") == set()
    assert actions(template, "promote") == {"ssm:GetParameter"}
    assert actions(template, "watchtraining") == {
        "bedrock-mantle:CallWithBearerToken",
        "bedrock-mantle:CancelFineTuningJob",
        "bedrock-mantle:GetFineTuningJob",
    }


def test_the_endpoints_actions_are_allowed_on_projects_of_the_account_only(app: App) -> None:
    key = "bedrock-mantle:CallWithBearerToken"
    checked = 0
    for _, item in app["local", "gsm8k-open"].statements():
        # The CDK joins statements on the same resources, so that the key's is one with that of X-Ray.
        if any(action.startswith("bedrock-mantle:") and action != key for action in listed(item["Action"])):
            checked += 1
            assert listed(item["Resource"]) == [ARN.format("bedrock-mantle", "project/*")]
    assert checked == 7


def test_the_client_comes_in_a_layer_in_the_place_of_the_other_engines(app: App) -> None:
    for name, wanted, other in (
        ("gsm8k-open", "-bedrock-mantle", "-bedrock"),
        ("gsm8k", "-bedrock", "-bedrock-mantle"),
    ):
        layers = app["local", name].of("AWS::Lambda::LayerVersion").values()
        found = {item["Properties"]["LayerName"].removeprefix(f"rft-local-{name}") for item in layers}
        assert wanted in found
        assert other not in found
