"""The page on a dataset says what was found, quotes nothing by itself, and escapes what it is given."""

import random
import re
from pathlib import Path

from typer.testing import CliRunner

from rft.cli.main import app
from rft.datasets.chunks import BytesSource
from rft.datasets.codes import Code
from rft.datasets.outcome import Validation
from rft.datasets.report import Sample, render_dataset_report, verdict
from rft.datasets.rules import Rules
from rft.datasets.validate import validate
from tests.unit import defects

RULES = Rules(min_training_records=1, max_records=9999, max_prompt_tokens=1024)


def outcome(planted: defects.Planted) -> Validation:
    return validate({split: BytesSource(b"".join(lines)) for split, lines in planted.lines.items()}, RULES)


def page_of(planted: defects.Planted, samples: tuple[Sample, ...] = ()) -> str:
    return render_dataset_report(outcome(planted).to_json(), title="gsm8k · test", samples=samples)


def test_every_finding_is_on_the_page_with_place_and_fix() -> None:
    planted = defects.plant_single()
    found = outcome(planted)
    page = page_of(planted)
    for finding in found.findings.shown:
        assert f"{finding.file}:{finding.line}" in page
    for code in {code for _, _, code in planted.expected}:
        assert f">{code.value}<" in page
    assert "REJECTED" in page


def test_a_page_needs_nothing_from_elsewhere() -> None:
    page = page_of(defects.plant_single())
    assert not re.search(r"(src|href)\s*=|url\(|<script|@import", page)


def test_texts_are_there_only_as_samples_and_escaped() -> None:
    text = "<img src=x onerror=alert(1)> SECRET"
    planted = defects.Planted()
    for record in (defects.sound(random.Random(number)) for number in range(60)):
        planted.add("train", {**record, "x": text})
    assert "SECRET" not in page_of(planted)
    page = page_of(planted, (Sample("train.jsonl:1", ["user"], 3, ["x"], [("user", text)]),))
    assert "SECRET" in page
    assert "<img" not in page


def test_the_verdict_is_a_sentence_for_each_outcome() -> None:
    planted = defects.plant_single()
    bad = outcome(planted).to_json()
    assert verdict(bad).startswith("This dataset cannot be trained on. ")
    assert "errors must be mended" in verdict(bad)
    good = {**bad, "errors": 0, "warnings": 0, "counts": []}
    assert "nothing was found" in verdict(good)
    assert "looked at 2 warnings" in verdict({**good, "warnings": 2})
    one = {**bad, "errors": 1, "counts": [{"severity": "error", "code": Code.EMPTY_FILE.value, "count": 1}]}
    assert "One error must be mended: the file holds no line" in verdict(one)


def test_the_command_writes_the_page_and_masks_personal_data(tmp_path: Path) -> None:
    planted = defects.plant_single()
    first = planted.lines["train"][0].replace(b"End with", b"Ask jane.doe@mail-host.co.uk. End with")
    planted.lines["train"][0] = first
    assert b"jane" in first
    paths = planted.write(tmp_path)
    page = tmp_path / "page.html"
    files = [word for split, path in paths.items() for word in (f"--{split}", str(path))]
    result = CliRunner().invoke(app, ["validate", "gsm8k", *files, "--report", str(page)])
    assert result.exit_code == 1
    text = page.read_text(encoding="utf-8")
    assert "train.jsonl:2" in text
    assert "jane" not in text
