"""HumanEval: right programs earn everything, wrong ones and attacks do not, and the next sample never notices."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from rft.execution.local import execute
from rft.rewards import code_tests
from rft.rewards.batch import score_batch
from rft.rewards.executor import execute_here
from tests.unit.humaneval import Problem, read_problems

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "humaneval" / "HumanEval.jsonl"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="HumanEval is not in ../shared/data")

ATTACKS = {
    "leaves with exit code 0": "import os\nos._exit(0)",
    "ends the interpreter": "import sys\nsys.exit(0)",
    "prints a pass": "print('PASSED')\ndef {entry}(*args):\n    print('{{\"value\": true}}')",
    "reads the tests": (
        "import inspect, sys, gc\n"
        "def {entry}(*args):\n"
        "    frame, seen = inspect.currentframe(), []\n"
        "    while frame:\n"
        "        seen.append(str(frame.f_locals) + str(frame.f_globals))\n"
        "        frame = frame.f_back\n"
        "    return 'expected' in str(seen) and 'check' in str(seen) or open('/proc/self/cmdline').read()"
    ),
    "equals everything": (
        "class All:\n    def __eq__(self, other):\n        return True\ndef {entry}(*args):\n    return All()"
    ),
    "loops for ever": "def {entry}(*args):\n    while True:\n        pass",
    "forks": "import os\ndef {entry}(*args):\n    while True:\n        os.fork()",
    "takes 10 GB": "def {entry}(*args):\n    return bytearray(10 * 2**30)",
    "sleeps": "import time\ndef {entry}(*args):\n    time.sleep(3600)",
    "recurses": "def {entry}(*args):\n    return {entry}(*args)",
}


@pytest.fixture(scope="module")
def problems() -> list[Problem]:
    execute_here(execute)
    return read_problems(DATA)


def scores(answers: Sequence[tuple[Problem, str]]) -> list[float]:
    """What the reward function's batch gives each program."""
    event = [
        {
            "id": str(number),
            "messages": [
                {"role": "user", "content": problem.prompt},
                {"role": "assistant", "content": f"```python\n{program}\n```"},
            ],
            "metadata": {"reference_answer": problem.reference},
        }
        for number, (problem, program) in enumerate(answers)
    ]
    answer = score_batch(event, code_tests)
    assert not [item for item in answer if any(m["name"] == "reward_error" for m in item["metrics_list"])]
    return [item["aggregate_reward_score"] for item in answer]


def test_every_canonical_solution_earns_everything(problems: list[Problem]) -> None:
    found = scores([(problem, problem.solution) for problem in problems])
    assert [p.name for p, score in zip(problems, found, strict=True) if score < 1.0] == []
    assert len(found) == 164


@pytest.mark.parametrize("body", ["    pass\n", "    return True\n", "    return 0\n", "    return ''\n"])
def test_no_empty_body_or_constant_earns_everything(problems: list[Problem], body: str) -> None:
    found = scores([(problem, f"{problem.prompt}{body}") for problem in problems])
    assert max(found) < 1.0
    assert sum(found) / len(found) < 0.1


def test_no_solution_with_an_operator_changed_earns_everything(problems: list[Problem]) -> None:
    mutated = [(problem, mutant) for problem in problems if (mutant := problem.failing_mutant())]
    found = scores(mutated)
    assert [p.name for (p, _), score in zip(mutated, found, strict=True) if score == 1.0] == []
    assert len(mutated) == 164


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_earns_nothing_and_the_next_sample_does_not_notice(
    problems: list[Problem], attack: str
) -> None:
    problem = problems[0]
    program = ATTACKS[attack].replace("{entry}", problem.entry_point).replace("{{", "{").replace("}}", "}")
    assert scores([(problem, program), (problem, problem.solution)]) == [0.0, 1.0]
