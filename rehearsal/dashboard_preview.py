"""`python -m rehearsal.dashboard_preview`: draws the layout of a use case's dashboard from its template.

It shows places, titles, axes, lines and colours; it needs no account, and there are no data.
"""

import json
import tempfile
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rft.cli import console
from rft.pages import page_environment
from stacks.app_factory import build_app
from stacks.constructs.layers import LayerBuild

ROOT: Final = Path(__file__).resolve().parents[1]
COLUMN, ROW = 52, 44  # pixels of one unit of the grid
TEMPLATES: Final = Path(__file__).parent / "templates"


def widgets(template: dict[str, Any]) -> list[dict[str, Any]]:
    """The dashboard's widgets with references in the place of what CloudFormation fills in."""
    (board,) = (
        item["Properties"]
        for item in template["Resources"].values()
        if item["Type"] == "AWS::CloudWatch::Dashboard"
    )
    body = board["DashboardBody"]
    parts = body["Fn::Join"][1] if isinstance(body, dict) else [body]
    text = "".join(part if isinstance(part, str) else _reference(part) for part in parts)
    found: list[dict[str, Any]] = json.loads(text)["widgets"]
    return found


def _reference(part: dict[str, Any]) -> str:
    value = next(iter(part.values()))
    return str(value if isinstance(value, str) else value[0])


def render(template: dict[str, Any], name: str) -> str:
    """The page as HTML text."""
    drawn = [_drawn(widget) for widget in widgets(template)]
    height = max(one["y"] + one["height"] for one in drawn)
    page = page_environment(TEMPLATES).get_template("dashboard.html.j2")
    return page.render(name=name, widgets=drawn, height=height)


def _drawn(widget: dict[str, Any]) -> dict[str, Any]:
    properties = widget["properties"]
    axis = properties.get("yAxis", {}).get("left", {})
    top = f" to {axis['max']}" if "max" in axis else ""
    alarms = [str(alarm).rsplit(":", 1)[-1] for alarm in properties.get("alarms", [])]
    return {
        "x": widget["x"] * COLUMN,
        "y": widget["y"] * ROW,
        "width": widget["width"] * COLUMN - 8,
        "height": widget["height"] * ROW - 8,
        "text": properties.get("markdown", ""),
        "title": properties.get("title", ""),
        "axis": f"{axis['label']}, from {axis['min']}{top}" if axis else "",
        "lines": [_line(metric) for metric in properties.get("metrics", [])] + [("#888", a) for a in alarms],
    }


def _line(metric: list[Any]) -> tuple[str, str]:
    options = metric[-1] if isinstance(metric[-1], dict) else {}
    return options.get("color", "#888"), options.get("label") or options.get("expression", "")


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
        out.write_text(render(templates[name], use_case), encoding="utf-8")


if __name__ == "__main__":
    typer.run(main)
