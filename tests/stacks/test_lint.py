"""The lint finds what AWS would refuse and the local AWS would not."""

import json
from pathlib import Path
from typing import Any

import pytest

from stacks import lint

ARGUMENTS = {"JobIdentifier": "x"}


def machine(resource: str, arguments: dict[str, Any]) -> dict[str, str]:
    states = {"Stop": {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True}}
    return {"here": json.dumps({"QueryLanguage": "JSONata", "StartAt": "Stop", "States": states})}


@pytest.mark.parametrize(
    ("resource", "arguments", "wanted"),
    [
        ("arn:aws:states:::aws-sdk:bedrock:stopModelCustomizationJob", ARGUMENTS, []),
        (
            "arn:aws:states:::aws-sdk:bedrock:stopModelCustomizationJob",
            {"JobIdentifer": "x"},
            [
                "here: Stop: stopModelCustomizationJob: unknown parameter 'JobIdentifer'",
                "here: Stop: stopModelCustomizationJob: missing parameter 'JobIdentifier'",
            ],
        ),
        (
            "arn:aws:states:::aws-sdk:bedrock:stopJob",
            {},
            ["here: Stop: service 'bedrock' has no action 'stopJob'"],
        ),
        ("arn:aws:states:::aws-sdk:bedrok:stopJob", {}, ["here: Stop: unknown service 'bedrok'"]),
        ("arn:aws:states:::sfn:startExecution", {}, []),
    ],
)
def test_misspelt_sdk_parameters_are_found(
    resource: str, arguments: dict[str, Any], wanted: list[str]
) -> None:
    assert lint.sdk_parameters(machine(resource, arguments)) == wanted


def test_tasks_inside_maps_are_seen() -> None:
    nested = {"Type": "Map", "ItemProcessor": json.loads(machine("arn", {})["here"])}
    assert [name for name, _ in lint.tasks({"States": {"Each": nested}})] == ["Stop"]


def test_known_mistakes_of_the_linters_are_narrow() -> None:
    assert lint.MISTAKES.search("a: statelint: X.Retry[0].BackoffRate is 2 but should be a Float")
    assert lint.MISTAKES.search("E3601:'{% $x %}' is not of type 'number' at 'States/Wait/TimeoutSeconds'")
    assert not lint.MISTAKES.search("a: statelint: X.Retry[0].BackoffRate is 'two' but should be a Float")
    assert not lint.MISTAKES.search("E3601:'two' is not of type 'number' at 'States/Wait/TimeoutSeconds'")
    assert not lint.MISTAKES.search("a: statelint: No state found named 'Nowhere', referenced at X.Next")


def test_findings_make_the_exit_code_and_a_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    definition = machine("arn:aws:states:::aws-sdk:bedrock:stopJob", {})["here"]
    resource = {"Type": lint.STATE_MACHINE, "Properties": {"DefinitionString": definition}}
    (tmp_path / "assembly-dev").mkdir()
    for name in ("a", "b"):
        path = tmp_path / "assembly-dev" / f"{name}.template.json"
        path.write_text(json.dumps({"Resources": {"Machine": resource}}))
    for linter in ("cfn_lint", "asl_validator", "state_lint"):
        monkeypatch.setattr(lint, linter, lambda _: [])
    assert lint.main([str(tmp_path)]) == 1
    assert capsys.readouterr().out == "lint: 2 templates, 1 state machines, 1 findings\n"


def test_a_folder_without_templates_is_not_passed(tmp_path: Path) -> None:
    assert lint.main([str(tmp_path)]) == 2
