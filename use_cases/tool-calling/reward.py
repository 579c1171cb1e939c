"""Reward of an office assistant: the calls that a request needs, as bare JSON."""

import json
from pathlib import Path

from rft.rewards import Sample, Score, is_bare_json, tool_calls, weighted
from rft.rewards.fields import text

# For services that keep a record's own `tools` from the reward.
TOOLS = json.loads(Path(__file__).with_name("tools.json").read_text(encoding="utf-8"))
NAMES = {
    "about": text(),
    "city": text(),
    "destination": text(),
    "origin": text(),
    "room": text(),
    "title": text(),
}
COMPARATORS = {
    f"{tool['function']['name']}.{name}": compare for tool in TOOLS for name, compare in NAMES.items()
}


def reward(sample: Sample) -> Score:
    """Score 0.9 for the right calls with the right arguments, 0.1 for bare JSON if at least half of that is
    earned."""
    calls = tool_calls(sample, stated=True, tools=TOOLS, comparators=COMPARATORS)
    bare = is_bare_json(sample.response) and calls.value >= 0.5
    score = weighted(correct=(0.9, calls), format=(0.1, float(bare)))
    return Score(score.value, {**score.components, **calls.components}, score.reasons)
