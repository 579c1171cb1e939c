"""What stacks there are, and how they relate."""

import shutil
from pathlib import Path

import pytest

from rft import names
from rft.errors import SettingsError
from stacks.app_factory import build_app
from tests.stacks.support import ENVIRONMENTS, ROOT, Template, listed, synthesise, use_cases_of

App = dict[tuple[str, str], Template]
LINKED = ("rft", "lambda", "stepfunctions", "environments", "cdk.json")


def test_every_environment_has_a_foundation_and_every_use_case(app: App) -> None:
    assert set(app) == {(e, stack) for e in ENVIRONMENTS for stack in ("foundation", *use_cases_of(e))}


def test_use_case_stacks_follow_their_foundation_without_cross_stack_references(app: App) -> None:
    for (environment, stack), template in app.items():
        assert "Fn::ImportValue" not in template.text
        assert "Fn::GetStackOutput" not in template.text
        assert "Outputs" not in template.body
        if stack != "foundation":
            assert len(template.dependencies) == 1
            assert template.dependencies[0].startswith(f"{environment}foundation")


def test_stack_names_are_those_that_the_command_line_looks_for(app: App) -> None:
    assert app["dev", "gsm8k"].name == names.UseCaseNames("dev", "gsm8k").stack
    assert app["dev", "foundation"].name == names.EnvironmentNames("dev", "1", "r").foundation_stack


def test_no_stack_has_a_custom_resource_or_more_than_four_fifths_of_the_resource_limit(app: App) -> None:
    for template in app.values():
        kinds = {resource["Type"] for resource in template.body["Resources"].values()}
        assert not [kind for kind in kinds if kind.startswith(("Custom::", "AWS::CloudFormation::Custom"))]
        assert len(template.body["Resources"]) <= 400
        assert len(template.text) <= 800_000


def test_every_taggable_resource_names_environment_and_use_case(app: App) -> None:
    tags = app["dev", "gsm8k"].only(
        "AWS::StepFunctions::StateMachine", lambda p: "pipeline" in p["StateMachineName"]
    )
    found = {tag["Key"]: tag["Value"] for tag in tags["Tags"]}
    assert found == {"application": "rft", "environment": "dev", "use-case": "gsm8k"}


def project_with(tmp_path: Path, *use_cases: str) -> Path:
    """A project of links to this one, with copies of its use cases under other names."""
    root = tmp_path / "project"
    (root / "use_cases").mkdir(parents=True)
    for name in LINKED:
        (root / name).symlink_to(ROOT / name)
    for name in use_cases:
        folder = root / "use_cases" / name
        shutil.copytree(ROOT / "use_cases" / "gsm8k", folder, ignore=shutil.ignore_patterns("sample"))
        settings = folder / "use_case.yaml"
        settings.write_text(settings.read_text().replace("name: gsm8k", f"name: {name}"))
    return root


def test_a_new_folder_adds_exactly_one_stack_and_changes_no_other_use_case(tmp_path: Path) -> None:
    before = synthesise(project_with(tmp_path / "a", "first"), tmp_path / "1", environments=["dev"])
    after = synthesise(project_with(tmp_path / "b", "first", "second"), tmp_path / "2", environments=["dev"])
    assert set(after) - set(before) == {("dev", "second")}
    assert after["dev", "first"].body == before["dev", "first"].body


def test_one_environment_can_be_made_alone(tmp_path: Path) -> None:
    made = synthesise(project_with(tmp_path, "first"), tmp_path / "out", environments=["local"])
    assert set(made) == {("local", "foundation"), ("local", "first")}


def test_one_use_case_can_be_made_alone_and_the_foundation_still_knows_the_others(tmp_path: Path) -> None:
    root = project_with(tmp_path, "first", "second")
    whole = synthesise(root, tmp_path / "1", environments=["dev"])
    made = synthesise(root, tmp_path / "2", environments=["dev"], use_cases=["second"])
    assert set(made) == {("dev", "foundation"), ("dev", "second")}
    assert made["dev", "foundation"].body == whole["dev", "foundation"].body


def test_an_unknown_use_case_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="-c use_cases: unknown use case 'third'; allowed: first"):
        build_app(project_with(tmp_path, "first"), use_cases=["third"])


def test_an_unknown_environment_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="unknown environment 'qa'; allowed: dev, local, prod, staging"):
        build_app(project_with(tmp_path, "first"), environments=["qa"])


def test_a_function_folder_without_a_line_in_the_table_is_refused(tmp_path: Path) -> None:
    root = project_with(tmp_path, "first")
    (root / "lambda").unlink()
    shutil.copytree(ROOT / "lambda", root / "lambda")
    (root / "lambda" / "forgotten").mkdir()
    (root / "lambda" / "forgotten" / "handler.py").write_text("")
    with pytest.raises(SettingsError, match=r"^lambda/forgotten/handler\.py: belongs to no function; "):
        build_app(root)


def test_a_placeholder_without_a_value_is_refused(tmp_path: Path) -> None:
    root = project_with(tmp_path, "first")
    (root / "stepfunctions").unlink()
    shutil.copytree(ROOT / "stepfunctions", root / "stepfunctions")
    machine = root / "stepfunctions" / "rft_pipeline.asl.json"
    machine.write_text(machine.read_text().replace("${gate_arn}", "${gatte_arn}"))
    with pytest.raises(
        SettingsError, match=r"rft_pipeline\.asl\.json: unknown placeholder \$\{gatte_arn\}; allowed: "
    ):
        synthesise(root, tmp_path / "out", environments=["dev"])


def test_logs_with_a_schedule_add_their_collector_and_nothing_else(tmp_path: Path) -> None:
    root = project_with(tmp_path, "plain", "logged")
    settings = root / "use_cases/logged/use_case.yaml"
    text = settings.read_text().replace("\ndataset:\n", "\ndataset:\n  invocation_logs: {}\n", 1)
    source = "{s3_uri: s3://company-logs/bedrock/, held_out: {purpose: test}, schedule: rate(7 days)}"
    settings.write_text(
        text.replace("invocation_logs: {}", f"reference_required: false\n  invocation_logs: {source}")
    )
    made = synthesise(root, tmp_path / "out", environments=["prod"])
    collector = "rft-prod-logged-collect-logs"
    for name, expected in (("plain", 0), ("logged", 1)):
        functions = made["prod", name].of("AWS::Lambda::Function").values()
        assert sum(item["Properties"]["FunctionName"] == collector for item in functions) == expected
    logged = made["prod", "logged"]
    rule = logged.only("AWS::Events::Rule", lambda found: found["Name"] == collector)
    assert rule["ScheduleExpression"] == "rate(7 days)"
    assert rule["Targets"][0]["DeadLetterConfig"]
    statements = logged.statements_of("Functionscollectlogs")
    reached = {
        resource for item in statements for resource in listed(item["Resource"]) if ":s3:::" in str(resource)
    }
    assert sorted(str(resource).rpartition(":s3:::")[2].rstrip("\"']}") for resource in reached) == [
        "company-logs",
        "company-logs/bedrock/*",
        "rft-prod-datasets-333333333333-us-east-1/logged/logs-*/*.jsonl",
    ]
