"""GSM8K becomes a dataset that validates and whose references earn the top score."""

import json
import operator
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import yaml

from rft.datasets.chunks import FileSource
from rft.datasets.codes import Code
from rft.datasets.converters.port import Dropped, Kept, Options
from rft.datasets.converters.questions import GSM8K_INSTRUCTION, from_gsm8k
from rft.datasets.converters.writing import write_dataset
from rft.datasets.rules import Rules
from rft.datasets.validate import validate
from rft.names import SPLITS
from rft.rewards.batch import score_batch
from rft.rewards.loading import load_reward
from rft.settings import UseCaseSettings

ROOT = Path(__file__).parents[2]
GSM8K = ROOT.parent / "shared" / "data" / "gsm8k"
# Sums of two numbers; a longer chain must not match with its tail.
BINARY_SUM = re.compile(r"(?<![*+/(-] )(?<!\d)(\d+) ([-+*/]) (\d+) = (\d+)(?!\d| [-+*/])")
SIGNS: dict[str, Callable[[int, int], float]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv
}  # fmt: skip


def gsm8k_line(number: int) -> bytes:
    answer = f"Half is {number}/2 = <<{number}/2=1>>{number / 2:g}.\nThen 1+1 = <<1+1=2>>2.\n#### {number}"
    return json.dumps({"question": f"What about {number}?", "answer": answer}).encode() + b"\n"


def gsm8k_file(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def test_a_gsm8k_line_becomes_a_record_without_calculator_marks(tmp_path: Path) -> None:
    (made,) = from_gsm8k(gsm8k_file(tmp_path / "train.jsonl", [gsm8k_line(72)]), Options())
    assert isinstance(made, Kept)
    assert made.record["messages"] == [{"role": "user", "content": f"What about 72?\n\n{GSM8K_INSTRUCTION}"}]
    assert made.record["reference_answer"] == "Half is 72/2 = 36.\nThen 1+1 = 2.\n#### 72"
    assert made.record["task_id"] == "gsm8k-train-00001"
    assert made.record["difficulty_level"] == "easy"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (b"{", "not valid JSON"),
        (b"[]", "not a JSON object"),
        (b'{"question": "x"}', "no text `question`"),
        (b'{"question": "x", "answer": "72"}', "####"),
    ],
)
def test_a_line_that_is_not_gsm8k_is_dropped_with_its_reason(tmp_path: Path, line: bytes, what: str) -> None:
    source = gsm8k_file(tmp_path / "in.jsonl", [gsm8k_line(1), line])
    _, dropped = from_gsm8k(source, Options())
    assert isinstance(dropped, Dropped)
    assert dropped.line == 2
    assert what in dropped.reason


def test_one_file_is_split_into_three(tmp_path: Path) -> None:
    source = gsm8k_file(tmp_path / "in.jsonl", (gsm8k_line(number) for number in range(400)))
    written = write_dataset(from_gsm8k(source, Options()), tmp_path / "new")
    assert written.read == sum(written.records.values()) == 400
    assert min(written.records.values()) > 5
    for split, count in written.records.items():
        assert len((tmp_path / "new" / f"{split}.jsonl").read_bytes().splitlines()) == count


def test_a_test_file_of_its_own_stays_whole(tmp_path: Path) -> None:
    train = gsm8k_file(tmp_path / "train.jsonl", (gsm8k_line(number) for number in range(100)))
    test = gsm8k_file(tmp_path / "test.jsonl", (gsm8k_line(number) for number in range(100, 130)))
    read = (from_gsm8k(path, Options()) for path in (train, test))
    counts = write_dataset(next(read), tmp_path / "out", held_out=next(read)).records
    assert counts["test"] == 30
    assert counts["train"] + counts["validation"] == 100


def test_the_sample_generator_asks_as_the_converter_does() -> None:
    first = json.loads((ROOT / "use_cases/gsm8k/sample/train.jsonl").open(encoding="utf-8").readline())
    assert first["messages"][0]["content"].endswith(f"\n\n{GSM8K_INSTRUCTION}")


@pytest.mark.parametrize("use_case", sorted(path.name for path in (ROOT / "use_cases").iterdir()))
def test_a_sample_dataset_is_large_enough_and_free_of_findings(use_case: str) -> None:
    folder = ROOT / "use_cases" / use_case
    settings = UseCaseSettings.model_validate(yaml.safe_load((folder / "use_case.yaml").read_text()))
    files = {split: FileSource(folder / "sample" / f"{split}.jsonl") for split in SPLITS}
    outcome = validate(files, Rules.of(settings))
    assert not outcome.findings.shown
    assert outcome.counts == {"train": 240, "validation": 40, "test": 80}


def test_the_sums_in_the_sample_solutions_are_right() -> None:
    checked = 0
    for split in ("train", "validation", "test"):
        for line in (ROOT / "use_cases/gsm8k/sample" / f"{split}.jsonl").open(encoding="utf-8"):
            solution = json.loads(line)["reference_answer"].replace("$", "")
            for left, sign, right, result in BINARY_SUM.findall(solution):
                assert SIGNS[sign](int(left), int(right)) == int(result), line
                checked += 1
    assert checked > 700


@pytest.mark.skipif(not GSM8K.is_dir(), reason="../shared/data/gsm8k is absent")
def test_the_real_gsm8k_converts_validates_and_scores_full_marks(tmp_path: Path) -> None:
    train, test = (from_gsm8k(GSM8K / f"{name}.jsonl", Options()) for name in ("train", "test"))
    counts = write_dataset(train, tmp_path, held_out=test).records
    assert counts["train"] + counts["validation"] == 7473
    assert counts["test"] == 1319
    data = {split: (tmp_path / f"{split}.jsonl").read_bytes() for split in counts}
    assert b"<<" not in data["train"]
    settings = yaml.safe_load((ROOT / "use_cases/gsm8k/use_case.yaml").read_text())
    rules = Rules.of(UseCaseSettings.model_validate(settings))
    outcome = validate({split: FileSource(tmp_path / f"{split}.jsonl") for split in SPLITS}, rules)
    # Two of its problems are the same but for the name of who has $50.
    assert [(found.file, found.line, found.code) for found in outcome.findings.shown] == [
        ("train.jsonl", 6336, Code.NEAR_DUPLICATE)
    ]
    records = [json.loads(line) for content in data.values() for line in content.splitlines()]
    event = [
        {"id": record["task_id"], "metadata": {"reference_answer": record["reference_answer"]},
         "messages": [*record["messages"], {"role": "assistant", "content": record["reference_answer"]}]}
        for record in records
    ]  # fmt: skip
    scores = [s["aggregate_reward_score"] for s in score_batch(event, load_reward(ROOT / "use_cases/gsm8k"))]
    assert min(scores) >= 0.99
