"""References that the reward refuses are found at their lines; what is no record is left to other checks."""

import json

from rft.datasets.chunks import BytesSource
from rft.datasets.codes import Code
from rft.datasets.self_check import check_references
from rft.rewards import Sample


def line(reference: object) -> bytes:
    return json.dumps(
        {"messages": [{"role": "user", "content": "?"}], "reference_answer": reference}
    ).encode()


def marked(sample: Sample) -> float:
    if "boom" in sample.response:
        raise RuntimeError("boom")
    return 1.0 if "####" in sample.response else 0.25


def test_a_reference_that_the_reward_refuses_is_found_at_its_line() -> None:
    data = b"\n".join([line("#### 1"), b"{\r not JSON", line("4"), line(None), line("boom")])
    found = check_references({"test": BytesSource(data)}, marked, minimum=0.99, seconds=60)
    assert [(placed.split, placed.line, placed.fault.code) for placed in found.faults] == [
        ("test", 3, Code.REFERENCE_SCORES_LOW),
        ("test", 5, Code.REFERENCE_SCORES_LOW),
    ]
    assert "0.25" in found.faults[0].fault.what
    assert "RuntimeError" in found.faults[1].fault.what
    assert found.statistics["checked"] == 3


def test_what_there_was_no_time_for_is_said() -> None:
    data = b"\n".join(line("#### 1") for _ in range(200))
    found = check_references({"train": BytesSource(data)}, marked, minimum=0.99, seconds=-1.0)
    assert found.statistics == {"checked": 0, "left_out": 200, "mean": None}
