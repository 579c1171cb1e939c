"""Reward of invoice extraction: right field values in one JSON object that obeys `invoice.schema.json`."""

import json
from pathlib import Path

from rft.rewards import Sample, Score, is_bare_json, json_extraction, weighted
from rft.rewards.fields import date, exact, list_of, number, object_of, text

SCHEMA = json.loads(Path(__file__).with_name("invoice.schema.json").read_text(encoding="utf-8"))
AMOUNT = number(absolute=0.005)  # half a cent
LINE = object_of({"description": text(), "quantity": number(), "unit_price": AMOUNT, "amount": AMOUNT})
FIELDS = {
    "invoice_number": text(case=True),
    "vendor": text(),
    "customer": text(),
    "issue_date": date(),
    "due_date": date(),
    "currency": exact(),
    "line_items": list_of(LINE),
    "subtotal": AMOUNT,
    "tax": AMOUNT,
    "total": AMOUNT,
}
WEIGHTS = {"line_items": 3.0, "total": 2.0}
GROUPS = {
    "parties": ("invoice_number", "vendor", "customer"),
    "dates": ("issue_date", "due_date"),
    "lines": ("line_items",),
    "amounts": ("currency", "subtotal", "tax", "total"),
}


def reward(sample: Sample) -> Score:
    """Score 1.0 for the reference as bare JSON; fields, schema and extra keys count, form alone does not
    pay."""
    extraction = json_extraction(sample, SCHEMA, fields=FIELDS, weights=WEIGHTS, groups=GROUPS)
    bare = is_bare_json(sample.response) and extraction.components["fields"] >= 0.5
    score = weighted(correct=(0.9, extraction), format=(0.1, float(bare)))
    return Score(score.value, {**score.components, **extraction.components}, score.reasons)
