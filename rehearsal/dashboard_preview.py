"""`python -m rehearsal.dashboard_preview`: draws the layout of a use case's dashboard from its template.

It shows places, titles, axes, lines and colours; it needs no account, and there are no data.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rehearsal.dashboard_lines import lines
from rehearsal.dashboard_page import panels, render
from rft.cli import console
from stacks.app_factory import build_app
from stacks.constructs.layers import LayerBuild

ROOT: Final = Path(__file__).resolve().parents[1]


def widgets(template: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The dashboard's widgets, with names in the place of what CloudFormation fills in."""
    resources = template["Resources"]
    (board,) = (
        item["Properties"] for item in resources.values() if item["Type"] == "AWS::CloudWatch::Dashboard"
    )
    body = board["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    text = "".join(part if isinstance(part, str) else _reference(part, resources) for part in parts)
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def _reference(part: Mapping[str, Any], resources: Mapping[str, Any]) -> str:
    value = next(iter(part.values()))
    logical_id = value if isinstance(value, str) else value[0]
    return str(resources.get(logical_id, {}).get("Properties", {}).get("AlarmName", logical_id))


def layout(template: Mapping[str, Any], title: str) -> str:
    """The page as HTML text."""
    found = widgets(template)
    return render(title, panels(found, [lines(widget, ()) for widget in found]))


def main(
    out: Annotated[Path, typer.Argument(help="HTML file to write.")],
    use_case: Annotated[str, typer.Option(help="A folder of use_cases/.")] = "gsm8k",
    env: console.Environment = "dev",
) -> None:
    """Draw the layout of a use case's dashboard from its template."""
    setattr(LayerBuild, "_install", lambda _, target: target.mkdir(parents=True))  # noqa: B010 (mypy: a method)
    with tempfile.TemporaryDirectory() as folder:
        app = build_app(ROOT, out_dir=Path(folder) / "out", nag=False)
        templates = {
            stack.hierarchical_id: json.loads(Path(stack.template_full_path).read_text(encoding="utf-8"))
            for nested in app.synth().nested_assemblies
            for stack in nested.nested_assembly.stacks
        }
    name = f"{env}/{use_case}"
    if name not in templates:
        known = ", ".join(sorted(each for each in templates if not each.endswith("/foundation")))
        raise typer.BadParameter(f"there is no stack {name}; there are {known}")
    out.write_text(layout(templates[name], f"{use_case} in {env}"), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
