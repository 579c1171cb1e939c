"""The synthesised app as the tests see it: templates by environment and stack, and ways to look into them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest

from stacks.app_factory import build_app
from stacks.constructs.layers import LayerBuild

ROOT = Path(__file__).resolve().parents[2]
AWS_ENVIRONMENTS = ("dev", "prod", "staging")
ENVIRONMENTS = ("dev", "local", "prod", "staging")
USE_CASES = tuple(sorted(path.parent.name for path in (ROOT / "use_cases").glob("*/use_case.yaml")))
LOCAL_ONLY = ("gsm8k-open",)  # whose model no region of the checked-in AWS environments can train
SHAPES = ("code-generation", "gsm8k", "summarization")  # with an executor, with neither, with a judge

Resource = dict[str, Any]


def use_cases_of(environment: str) -> tuple[str, ...]:
    """The use cases that an environment has."""
    return tuple(name for name in USE_CASES if environment == "local" or name not in LOCAL_ONLY)


@dataclass(frozen=True)
class Template:
    """One stack's template."""

    name: str
    body: dict[str, Any]
    dependencies: tuple[str, ...]

    def of(self, kind: str) -> dict[str, Resource]:
        """Resources of a type by logical id."""
        return {key: item for key, item in self.body["Resources"].items() if item["Type"] == kind}

    def only(self, kind: str, matches: Callable[[Resource], bool] = lambda _: True) -> Resource:
        """The properties of the one resource of a type that matches."""
        found: list[Resource] = [
            item["Properties"] for item in self.of(kind).values() if matches(item["Properties"])
        ]
        assert len(found) == 1, f"{self.name}: {len(found)} of {kind}"
        return found[0]

    @cached_property
    def text(self) -> str:
        return json.dumps(self.body)

    def statements(self) -> Iterator[tuple[str, Resource]]:
        """Identity policy statements with the logical id of their role."""
        for policy in self.of("AWS::IAM::Policy").values():
            role = policy["Properties"]["Roles"][0]["Ref"]
            for statement in policy["Properties"]["PolicyDocument"]["Statement"]:
                yield role, statement

    def statements_of(self, role_prefix: str) -> list[Resource]:
        return [item for role, item in self.statements() if role.startswith(role_prefix)]


def listed(value: Any) -> list[Any]:
    """IAM's "one or many" as a list."""
    return value if isinstance(value, list) else [value]


def synthesise(root: Path, out_dir: Path, **options: Any) -> dict[tuple[str, str], Template]:
    """Templates by (environment, stack id), made without building the layers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LayerBuild, "_install", lambda _, target: target.mkdir(parents=True))
        return templates(build_app(root, out_dir=out_dir, nag=False, **options))


def templates(app: cdk.App) -> dict[tuple[str, str], Template]:
    found = {}
    for nested in app.synth().nested_assemblies:
        for stack in nested.nested_assembly.stacks:
            environment, name = stack.hierarchical_id.split("/")
            needed = tuple(sorted(item.id for item in stack.dependencies if hasattr(item, "template_file")))
            body = json.loads(Path(stack.template_full_path).read_text())
            found[environment, name] = Template(stack.stack_name, body, needed)
    return found
