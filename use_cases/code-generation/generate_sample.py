"""Writes the sample dataset of this use case: small Python functions to write, with tests, the same bytes every time.

Run it after a change: `python use_cases/code-generation/generate_sample.py`. The problems are in `problems.toml`;
expected values come from running each problem's own solution.
"""

import json
import tomllib
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
SEED = 20_264
SIZES = {"train": 240, "validation": 40, "test": 80}
TESTS = 5
MAX_TRIES = 200
INSTRUCTION = (
    "Write the Python function described below. Answer with one fenced block that starts with ```python and holds the "
    "whole function under the given name; the standard library is at hand, printing and reading are not."
)
WORDS = [
    *(
        "amber",
        "bridge",
        "candle",
        "delta",
        "ember",
        "forest",
        "garden",
        "harbor",
        "island",
        "jacket",
        "kettle",
    ),
    *("lantern", "meadow", "needle", "orchard", "pebble", "quartz", "river", "saddle", "timber", "umbrella"),
    *("valley", "willow", "yellow", "zephyr", "level", "radar", "civic", "noon", "kayak"),
]
Values = dict[str, Any]
Problem = dict[str, Any]


def numbers(r: Random, low: int, high: int, most: int) -> list[Any]:
    return [[r.randint(low, high) for _ in range(r.randint(3, most))]]


def number(r: Random, low: int, high: int) -> list[Any]:
    return [r.randint(low, high)]


def two_numbers(r: Random) -> list[Any]:
    return [r.randint(2, 90), r.randint(2, 60)]


def two_lists(r: Random) -> list[Any]:
    return [[r.randint(0, 12) for _ in range(r.randint(3, 7))] for _ in range(2)]


def ascending(r: Random) -> list[Any]:
    return [sorted(r.randint(0, 90) for _ in range(3)) if r.random() < 0.7 else [9, 5, 1]]


def matrix(r: Random) -> list[Any]:
    width = r.randint(2, 4)
    return [[[r.randint(0, 9) for _ in range(width)] for _ in range(r.randint(2, 4))]]


def intervals(r: Random) -> list[Any]:
    starts = [r.randint(0, 30) for _ in range(r.randint(2, 5))]
    return [[[start, start + r.randint(1, 8)] for start in starts]]


def word(r: Random) -> list[Any]:
    return [r.choice(WORDS)]


def joined(r: Random) -> list[Any]:
    return [r.choice(WORDS) + r.choice(WORDS)]


def words(r: Random) -> list[Any]:
    return [[r.choice(WORDS) for _ in range(r.randint(3, 7))]]


def sentence(r: Random) -> list[Any]:
    text = " ".join(r.choice(WORDS) for _ in range(r.randint(3, 8)))
    return [text.capitalize() if r.random() < 0.5 else text]


def runs(r: Random) -> list[Any]:
    return ["".join(r.choice("ab") * r.randint(1, 4) for _ in range(r.randint(3, 7)))]


def scores(r: Random) -> list[Any]:
    return [{name: r.randint(0, 100) for name in r.sample(WORDS, r.randint(3, 6))}]


MAKERS: dict[str, Callable[..., list[Any]]] = {
    made.__name__: made
    for made in (
        ascending, intervals, joined, matrix, number, numbers, runs, scores, sentence, two_lists, two_numbers,
        word, words,
    )
}  # fmt: skip


def filled(text: str, values: Values) -> str:
    """Put each value in its place `<name>`."""
    for name, value in values.items():
        text = text.replace(f"<{name}>", str(value))
    return text


def solution(problem: Problem, values: Values) -> str:
    """The program that solves a problem."""
    body = filled(problem["body"], values).strip("\n").replace("\n", "\n    ")
    return f"def {problem['name']}({problem['signature']}):\n    {body}\n"


def tests(problem: Problem, code: str, random: Random) -> list[dict[str, Any]]:
    """Calls with what the solution returns; not all the same, or a constant would do."""
    space: dict[str, Any] = {}
    exec(code, space)  # noqa: S102 our own solution
    maker, *limits = problem["arguments"]
    for _ in range(MAX_TRIES):
        calls = [MAKERS[maker](random, *limits) for _ in range(TESTS)]
        values = [space[problem["name"]](*json.loads(json.dumps(args))) for args in calls]
        if len({json.dumps(value) for value in values}) >= (2 if problem["kind"] == "yes or no" else 3):
            return [{"args": args, "expected": value} for args, value in zip(calls, values, strict=True)]
    raise ValueError(f"{problem['name']}: its tests hardly differ; widen `arguments` in problems.toml")


def records(random: Random) -> Iterator[dict[str, Any]]:
    """Yield a record for every problem and every choice of its values."""
    problems = tomllib.loads((HERE / "problems.toml").read_text(encoding="utf-8"))["problem"]
    for problem in problems:
        for choice in product(*problem["values"].values()):
            values = dict(zip(problem["values"], choice, strict=True))
            code = solution(problem, values)
            head = f"`{problem['name']}({problem['signature']})`"
            yield {
                "messages": [
                    {
                        "role": "user",
                        "content": f"{INSTRUCTION}\n\n{head}: {filled(problem['task'], values)}",
                    }
                ],
                "reference_answer": {
                    "entry_point": problem["name"],
                    "tests": tests(problem, code, random),
                    "ideal_response": f"```python\n{code}```",
                },
                "kind": problem["kind"],
            }


def main() -> None:
    """Write train.jsonl, validation.jsonl and test.jsonl into `sample/` beside this file."""
    folder = HERE / "sample"
    folder.mkdir(exist_ok=True)
    made = list(records(Random(SEED)))
    Random(SEED + 1).shuffle(made)
    if len(made) < sum(SIZES.values()):
        raise ValueError(f"problems.toml gives {len(made)} records, {sum(SIZES.values())} are needed")
    start = 0
    for split, size in SIZES.items():
        part = enumerate(made[start : start + size], start=start + 1)
        lines = [
            json.dumps({**item, "task_id": f"code-{n:04d}"}, ensure_ascii=False) + "\n" for n, item in part
        ]
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8")
        start += size
        print(f"{split}: {size} records")


if __name__ == "__main__":
    main()
