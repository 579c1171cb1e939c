"""What a rehearsal leaves for later: record, timeline, report and the emulator's log in one folder."""

import json
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rehearsal import dashboard
from rehearsal.dashboard_data import Window
from rehearsal.runner import Played
from rehearsal.stage import Stage
from rft import names, objects
from rft.monitoring.curve_points import points_of_curve
from rft.runs.report import render_report

TIMELINE: Final = "timeline.json"
LOG: Final = "emulator.log"


def new_folder(out: Path, use_case: str) -> Path:
    """A fresh folder `<use case>-<local time>`."""
    stamp = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    folder = out / f"{use_case}-{stamp}"
    for number in range(2, 1000):
        if not folder.exists():
            break
        folder = out / f"{use_case}-{stamp}-{number}"
    folder.mkdir(parents=True)
    return folder


def expected_seconds(out: Path, use_case: str) -> dict[str, float]:
    """Seconds by phase of the newest rehearsal of a use case that succeeded; empty when there is none."""
    for path in sorted(
        out.glob(f"{use_case}-2*/{TIMELINE}"), key=lambda path: path.stat().st_mtime, reverse=True
    ):
        try:
            timeline = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            continue
        if timeline.get("status") == "SUCCEEDED" and not timeline.get("problems"):
            return {str(title): float(seconds) for title, seconds in timeline["phases"].items()}
    return {}


def timeline(stage: Stage, played: Played) -> dict[str, Any]:
    """Where the time went, and what was wrong."""
    phases = {
        phase.title: round(phase.seconds, 3) for phase in played.followed.snapshot.phases if phase.seconds
    }
    return {
        "use_case": played.use_case,
        "scenario": played.scenario.name,
        "status": played.status,
        "expected": played.scenario.outcome.value,
        "problems": played.problems,
        "simulated": True,
        "written_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "set_up_seconds": {name: round(seconds, 3) for name, seconds in stage.timings.items()},
        "run_seconds": round(played.seconds, 3),
        "phases": phases,
        "left_behind": played.left,
        "alarms": played.alarms.document(),
    }


def write(folder: Path, stage: Stage, played: Played) -> Mapping[str, Path]:
    """Write run.json, timeline.json, report.html and dashboard.html; return the paths by name."""
    paths = {"run": folder / "run.json", "timeline": folder / TIMELINE}
    paths["run"].write_text(_json(played.document | {"alarms": played.alarms.document()}), encoding="utf-8")
    paths["timeline"].write_text(_json(timeline(stage, played)), encoding="utf-8")
    page = report(stage, played)
    if page:
        paths["report"] = folder / "report.html"
        paths["report"].write_text(page, encoding="utf-8")
    paths["dashboard"] = folder / "dashboard.html"
    paths["dashboard"].write_text(board(stage, played), encoding="utf-8")
    return paths


def board(stage: Stage, played: Played) -> str:
    """The use case's dashboard with the data of the time since the upload."""
    base = names.UseCaseNames(stage.names.environment, played.use_case).base
    told = f"{played.scenario.name}: the run ended as {played.status} after {played.seconds:.0f} s."
    return dashboard.page(
        stage.local.client("cloudwatch"),
        base,
        Window(
            played.began, played.began + played.seconds, played.scenario.wait_scale or stage.local.wait_scale
        ),
        rang={f"{base}-{section}" for section in (*played.alarms.rang, *played.alarms.composites_rang)},
        lead=told,
    )


def report(stage: Stage, played: Played) -> str | None:
    """The report that the workflow wrote; rendered here when it could not write one; None without a run."""
    record = played.followed.record
    if record is None:
        return None
    key = names.RunKeys(played.use_case, record.run_id).report
    if objects.object_version(stage.names.artifacts_bucket, key) is None:
        return render_report(record, points=points_of_curve(played.followed.snapshot.points))
    return objects.read_bytes(stage.names.artifacts_bucket, key).decode("utf-8")


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"
