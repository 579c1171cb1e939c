"""Every planted defect is found at its line with its code, and nothing else is."""

import json
from pathlib import Path

from typer.testing import CliRunner

from rft.cli.main import app
from rft.datasets.codes import Code
from tests.unit import defects
from tests.unit.defects import Planted


def found_by_the_command(planted: Planted, folder: Path, *options: str) -> set[tuple[str, int, Code]]:
    paths = planted.write(folder)
    files = [word for split, path in paths.items() for word in (f"--{split}", str(path))]
    result = CliRunner().invoke(app, ["validate", "gsm8k", *files, *options, "--json"])
    assert result.exit_code == 1
    return {
        (finding["file"].removesuffix(".jsonl"), finding["line"], Code.named(finding["code"]))
        for finding in json.loads(result.stdout)["findings"]
    }


def test_every_defect_of_a_record_is_found_at_its_line_and_nothing_else_is(tmp_path: Path) -> None:
    planted = defects.plant_single()
    found = found_by_the_command(planted, tmp_path, "--quick")
    assert found == planted.expected
    assert len(planted.expected) == len(defects.SINGLE)


def test_defects_of_files_are_found(tmp_path: Path) -> None:
    planted = defects.plant_single()
    planted.lines["validation"] = []
    planted.lines["train"][0] = b"\xef\xbb\xbf" + planted.lines["train"][0]
    expected = {("train", 1, Code.BYTE_ORDER_MARK), ("validation", 0, Code.EMPTY_FILE)}
    assert expected <= found_by_the_command(planted, tmp_path, "--quick")


def test_more_than_forty_kinds_of_defects_are_found_at_their_lines_and_nothing_else_is(
    tmp_path: Path,
) -> None:
    planted = defects.plant_quality(defects.plant_single())
    found = found_by_the_command(planted, tmp_path)
    long = {
        (split, line, Code.LENGTH_OUTLIER)
        for split, line, code in planted.expected
        if code == "prompt_too_long"
    }
    assert found == planted.expected | long
    assert len({code for _, _, code in found}) >= 50
