"""How prompts and references are distributed: lengths with outliers, make-up of the text, languages, kinds of answers.

Outliers are told by the modified z-score (Iglewicz and Hoaglin, 1993: 0.6745 times the distance from the median over
the median distance), on the logarithm of the length and on the share of letters.
"""

import json
import math
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec
import xxhash

from rft import catalogue
from rft.datasets.checks.port import Conclusion, Fault, Observer, Placed, Seen
from rft.datasets.checks.texts import prompt_text
from rft.datasets.codes import Code
from rft.datasets.rules import Rules
from rft.names import TRAIN
from rft.rewards.contract import REFERENCE_KEY

LEAST_RECORDS: Final = 50
OUTLIER: Final = 8.0  # modified z-score; 3.5 is the usual one, for a look and not for a warning
FAR_LENGTH: Final = math.log(5)  # and at least five times as long as the median
FAR_LETTERS: Final = 30  # and at least so many per cent of letters away from the median
MAJORITY: Final = 0.9  # of one language for others to stand out
LETTERS_FOR_LANGUAGE: Final = 40
LOOKED_AT: Final = 400  # characters at the beginning of a text, enough for its language and make-up
SAME_SHARE: Final = 0.9  # of one and the same reference
_UNDECIDED: Final = ""


class State(msgspec.Struct):
    """Columns: `lines` u32, `lengths` u32 characters, `letters` u8 per cent, `languages` u8 into `names`; references
    by the hash of their text, the most frequent ones, and by kind."""

    lines: bytes = b""
    lengths: bytes = b""
    letters: bytes = b""
    languages: bytes = b""
    names: list[str] = []
    references: dict[int, int] = {}
    kinds: dict[str, int] = {}


class _Observer:
    def __init__(self) -> None:
        self._lines, self._lengths, self._letters = array("I"), array("I"), array("B")
        self._languages, self._names = array("B"), dict[str, int]()
        self._references, self._kinds = Counter[int](), Counter[str]()

    def observe(self, record: Mapping[str, Any], line: int) -> Iterable[Fault]:
        text = prompt_text(record)
        start = text[:LOOKED_AT]
        self._lines.append(line)
        self._lengths.append(len(text))
        self._letters.append(round(100 * sum(map(str.isalpha, start)) / max(1, len(start))))
        asked = record["messages"][-1].get("content")
        language = language_of(asked if isinstance(asked, str) else text)
        self._languages.append(self._names.setdefault(language, min(len(self._names), 255)))
        reference = record.get(REFERENCE_KEY)
        self._kinds[type(reference).__name__] += 1
        if reference is not None:
            told = reference if isinstance(reference, str) else json.dumps(reference, sort_keys=True)
            self._references[xxhash.xxh3_64_intdigest(told.encode("utf-8", "surrogatepass"))] += 1
        return ()

    def state(self) -> State:
        return State(
            self._lines.tobytes(),
            self._lengths.tobytes(),
            self._letters.tobytes(),
            self._languages.tobytes(),
            list(self._names),
            dict(self._references.most_common(100)),
            dict(self._kinds),
        )


class _Check:
    name = "shapes"
    state_type = State

    def observer(self, split: str, rules: Rules) -> Observer:
        return _Observer()

    def conclude(self, seen: Sequence[Seen], rules: Rules) -> Conclusion:
        faults: list[Placed] = []
        statistics: dict[str, Any] = {}
        languages = Counter(name for part in seen for _, name in _languages(part))
        for split in dict.fromkeys(part.split for part in seen):
            parts = [part for part in seen if part.split == split]
            lengths = array("I", b"".join(part.state.lengths for part in parts))
            statistics[split] = {"prompt_tokens": _histogram(lengths), "references": _kinds(parts)}
            faults += _outliers(parts)
        faults += _other_languages(seen, languages, rules)
        faults += _same_reference([part for part in seen if part.split == TRAIN])
        told = {name or "undecided": count for name, count in languages.most_common(20)}
        return Conclusion(faults, {"by_split": statistics, "languages": told})


CHECK: Final = _Check()


def language_of(text: str) -> str:
    """ISO 639-1 code of a text's language, by py3langid; empty for too little or too uncertain text."""
    sample = text[:LOOKED_AT]
    if sum(map(str.isalpha, sample)) < LETTERS_FOR_LANGUAGE:
        return _UNDECIDED
    name, confidence = _identifier().classify(sample)
    return str(name) if confidence > 0.95 else _UNDECIDED


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def _outliers(parts: Sequence[Seen]) -> Iterator[Placed]:
    lines = [part.lines_before + line for part in parts for line in array("I", part.state.lines)]
    if len(lines) < LEAST_RECORDS:
        return
    lengths = [math.log(1 + n) for part in parts for n in array("I", part.state.lengths)]
    letters = [float(n) for part in parts for n in array("B", part.state.letters)]
    for line, tall, odd in zip(lines, _far(lengths, FAR_LENGTH), _far(letters, FAR_LETTERS), strict=True):
        if tall > 0:
            fix = "look whether it is several records, or a file pasted in"
            what = f"the prompt is {math.exp(tall):.0f} times as long as the median prompt"
            yield Placed(parts[0].split, line, Fault(Code.LENGTH_OUTLIER, "$.messages", what, fix))
        if odd:
            fix = "look whether it is text at all"
            what = f"its share of letters is {abs(odd):.0f} per cent away from the median prompt's"
            yield Placed(parts[0].split, line, Fault(Code.VOCABULARY_OUTLIER, "$.messages", what, fix))


def _far(values: Sequence[float], least: float) -> list[float]:
    """Distance of each value from the median where that is an outlier, 0 elsewhere."""
    middle = _median(values)
    spread = _median([abs(value - middle) for value in values]) or 1e-9
    distances = [value - middle for value in values]
    return [d if abs(d) >= least and 0.6745 * abs(d) / spread > OUTLIER else 0.0 for d in distances]


def _median(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2]


def _languages(part: Seen) -> Iterator[tuple[int, str]]:
    names = part.state.names
    columns = zip(array("I", part.state.lines), array("B", part.state.languages), strict=True)
    return ((part.lines_before + line, names[index]) for line, index in columns)


def _other_languages(seen: Sequence[Seen], counts: Counter[str], rules: Rules) -> Iterator[Placed]:
    decided = Counter({name: count for name, count in counts.items() if name})
    expected = set(rules.languages)
    if not expected and decided.total() >= LEAST_RECORDS:
        name, count = decided.most_common(1)[0]
        expected = {name} if count >= MAJORITY * decided.total() else set()
    if not expected:
        return
    for part in seen:
        for line, name in _languages(part):
            if name and name not in expected:
                what = f"the prompt is in {name}, where {', '.join(sorted(expected))} is expected"
                fault = Fault(
                    Code.OTHER_LANGUAGE, "$.messages", what, "translate it, or list it in dataset.languages"
                )
                yield Placed(part.split, line, fault)


def _same_reference(parts: Sequence[Seen]) -> Iterator[Placed]:
    counts: Counter[int] = Counter()
    for part in parts:
        counts.update(part.state.references)
    records = sum(len(part.state.lines) // 4 for part in parts)
    if records >= LEAST_RECORDS and counts:
        share = counts.most_common(1)[0][1] / records
        if share > SAME_SHARE:
            what = (
                f"{share:.0%} of the references are the same, so one constant answer earns nearly everything"
            )
            fault = Fault(Code.REFERENCE_SKEW, f"$.{REFERENCE_KEY}", what, "add records with other answers")
            yield Placed(parts[0].split, 0, fault)


def _kinds(parts: Sequence[Seen]) -> dict[str, int]:
    kinds: Counter[str] = Counter()
    for part in parts:
        kinds.update(part.state.kinds)
    return dict(kinds)


def _histogram(lengths: Sequence[int], bars: int = 24) -> dict[str, Any]:
    """Prompts by length in tokens (characters over 4), in bars of equal width from the shortest to the longest."""
    tokens = [length / catalogue.CHARACTERS_PER_TOKEN for length in lengths]
    if not tokens:
        return {"bars": [], "from": 0, "width": 0, "median": 0, "p95": 0, "longest": 0}
    ordered = sorted(tokens)
    low = float(int(ordered[0]))
    width = max(1.0, (ordered[-1] - low) / bars)
    counts = Counter(min(bars - 1, int((value - low) / width)) for value in tokens)
    return {
        "bars": [counts[index] for index in range(bars)],
        "from": low,
        "width": width,
        "median": round(ordered[len(ordered) // 2]),
        "p95": round(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]),
        "longest": round(ordered[-1]),
    }
