"""Preference and trajectory logs: a prompt with candidate answers and their scores, or a chosen and a rejected one.

The best candidate becomes the reference when its score is good enough; all of them stay in the record under
`candidates`, so that a reward can be checked for ranking strong answers above weak ones.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rft.datasets.converters.port import PROMPT_COLUMNS, Dropped, Kept, Options, prompt_record
from rft.datasets.converters.questions import json_lines
from rft.rewards.contract import REFERENCE_KEY

_LISTS: Final = ("candidates", "responses", "trajectories", "completions")
_TEXTS: Final = ("response", "text", "content", "completion", "output")
_SCORES: Final = ("score", "reward", "rating")
Candidate = dict[str, Any]


def from_preferences(path: Path, options: Options) -> Iterator[Kept | Dropped]:
    """Yield the record of each JSON line with `prompt` or `messages` and scored candidates (scores in [0, 1])."""
    for line, value in json_lines(path):
        yield value if isinstance(value, Dropped) else _record(line, value, options)


def _record(line: int, value: dict[str, Any], options: Options) -> Kept | Dropped:
    candidates = _candidates(value)
    if not candidates:
        return Dropped(line, "no candidates with text and score, and no `chosen` with `rejected`")
    best = max(candidates, key=lambda candidate: candidate["score"])
    if best["score"] < options.min_score:
        return Dropped(line, f"the best candidate scores {best['score']:g}, below {options.min_score:g}")
    if len({candidate["score"] for candidate in candidates}) == 1 and len(candidates) > 1:
        return Dropped(line, "all candidates score the same, so none is known to be better")
    extra = {
        key: item
        for key, item in value.items()
        if key not in {*_LISTS, *PROMPT_COLUMNS, "messages", "chosen", "rejected"}
    }
    messages = value.get("messages")
    if isinstance(messages, list) and messages:
        return Kept(
            line, {"messages": messages, REFERENCE_KEY: best["text"], "candidates": candidates, **extra}
        )
    keys = [options.prompt] if options.prompt else [key for key in PROMPT_COLUMNS if key in value]
    prompt = value.get(keys[0]) if keys else None
    if not isinstance(prompt, str) or not prompt.strip():
        return Dropped(line, f"no text under {' or '.join(keys or PROMPT_COLUMNS)}, and no `messages`")
    return Kept(line, prompt_record(prompt, best["text"], options, candidates=candidates, **extra))


def _candidates(value: dict[str, Any]) -> list[Candidate]:
    """The candidates as `{text, score}`; empty when one of them has no text or no score in [0, 1]."""
    if "chosen" in value and "rejected" in value:
        pair = (_text(value["chosen"]), 1.0), (_text(value["rejected"]), 0.0)
        return (
            [{"text": text, "score": score} for text, score in pair] if all(text for text, _ in pair) else []
        )
    listed: list[Any] = next((value[key] for key in _LISTS if isinstance(value.get(key), list)), [])
    found = []
    for item in listed:
        text = _text(item)
        score = next((item[key] for key in _SCORES if key in item), None) if isinstance(item, dict) else None
        if (
            text is None
            or isinstance(score, bool)
            or not isinstance(score, int | float)
            or not 0 <= score <= 1
        ):
            return []
        found.append({"text": text, "score": float(score)})
    return found


def _text(item: Any) -> str | None:
    """The answer's text: text itself, an object with it, or messages of which the last has it."""
    if isinstance(item, list) and item:
        item = item[-1]
    if isinstance(item, dict):
        item = next((item[key] for key in _TEXTS if key in item), None)
    return item if isinstance(item, str) and item.strip() else None
