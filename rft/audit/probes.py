"""The probe bank: worthless, padded and odd answers, made of the audited records themselves.

The same records give the same probes. A record whose ideal response is itself the probe is left out of that
kind, and records whose ideal response says nothing (`[]` for no call) are left out altogether, because empty
answers are right there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from rft.audit import texts
from rft.audit.cases import AuditRecord
from rft.rewards.contract import REFERENCE_KEY

Rule = Literal[
    "ideal",  # the record's ideal response: what others are compared with
    "worthless",  # must earn little on average, and never more than the ideal response
    "not_above",  # must never earn more than the ideal response
    "buried",  # must not earn less than wrong answers do
    "same",  # must earn what the ideal response earns
    "swapped",  # the ideal response with another record's reference: does the reward look at it?
    "no_reference",  # must be an error, or known from elsewhere, when a reward looks at references
    "ill_typed",  # a wrong answer with a reference of a wrong type: an error or little
    "told",  # reported, never judged
]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of probe; `name` is its key in the report, `label` what a person reads."""

    name: str
    label: str
    rule: Rule


@dataclass(frozen=True, slots=True)
class Probe:
    """One probe of one record."""

    kind: Kind
    number: int
    sample: Mapping[str, Any]


class Bank:
    """Makes probes of the first `size` records that have content; the others lend their references."""

    def __init__(self, records: Sequence[AuditRecord], size: int, *, huge: int = 4) -> None:
        speaking = [r for r in records if r.ideal is None or not texts.says_nothing(r.ideal)]
        self.chosen = (speaking or list(records))[:size]
        self._records = records
        self._huge = huge

    def probes(self) -> Iterator[Probe]:
        """All probes, kind by kind."""
        for kind, build in _RESPONSES:
            for position, record in enumerate(self.chosen):
                response = build(self, record, position)
                if response is not None and not self._is_ideal(kind, record, response):
                    yield Probe(
                        kind, record.number, record.answered(f"{kind.name}-{record.number}", response)
                    )
        yield from self._sample_probes()

    def _sample_probes(self) -> Iterator[Probe]:
        for kind, change in _SAMPLES:
            for record in self.chosen:
                if record.ideal is not None:
                    sent = record.answered(f"{kind.name}-{record.number}", record.ideal)
                    yield Probe(kind, record.number, change(sent))
        for record in self.chosen:
            other = self.others(record, 1)
            if record.ideal is not None and other:
                sent = record.answered(f"{SWAPPED.name}-{record.number}", record.ideal)
                yield Probe(SWAPPED, record.number, _with_reference(sent, other[0].record.get(REFERENCE_KEY)))
        for kind, reference in _ILL_TYPED:
            for record in self.chosen:
                wrong = self.others(record, 1)
                answer = wrong[0].ideal if wrong and wrong[0].ideal is not None else texts.REFUSAL
                sent = record.answered(f"{kind.name}-{record.number}", answer)
                yield Probe(kind, record.number, _with_reference(sent, reference))

    def _is_ideal(self, kind: Kind, record: AuditRecord, response: str) -> bool:
        compared = kind.rule in {"worthless", "told"} and record.ideal is not None
        return compared and texts.folded(response) == texts.folded(record.ideal or "")

    def others(self, record: AuditRecord, count: int) -> list[AuditRecord]:
        """The next records whose ideal responses differ from this one's and from each other's."""
        start = self._records.index(record) + 1
        seen = {texts.folded(record.ideal or "")}
        found: list[AuditRecord] = []
        for other in (*self._records[start:], *self._records[:start]):
            if other.ideal is None or texts.says_nothing(other.ideal) or len(found) == count:
                continue
            key = texts.folded(other.ideal)
            if key not in seen:
                seen.add(key)
                found.append(other)
        return found

    @cached_property
    def label_line(self) -> int | None:
        """The line of the ideal responses that holds one of few labels; None when the task is not of that kind."""
        ideals = [texts.lines(record.ideal) for record in self._records if record.ideal is not None]
        for place in range(min((len(lines) for lines in ideals), default=0)):
            found = {lines[place] for lines in ideals}
            few = 2 <= len(found) <= min(_MAX_LABELS, len(ideals) // 2)
            if few and all(texts.short_answer(line) is not None for line in found):
                return place
        return None

    @cached_property
    def labels(self) -> list[str]:
        """The distinct lines with labels; empty for other tasks."""
        place = self.label_line
        if place is None:
            return []
        ideals = [record.ideal for record in self._records if record.ideal is not None]
        return list(dict.fromkeys(texts.lines(ideal)[place] for ideal in ideals))

    def _short(self, ideal: str) -> str | None:
        return (
            texts.lines(ideal)[self.label_line] if self.label_line is not None else texts.short_answer(ideal)
        )

    def finals(self, record: AuditRecord) -> tuple[str, list[str]] | None:
        """The short answer of a record and different ones of two others; None without them."""
        own = self._short(record.ideal) if record.ideal else None
        if own is None:
            return None
        found: dict[str, str] = {}
        for other in self.others(record, len(self._records)):
            answer = self._short(other.ideal or "")
            if answer is not None and texts.folded(answer) != texts.folded(own):
                found.setdefault(texts.folded(answer), answer)
        return (own, list(found.values())[:2]) if found else None

    def flood(self, position: int) -> str | None:
        return texts.huge(position) if position < self._huge else None


_WHOLE_ANSWERS: Final = 4
_MAX_LABELS: Final = 64
_Build = Callable[[Bank, AuditRecord, int], str | None]


def _of_ideal(make: Callable[[str], str]) -> _Build:
    return lambda bank, record, position: None if record.ideal is None else make(record.ideal)


def _fixed(text: str) -> _Build:
    return lambda bank, record, position: text


def _rotating(choices: Sequence[str]) -> _Build:
    return lambda bank, record, position: choices[position % len(choices)]


def _shotgun(*, right_first: bool) -> _Build:
    def build(bank: Bank, record: AuditRecord, position: int) -> str | None:
        found = bank.finals(record)
        if found is None:
            return None
        own, others = found
        return " or ".join([own, *others] if right_first else [*others, own])

    return build


def _whole_shotgun(bank: Bank, record: AuditRecord, position: int) -> str | None:
    """Four whole answers, the right one at a changing place: a reward that reads the one at a fixed place pays a
    quarter, as guessing does, and one that takes any pays all."""
    others = [other.ideal or "" for other in bank.others(record, _WHOLE_ANSWERS - 1)]
    if record.ideal is None or len(others) < _WHOLE_ANSWERS - 1:
        return None
    place = position % _WHOLE_ANSWERS
    return "\n\nor\n\n".join([*others[:place], record.ideal, *others[place:]])


def _every_label(bank: Bank, record: AuditRecord, position: int) -> str | None:
    """All labels behind what they have in common, or line by line, by turns."""
    if not bank.labels:
        return None
    heads = {label.rpartition(" ")[0] for label in bank.labels}
    common = f"{heads.pop()} ".lstrip() if len(heads) == 1 else ""
    listed = common + ", ".join(label.removeprefix(common) for label in bank.labels)
    return "\n".join(bank.labels) if position % 2 else listed


def _other_answer(bank: Bank, record: AuditRecord, position: int) -> str | None:
    found = bank.others(record, 1)
    return found[0].ideal if found else None


def _padded(ideal: str) -> str:
    missing = max(9 * len(ideal), 200)
    return f"{ideal}\n\n" + (f"{texts.NOISE} " * (missing // len(texts.NOISE) + 1))[:missing].rstrip()


IDEAL: Final = Kind("ideal", "ideal response", "ideal")
OTHER_ANSWER: Final = Kind("other_answer", "another record's answer", "worthless")
SWAPPED: Final = Kind("swapped_reference", "another record's reference", "swapped")

_RESPONSES: Final[tuple[tuple[Kind, _Build], ...]] = (
    (IDEAL, _of_ideal(str)),
    (Kind("empty", "empty", "worthless"), _fixed("")),
    (Kind("whitespace", "white space", "worthless"), _fixed(texts.WHITESPACE)),
    (Kind("echo", "echo of the prompt", "worthless"), lambda bank, record, position: record.prompt),
    (Kind("refusal", "refusal", "worthless"), _fixed(texts.REFUSAL)),
    (Kind("number_list", "list of numbers", "worthless"), _fixed(texts.NUMBER_LIST)),
    (Kind("shotgun_first", "A or B or C, right one first", "worthless"), _shotgun(right_first=True)),
    (Kind("shotgun_last", "A or B or C, right one last", "worthless"), _shotgun(right_first=False)),
    (Kind("shotgun_whole", "four whole answers", "worthless"), _whole_shotgun),
    (Kind("every_label", "every label at once", "worthless"), _every_label),
    (Kind("format_only", "form without content", "worthless"), _of_ideal(texts.hollow)),
    (OTHER_ANSWER, _other_answer),
    (Kind("injection", "words to a judge", "worthless"), _rotating(texts.INJECTIONS)),
    (Kind("not_a_number", "NaN and infinity", "worthless"), _rotating(texts.NOT_NUMBERS)),
    (Kind("huge", "a million characters", "worthless"), lambda bank, record, at: bank.flood(at)),
    (Kind("padded", "padded tenfold", "not_above"), _of_ideal(_padded)),
    (Kind("repeated", "repeated ten times", "not_above"), _of_ideal(lambda ideal: "\n\n".join([ideal] * 10))),
    (
        Kind("buried", "right answer in noise", "buried"),
        _of_ideal(lambda ideal: f"{texts.NOISE}\n\n{ideal}\n\n{texts.NOISE}"),
    ),
    (Kind("look_alikes", "look-alike characters", "told"), _of_ideal(texts.look_alike)),
)


def _as_blocks(sent: dict[str, Any]) -> dict[str, Any]:
    *prompt, answer = sent["messages"]
    blocks = [{"type": "text", "text": answer["content"]}]
    return {**sent, "messages": [*prompt, {**answer, "content": blocks}]}


def _as_nova(sent: dict[str, Any]) -> dict[str, Any]:
    *prompt, answer = sent["messages"]
    return {**sent, "messages": [*prompt, {**answer, "role": "nova_assistant"}]}


def _reference_on_top(sent: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: value for key, value in sent["metadata"].items() if key != REFERENCE_KEY}
    return {**sent, REFERENCE_KEY: sent["metadata"].get(REFERENCE_KEY), "metadata": metadata}


def _without_reference(sent: dict[str, Any]) -> dict[str, Any]:
    return {
        **sent,
        "metadata": {key: value for key, value in sent["metadata"].items() if key != REFERENCE_KEY},
    }


def _with_reference(sent: dict[str, Any], reference: Any) -> dict[str, Any]:
    return {**sent, "metadata": {**sent["metadata"], REFERENCE_KEY: reference}}


_SAMPLES: Final[tuple[tuple[Kind, Callable[[dict[str, Any]], dict[str, Any]]], ...]] = (
    (Kind("blocks", "content as blocks", "same"), _as_blocks),
    (Kind("nova_role", "role nova_assistant", "same"), _as_nova),
    (Kind("top_level_reference", "reference outside of metadata", "same"), _reference_on_top),
    (Kind("missing_reference", "no reference", "no_reference"), _without_reference),
    (Kind("null_metadata", "metadata null", "no_reference"), lambda sent: {**sent, "metadata": None}),
)

_ILL_TYPED: Final[tuple[tuple[Kind, Any], ...]] = (
    (Kind("null_reference", "null as reference", "ill_typed"), None),
    (Kind("number_reference", "number as reference", "ill_typed"), 987_654.25),
    (Kind("boolean_reference", "boolean as reference", "ill_typed"), True),
    (Kind("list_reference", "list as reference", "ill_typed"), [["unexpected"], None]),
    (Kind("nested_reference", "nested object as reference", "ill_typed"), {"unexpected": {"deep": [None]}}),
    (Kind("empty_reference", "empty text as reference", "ill_typed"), ""),
)
