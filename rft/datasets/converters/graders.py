"""Turns a grader of OpenAI's or Azure's fine-tuning into a `reward.py`, and its model graders into rubrics.

`string_check`, `text_similarity`, `python` and `multi` become code, `score_model` a rubric for the judge. What has
no counterpart is carried over as the nearest, and said in the notes. A person reads the result before it is used.
"""

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rft.errors import DatasetRejected

KINDS: Final = ("string_check", "text_similarity", "python", "score_model", "multi")
_SIMILARITY: Final = {"fuzzy_match": "fuzzy_ratio", "rouge_l": "rouge_l"}  # the others: words in common
_PLACEHOLDER: Final = re.compile(r"\{\{\s*(item|sample)\.([A-Za-z0-9_.\[\]]+)\s*\}\}")
_FORMULA: Final = {"min", "max", "abs", "floor", "ceil", "exp", "sqrt", "log"}
_NODES: Final = (
    ast.Expression, ast.BinOp, ast.UnaryOp, ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.USub, ast.UAdd,
    ast.Constant, ast.Name, ast.Load, ast.Call,
)  # fmt: skip
_HEAD: Final = '''"""Reward converted from a grader named {name!r}. Read it, then measure it: `rft reward audit`."""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from rft.rewards import Sample, Score{imports}

'''
_HELPERS: Final = '''

def reward(sample: Sample) -> Score:
    """Score what the graders give, in [0, 1]."""
    parts = {{name: min(1.0, max(0.0, float(grade(sample)))) for name, grade in GRADERS.items()}}
    return Score(min(1.0, max(0.0, float({formula}))), parts)


def _item(sample: Sample, path: str) -> str:
    """The text of a field of the record."""
    return _text({{**sample.extra, {reference!r}: sample.reference}}, path)


def _output(sample: Sample, path: str) -> str:
    """The text of `sample.output_text`, or of a field of `sample.output_json`."""
    if path == "output_text":
        return sample.response
    try:
        return _text(json.loads(sample.response), path.removeprefix("output_json").lstrip("."))
    except ValueError:
        return ""


def _text(value: Any, path: str) -> str:
    for key in filter(None, path.split(".")):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


GRADERS: dict[str, Callable[[Sample], Any]] = {{{graders}}}
'''


@dataclass(slots=True)
class Skeleton:
    """What a grader became: the text of `reward.py`, rubrics by file name, and what a person should know."""

    reward: str = ""
    rubrics: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def skeleton(grader: Mapping[str, Any], reference: str) -> Skeleton:
    """Return the reward of a grader; `reference` is the item field that became `reference_answer`.

    Raises:
        DatasetRejected: for a grader that is none of the kinds, naming what is allowed.
    """
    made = Skeleton()
    parts = (
        grader.get("graders")
        if grader.get("type") == "multi"
        else {str(grader.get("name", "grader")): grader}
    )
    if not isinstance(parts, Mapping) or not parts:
        raise DatasetRejected("grader: a multi grader needs `graders`, an object of graders by name")
    names = {str(name): _identifier(str(name)) for name in parts}
    imports: set[str] = set()
    functions = [_function(names[str(name)], part, made, imports) for name, part in parts.items()]
    formula = (
        _formula(str(grader.get("calculate_output", "")), names) if grader.get("type") == "multi" else None
    )
    head = _HEAD.format(
        name=str(grader.get("name", "grader")), imports="".join(f", {name}" for name in sorted(imports))
    )
    listed = ", ".join(f"{identifier!r}: {identifier}" for identifier in names.values())
    single = next(iter(names.values()))
    made.reward = head + "\n\n".join(functions) + _HELPERS.format(
        formula=formula or f"parts[{single!r}]", reference=reference, graders=listed
    )  # fmt: skip
    ast.parse(made.reward)
    return made


def _function(name: str, grader: Any, made: Skeleton, imports: set[str]) -> str:
    kind = grader.get("type") if isinstance(grader, Mapping) else None
    if kind == "string_check":
        return _string_check(name, grader)
    if kind == "text_similarity":
        return _similarity(name, grader, made, imports)
    if kind == "python":
        return _python(name, grader)
    if kind == "score_model":
        return _judge(name, grader, made, imports)
    raise DatasetRejected(f"grader {name}: type {kind!r} is unknown; allowed: {', '.join(KINDS)}")


def _string_check(name: str, grader: Mapping[str, Any]) -> str:
    tests = {
        "eq": "given == wanted",
        "ne": "given != wanted",
        "like": "wanted in given",
        "ilike": "wanted.casefold() in given.casefold()",
    }
    operation = grader.get("operation")
    if operation not in tests:
        raise DatasetRejected(
            f"grader {name}: operation {operation!r} is unknown; allowed: {', '.join(tests)}"
        )
    return _compared(name, grader, f"return float({tests[str(operation)]})")


def _similarity(name: str, grader: Mapping[str, Any], made: Skeleton, imports: set[str]) -> str:
    metric = str(grader.get("evaluation_metric"))
    block = _SIMILARITY.get(metric, "token_f1")
    imports.add(block)
    if metric not in _SIMILARITY:
        made.notes.append(
            f"grader {name}: {metric} became token_f1, the words in common; check that it ranks alike"
        )
    return _compared(name, grader, f"return {block}(replace(sample, response=given, reference=wanted)).value")


def _compared(name: str, grader: Mapping[str, Any], test: str) -> str:
    given, wanted = _expression(str(grader.get("input", ""))), _expression(str(grader.get("reference", "")))
    return f"def {name}(sample: Sample) -> float:\n    given = {given}\n    wanted = {wanted}\n    {test}\n"


def _python(name: str, grader: Mapping[str, Any]) -> str:
    source = str(grader.get("source", ""))
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise DatasetRejected(
            f"grader {name}: its source is no Python: line {error.lineno}: {error.msg}"
        ) from None
    if not any(isinstance(node, ast.FunctionDef) and node.name == "grade" for node in tree.body):
        raise DatasetRejected(f"grader {name}: its source has no function `grade(sample, item)`")
    return (
        f"_SOURCE_{name.upper()} = {source!r}\n\n\n"
        f"def {name}(sample: Sample) -> float:\n"
        f"    scope: dict[str, Any] = {{}}\n"
        f"    exec(_SOURCE_{name.upper()}, scope)  # the team's own grader, as it was uploaded\n"
        f"    item = {{**sample.extra, 'reference_answer': sample.reference}}\n"
        f"    return float(scope['grade']({{'output_text': sample.response}}, item))\n"
    )


def _judge(name: str, grader: Mapping[str, Any], made: Skeleton, imports: set[str]) -> str:
    imports |= {"judged", "read_rubric"}
    asked = grader.get("input")
    texts = (
        [_plain(part.get("content")) for part in asked if isinstance(part, Mapping)]
        if isinstance(asked, list)
        else []
    )
    question = " ".join(" ".join(texts).split()) or "How good is the response?"
    low, high = _range(grader.get("range"))
    rubric = {
        "goal": f"What the model grader {name} asked for",
        "scale": {"min": low, "max": high},
        "sees": ["prompt", "reference"],
        "criteria": [{"name": name[:40], "question": question}],
    }
    import yaml

    made.rubrics[f"rubric_{name}.yaml"] = yaml.safe_dump(
        rubric, sort_keys=False, allow_unicode=True, width=100
    )
    made.notes.append(
        f"grader {name}: its prompt became rubric_{name}.yaml on a scale of {low} to {high}; say there what the grades "
        "mean, and name a judge in use_case.yaml"
    )
    return (
        f"RUBRIC_{name.upper()} = read_rubric(Path(__file__).with_name('rubric_{name}.yaml'))\n\n\n"
        f"def {name}(sample: Sample) -> float:\n    return judged(sample, RUBRIC_{name.upper()}).value\n"
    )


def _plain(content: Any) -> str:
    """The text of a model grader's message with its placeholders named in words."""
    text = content.get("text", "") if isinstance(content, Mapping) else content
    return _PLACEHOLDER.sub(
        lambda m: "the response" if m[1] == "sample" else f"the record's {m[2]}", str(text)
    )


def _range(value: Any) -> tuple[int, int]:
    pair = value if isinstance(value, list) and len(value) == 2 else [0, 1]
    low, high = (round(float(end)) for end in pair)
    return (low, high) if 1 < high - low <= 100 else (0, 10)  # a judge needs more than two grades


def _expression(template: str) -> str:
    """A Python expression for a text with placeholders."""
    parts, end = [], 0
    for found in _PLACEHOLDER.finditer(template):
        if found.start() > end:
            parts.append(repr(template[end : found.start()]))
        function = "_item" if found[1] == "item" else "_output"
        parts.append(f"{function}(sample, {found[2]!r})")
        end = found.end()
    if end < len(template) or not parts:
        parts.append(repr(template[end:]))
    return " + ".join(parts)


def _formula(text: str, names: Mapping[str, str]) -> str:
    """The multi grader's formula as Python; names of graders, numbers, + - * / ^ and a few functions."""
    try:
        tree = ast.parse(text.replace("^", "**"), mode="eval")
    except SyntaxError:
        raise DatasetRejected(f"grader: calculate_output {text[:80]!r} is no formula") from None
    for node in ast.walk(tree):
        allowed = isinstance(node, _NODES) and not (
            isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
        known = not isinstance(node, ast.Name) or node.id in names or node.id in _FORMULA
        if not allowed or not known:
            raise DatasetRejected(
                f"grader: calculate_output uses more than graders, numbers and {sorted(_FORMULA)}"
            )
    return ast.unparse(_Names(names).visit(tree))


class _Names(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._names:
            return ast.parse(f"parts[{self._names[node.id]!r}]", mode="eval").body
        builtin = node.id in {"min", "max", "abs"}
        return node if builtin else ast.parse(f"math.{node.id}", mode="eval").body


def _identifier(name: str) -> str:
    text = re.sub(r"\W+", "_", name.casefold(), flags=re.ASCII).strip("_") or "grader"
    return text if text[0].isalpha() else f"grader_{text}"


def read_grader(text: str) -> Mapping[str, Any]:
    """The grader in a JSON document: itself, or under `grader`, or in a job's `method.reinforcement`.

    Raises:
        DatasetRejected: when there is none.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise DatasetRejected(f"grader: not valid JSON: {error}") from None
    for key in ("method", "reinforcement", "grader"):
        if isinstance(value, Mapping) and isinstance(value.get(key), Mapping):
            value = value[key]
    if not isinstance(value, Mapping) or "type" not in value:
        raise DatasetRejected(
            "grader: no object with a `type`; pass the grader of the fine-tuning job as JSON"
        )
    return value
