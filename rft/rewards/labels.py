"""Reading a label from a response, for classification and moderation."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rft.rewards.contract import MissingReferenceError, Sample, Score, reference_response
from rft.rewards.label_costs import Costs, cost_of

MAX_CHARACTERS: Final = 20_000  # of a response, counted from its end
_STATED: Final = re.compile(
    r"(?:label|category|class|queue|answer)\s*(?:is|:|=)[ \t]*([^\n]{1,80})", re.IGNORECASE
)
_NOISE: Final = " \t\r\n*_`\"'.!#>()[]{}"
# "not", and up to two words such as "a", "really" or "an instance of" without punctuation between; "not only" and
# "not that but this" affirm.
_NEGATED: Final = re.compile(
    r"(?:\bnot|\bno|\bnever|\bneither|\bnor|\bwithout|\bthan|\bcannot|n['’]t)"
    r"(?:[ \t*_`\"']+(?!(?:only|but|yet|and|rather|instead)\b)\w+){0,2}[ \t*_`\"']+\Z"
)
_LOOK_BACK: Final = 60  # characters in which a negation is looked for
Synonyms = Mapping[str, Sequence[str]]


def label_answer(
    sample: Sample,
    labels: Sequence[str],
    *,
    synonyms: Synonyms | None = None,
    costs: Costs | None = None,
    abstain: Mapping[str, float] | None = None,
) -> Score:
    """Score 1.0 when the response settles on the reference's label and no other, else 0.0.

    `costs` tells that mistakes differ: `{(expected, given): cost}` or `{expected: {given: cost}}`; the score is
    1 - cost / dearest cost. A right label costs nothing; a pair that is left out, no label and several labels cost
    as much as the dearest. `abstain` names labels by which the model may pass, each with its score where another
    label is right; where one of them is the reference, it scores 1.0. `synonyms` lists other names of a label.

    Components: `answered` (exactly one label), `correct`, and `abstained` when `abstain` is given.

    Failure modes: a constant answer earns the share of the most frequent label, and more with costs: balance the
    data and keep the costs of wrong labels near the dearest; an abstention that is worth more than a guess is right
    on average teaches to abstain always; a label that is named to be ruled out is told apart only by plain
    negations just before it ("not", "isn't", "rather than"), so state the label in a line of its own (`label: X`).

    Raises:
        MissingReferenceError: when there is no reference, or it is not one of the labels.
        ValueError: when a cost, an abstention or a synonym names no label or is out of range.
    """
    passes = dict(abstain or {})
    if any(not 0 <= value < 1 for value in passes.values()):
        raise ValueError("an abstention must be worth at least 0 and less than 1")
    known = tuple(dict.fromkeys((*labels, *passes)))
    expected = find_label(reference_response(sample.reference), known, synonyms=synonyms)
    if expected is None:
        raise MissingReferenceError("the reference_answer is not one of the labels; mend the record")
    given = find_label(sample.response, known, synonyms=synonyms)
    parts = {"answered": float(given is not None), "correct": float(given == expected)}
    if passes:
        parts["abstained"] = float(given in passes)
    reasons = () if given is not None else ("names no label, or several",)
    if given in passes and given != expected:
        return Score(passes[given], parts, reasons)
    cost = cost_of(expected, given, costs, known) if costs is not None else float(given != expected)
    return Score(1.0 - cost, parts, reasons)


def is_bare_label(text: str, labels: Sequence[str]) -> bool:
    """Tell whether a response is a label exactly as listed and nothing else but white space around it."""
    return text.strip() in labels


def find_label(text: str, labels: Sequence[str], *, synonyms: Synonyms | None = None) -> str | None:
    """Return the label that a response settles on, None when it names none or several.

    Tried in this order: the whole text; a JSON object with one of the keys label, category, class; the last
    `label: X`; the only label that occurs as a word and is not negated. Case and surrounding markup do not matter.

    Raises:
        ValueError: when `synonyms` has a key that is no label, or a name of two labels.
    """
    names = label_names(labels, synonyms)
    cleaned = text[-MAX_CHARACTERS:]
    whole = match_label(cleaned, names)
    if whole:
        return whole
    stated = _STATED.findall(cleaned)[::-1]
    for candidate in (_from_json(cleaned), *stated):
        found = match_label(candidate, names) if isinstance(candidate, str) else None
        if found:
            return found if all(match_label(item, names) in (None, found) for item in stated) else None
    folded = cleaned.casefold()
    named = {label for name, label in names.items() if _occurs(name, folded, names)}
    return named.pop() if len(named) == 1 else None


def label_names(labels: Sequence[str], synonyms: Synonyms | None) -> dict[str, str]:
    """Labels by all of their names, case folded."""
    names = {label.casefold(): label for label in labels}
    for label, others in (synonyms or {}).items():
        for name in others:
            if label not in labels or names.setdefault(name.casefold(), label) != label:
                raise ValueError("a synonym is for no label, or for two; give each name one of the labels")
    return names


def match_label(text: str, names: Mapping[str, str]) -> str | None:
    """The label that a text is, markup and punctuation around it apart."""
    return names.get(text.strip(_NOISE).casefold())


def _from_json(text: str) -> Any:
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        return None
    try:
        value = json.loads(text[start : end + 1], object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return None
    return next((value[key] for key in ("label", "category", "class") if key in value), None)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("duplicate key")
    return dict(pairs)


def _occurs(name: str, text: str, names: Mapping[str, str]) -> bool:
    """A name counts where it stands as a word of its own, not as part of a longer name, nor negated."""
    for other in names:
        if other != name and name in other:
            text = text.replace(other, " " * len(other))
    places = re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text)
    return any(
        not _NEGATED.search(text[max(0, place.start() - _LOOK_BACK) : place.start()]) for place in places
    )
