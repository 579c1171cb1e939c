"""Reward of invoice extraction: right field values in one JSON object that obeys `invoice.schema.json`."""

import json
from pathlib import Path

from rft.rewards import Sample, Score, is_bare_json, json_extraction, weighted

SCHEMA = json.loads(Path(__file__).with_name("invoice.schema.json").read_text(encoding="utf-8"))


def reward(sample: Sample) -> Score:
    """Score 1.0 for the reference as bare JSON; fields, schema and extra keys count, form alone does not
    pay."""
    extraction = json_extraction(sample, SCHEMA)
    bare = is_bare_json(sample.response) and extraction.components["fields"] >= 0.5
    score = weighted(correct=(0.9, extraction), format=(0.1, float(bare)))
    return Score(score.value, {**score.components, **extraction.components}, score.reasons)
