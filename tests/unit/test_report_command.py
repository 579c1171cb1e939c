"""`rft runs report`: the stored page of a run that is over, a fresh one of a run under way."""

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from rft import objects
from rft.cli import project, runs_view
from rft.cli.main import app
from rft.monitoring import live_trace
from rft.names import EnvironmentNames, RunKeys
from rft.runs.record import PreparedFile, RunRecord, Status
from tests.unit.report_world import JOB, POINTS, record

KEYS = RunKeys("gsm8k", record().run_id)
STORED = {KEYS.report: b"<p>stored</p>", KEYS.probe_page: b"<p>probe</p>"}


def run(monkeypatch: pytest.MonkeyPatch, kept: RunRecord, *options: str) -> Any:
    monkeypatch.setattr(project, "connect", lambda env: EnvironmentNames(env, "111111111111", "us-east-1"))
    monkeypatch.setattr(runs_view, "find", lambda environment, run, use_case: kept)
    monkeypatch.setattr(objects, "object_version", lambda bucket, key: "1" if key in STORED else None)
    monkeypatch.setattr(objects, "read_bytes", lambda bucket, key: STORED[key])
    monkeypatch.setattr(live_trace, "current", lambda *_: POINTS)
    return CliRunner().invoke(app, ["runs", "report", "3fa9", *options])


def running() -> RunRecord:
    prepared = {"train": PreparedFile(key="k", sha256="s", records=192)}
    return record(status=Status.RUNNING, job=JOB, prepared=prepared, evaluations={}, gate=None)


def test_a_run_that_is_over_has_its_stored_page_and_what_it_links_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = json.loads(run(monkeypatch, record(), "--json").stdout)
    page = Path(found["page"])
    assert page.read_bytes() == STORED[KEYS.report]
    assert found["stored"] is True
    assert found["beside"] == ["probe.html"]
    assert (page.parent / "probe.html").read_bytes() == STORED[KEYS.probe_page]


def test_a_run_under_way_is_drawn_anew_with_the_points_so_far(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = tmp_path / "new" / "page.html"
    result = run(monkeypatch, running(), "--out", str(target))
    assert result.exit_code == 0
    assert "as of now" in result.stdout
    page = target.read_text()
    assert "The run is in" in page
    assert "Episode length" in page
    assert [path.name for path in target.parent.iterdir()] == ["page.html"]  # --out writes one file


def test_open_shows_the_page_in_the_browser(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[str] = []
    monkeypatch.setattr(typer, "launch", opened.append)
    run(monkeypatch, record(), "--out", str(tmp_path / "page.html"), "--open")
    assert opened == [(tmp_path / "page.html").as_uri()]


def test_the_image_is_a_png_of_the_reward_curves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    image = pytest.importorskip("PIL.Image", reason="Pillow comes with make setup")
    target = tmp_path / "reward.png"
    assert run(monkeypatch, running(), "--png", str(target)).exit_code == 0
    with image.open(target) as drawn:
        assert drawn.format == "PNG"
        assert drawn.size == (1440, 660)
        colours = {colour for _, colour in drawn.convert("RGB").getcolors(1 << 20)}
    assert {(0x00, 0x72, 0xB2), (0xD5, 0x5E, 0x00)} <= colours  # training and validation


def test_a_run_without_curves_has_no_image(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    result = run(monkeypatch, record(), "--png", str(tmp_path / "reward.png"))
    assert result.exit_code == 1
    assert "has scored nothing yet" in result.stderr
