"""HumanEval as code rewards see it: calls and the values that the canonical solution returns for them.

The dataset's own `check` runs here with the canonical solution, both trusted; what a model writes never does.
"""

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

MAX_CALLS = 60
ORACLE_SECONDS = 4


@dataclass(frozen=True)
class Problem:
    name: str
    prompt: str
    canonical: str
    test: str
    entry_point: str

    @property
    def solution(self) -> str:
        return self.prompt + self.canonical

    @cached_property
    def reference(self) -> dict[str, Any]:
        """The calls that `check` makes, with the canonical solution's values."""
        space: dict[str, Any] = {}
        exec(self.solution, space)
        function, calls = space[self.entry_point], []

        def recorded(*args: Any) -> Any:
            given = copy.deepcopy(args)
            value = function(*args)
            calls.append((list(given), value))
            return value

        exec(self.test, space)
        space["check"](recorded)
        tests = [{"args": args, "expected": expected} for args, expected in calls[:MAX_CALLS]]
        return {"entry_point": self.entry_point, "tests": json.loads(json.dumps(tests))}

    def passes(self, program: str) -> bool:
        """The dataset's own verdict on a program, in a process of its own."""
        whole = f"{program}\n{self.test}\ncheck({self.entry_point})\n"
        try:
            run = subprocess.run(
                [sys.executable, "-I", "-c", whole], capture_output=True, timeout=ORACLE_SECONDS
            )
        except subprocess.TimeoutExpired:
            return False
        return run.returncode == 0

    def failing_mutant(self) -> str | None:
        """The solution with one operator or constant changed so that its tests fail; None when none does."""
        return next(
            (mutant for mutant in mutants(self.solution, self.entry_point) if not self.passes(mutant)), None
        )


def read_problems(path: Path) -> list[Problem]:
    with path.open(encoding="utf-8") as lines:
        return [
            Problem(v["task_id"], v["prompt"], v["canonical_solution"], v["test"], v["entry_point"])
            for v in map(json.loads, lines)
        ]


_SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Add,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
}


def mutants(program: str, function: str) -> Iterator[str]:
    """The function with one operator changed, or where that is all the same, one number or the value returned."""
    count = len(_nodes(ast.parse(program), function))
    for change in (_swap_operator, _change_number, _negate_return):
        for position in range(count):
            tree = ast.parse(program)
            if change(_nodes(tree, function)[position]):
                yield ast.unparse(ast.fix_missing_locations(tree))


def _nodes(tree: ast.Module, function: str) -> list[ast.AST]:
    """All nodes of a function: `check` may call the prompt's own helpers, which are no part of the answer."""
    (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == function]
    return list(ast.walk(found))


def _swap_operator(node: ast.AST) -> bool:
    if isinstance(node, ast.BinOp | ast.AugAssign | ast.BoolOp) and type(node.op) in _SWAPS:
        node.op = _SWAPS[type(node.op)]()  # type: ignore[assignment]
        return True
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _SWAPS:
        node.ops[0] = _SWAPS[type(node.ops[0])]()  # type: ignore[assignment,call-overload]
        return True
    return False


def _change_number(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        node.value += 1
        return True
    return False


def _negate_return(node: ast.AST) -> bool:
    if isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.UnaryOp(ast.Not(), node.value)
        return True
    return False
