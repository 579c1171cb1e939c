"""Lint of what was synthesised: `python -m stacks.lint cdk.out`, after `cdk synth` (which runs cdk-nag).

The local AWS takes templates and state machines that AWS would refuse, so they are checked before:
cfn-lint over all templates; asl-validator and statelint over all state machines; parameters of `aws-sdk:`
tasks against botocore's models, which no other linter does.
"""

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import botocore.session
from botocore.exceptions import UnknownServiceError

ROOT: Final = Path(__file__).resolve().parents[1]
STATE_MACHINE: Final = "AWS::StepFunctions::StateMachine"
SDK_TASK: Final = re.compile(r"arn:aws:states:::aws-sdk:(?P<service>[a-z0-9]+):(?P<action>[A-Za-z0-9]+)")
# What a placeholder stands for while linting: any ARN will do.
STAND_IN: Final = "arn:aws:lambda:us-east-1:000000000000:function:stand-in"
PLACEHOLDER: Final = re.compile(r"\$\{[A-Za-z0-9_]+\}")
TIMEOUT_SECONDS: Final = 600
# W3005: the CDK writes DependsOn for whole constructs, where a reference is there already.
CFN_LINT_OPTIONS: Final = ("--ignore-checks", "W3005", "--format", "parseable")
# Wrong findings, told apart by these texts. cfn-lint 1.58.0 and statelint 3.1.0 both refuse JSONata where the
# language allows it for numbers; statelint also whole numbers as rates, `Label` and the reader's `InputType`.
MISTAKES: Final = re.compile(
    r"'\{%[^']*%\}' is not of type '(number|integer)'"
    r'|is "\{%.*%\}" but should be (an Integer|numeric)'
    r"|BackoffRate is \d+ but should be a Float"
    r'|Field "(Label|InputType)" not allowed'
    r"|statelint: (\d+ errors?:|One error:)$"
)

Definitions = dict[str, str]  # text of each distinct definition by where it was first found


def main(arguments: Sequence[str]) -> int:
    """Lint one cloud assembly; 0 without a finding, 1 with one, 2 when there is nothing to lint."""
    out_dir = Path(arguments[0] if arguments else "cdk.out")
    templates = sorted(out_dir.rglob("*.template.json"))
    if not templates:
        sys.stderr.write(f"{out_dir}: no templates; run: npx cdk synth --quiet\n")
        return 2
    definitions = collect_definitions(templates)
    found = (
        *cfn_lint(templates),
        *asl_validator(definitions),
        *state_lint(definitions),
        *sdk_parameters(definitions),
    )
    findings = [finding for finding in found if not MISTAKES.search(finding)]
    for finding in findings:
        sys.stderr.write(f"{finding}\n")
    sys.stdout.write(
        f"lint: {len(templates)} templates, {len(definitions)} state machines, {len(findings)} findings\n"
    )
    return 1 if findings else 0


def collect_definitions(templates: Sequence[Path]) -> Definitions:
    """State machines of all templates; the same definition with the same placeholders counts once."""
    found: dict[str, str] = {}
    for path in templates:
        resources = json.loads(path.read_text(encoding="utf-8")).get("Resources", {})
        for logical_id, resource in resources.items():
            if resource["Type"] == STATE_MACHINE:
                text = resource["Properties"]["DefinitionString"]
                found.setdefault(PLACEHOLDER.sub(STAND_IN, text), f"{path.name}: {logical_id}")
    return {where: text for text, where in found.items()}


def cfn_lint(templates: Sequence[Path]) -> list[str]:
    """Findings of cfn-lint, one line each."""
    run = _run([_beside_python("cfn-lint"), *CFN_LINT_OPTIONS, "--", *map(str, templates)])
    return [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]


def asl_validator(definitions: Definitions) -> list[str]:
    """Findings of asl-validator (Node): structure, unreachable states, JSONata syntax."""
    tool = ROOT / "node_modules" / ".bin" / "asl-validator"
    if not tool.exists():
        return [f"{tool.relative_to(ROOT)}: not installed; run: make setup"]
    findings = []
    for where, path in _files(definitions):
        run = _run([str(tool), "--json-path", str(path)])
        if run.returncode:
            findings.append(f"{where}: asl-validator: {' '.join((run.stdout + run.stderr).split())}")
    return findings


def state_lint(definitions: Definitions) -> list[str]:
    """Findings of statelint: structure of states."""
    findings = []
    for where, path in _files(definitions):
        run = _run([_beside_python("statelint"), str(path)])
        findings += [
            f"{where}: statelint: {line.strip()}" for line in run.stdout.splitlines() if line.strip()
        ]
        if run.returncode and not run.stdout.strip():
            findings.append(f"{where}: statelint: {' '.join(run.stderr.split())}")
    return findings


def sdk_parameters(definitions: Definitions) -> list[str]:
    """Misspelt services, actions and parameters of `aws-sdk:` tasks."""
    session = botocore.session.get_session()
    findings = []
    for where, text in definitions.items():
        for name, state in tasks(json.loads(text)):
            task = SDK_TASK.match(state["Resource"])
            if task:
                arguments = state.get("Arguments") or state.get("Parameters") or {}
                problems = _sdk_problems(session, task["service"], task["action"], arguments)
                findings += [f"{where}: {name}: {problem}" for problem in problems]
    return findings


def tasks(machine: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """All task states, those inside Map and Parallel too."""
    for name, state in machine.get("States", {}).items():
        if state["Type"] == "Task":
            yield name, state
        for nested in (state.get("ItemProcessor"), state.get("Iterator"), *state.get("Branches", ())):
            if nested:
                yield from tasks(nested)


def _sdk_problems(
    session: botocore.session.Session, service: str, action: str, arguments: object
) -> Iterator[str]:
    # Step Functions names services as botocore does, without hyphens (guide, "AWS SDK integrations").
    by_name = {name.replace("-", ""): name for name in session.get_available_services()} | {
        "sfn": "stepfunctions"
    }
    try:
        model = session.get_service_model(by_name.get(service, service))
    except UnknownServiceError:
        yield f"unknown service {service!r}"
        return
    wanted = action[0].upper() + action[1:]
    if wanted not in model.operation_names:
        yield f"service {service!r} has no action {action!r}"
        return
    shape = model.operation_model(wanted).input_shape
    allowed = {name[0].upper() + name[1:] for name in shape.members} if shape else set()
    required = {name[0].upper() + name[1:] for name in shape.required_members} if shape else set()
    if isinstance(arguments, Mapping):
        given = {name.removesuffix(".$") for name in arguments}
        yield from (f"{action}: unknown parameter {name!r}" for name in sorted(given - allowed))
        yield from (f"{action}: missing parameter {name!r}" for name in sorted(required - given))


def _files(definitions: Definitions) -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        for position, (where, text) in enumerate(definitions.items()):
            path = Path(folder) / f"{position}.asl.json"
            path.write_text(text, encoding="utf-8")
            yield where, path


def _beside_python(tool: str) -> str:
    return str(Path(sys.executable).parent / tool)


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 arguments of our own, no shell
        command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
