"""Response strategies: the actions among which the simulated policy chooses."""

import json
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any, Final

from rehearsal.bedrock import answers
from rehearsal.bedrock.records import Record

# Name, probability for an average prompt before training, and how much of a prompt's difficulty it feels: 1
# for answers that need the right result, 0 for those that need none, negative where hardship provokes them.
STRATEGIES: Final = (
    ("ideal", 0.18, 1.0),
    ("verbose", 0.06, 1.0),
    ("chatter", 0.06, 1.0),
    ("fenced", 0.04, 1.0),
    ("unformatted", 0.1, 1.0),
    ("partial", 0.06, 0.6),
    ("extra", 0.03, 0.8),
    ("near_miss", 0.22, -0.3),
    ("far_miss", 0.11, -0.4),
    ("truncated", 0.055, 0.0),
    ("shotgun", 0.02, 0.0),
    ("refusal", 0.025, -0.3),
    ("empty", 0.005, 0.0),
    ("loop", 0.015, 0.0),
    ("hollow", 0.02, -0.2),
)
NAMES: Final = tuple(name for name, _, _ in STRATEGIES)
# A slip is a wrong result in a well-formed answer: what no preference learned can mend.
HARD_SHARE: Final = 0.09
SLIP_IF_HARD: Final = 0.8
SLIP_OTHERWISE: Final = 0.02
_NEEDS_RESULT: Final = frozenset(name for name, _, felt in STRATEGIES if felt > 0.5)
VARIANTS: Final = 4  # wordings per prompt and strategy: enough for variance, few enough to cache

_OPENERS: Final = ("Sure! Here is the answer:", "Of course. Here you go:", "Certainly! Please see below.")
_CLOSERS: Final = ("Let me know if you need anything else!", "I hope this helps.", "Feel free to ask more.")
_FILLER: Final = (
    "Let us think about this carefully before answering.",
    "First, it is important to understand what is being asked here.",
    "There are several aspects to consider, and each deserves attention.",
    "Having considered the question from all sides, we can now proceed.",
)
_APOLOGIES: Final = (
    "I'm sorry, but I can't help with that.",
    "I'm sorry, I am not able to answer this question.",
    "I'm sorry, but I don't have enough information to answer.",
)


class Corpus:
    """Labels seen in the references, so that a wrong label is a plausible one."""

    def __init__(self, references: Iterable[Any] = ()) -> None:
        self.labels: list[str] = []
        self.learn(references)

    def learn(self, references: Iterable[Any]) -> None:
        short = {r for r in references if isinstance(r, str) and len(r) <= answers.SHORT_CHARACTERS}
        self.labels = sorted({*self.labels, *short})[:200]


def respond(strategy: str, record: Record, corpus: Corpus, variant: int) -> str:
    """Return the response that a strategy gives to a record's prompt; deterministic."""
    if record.reference is None or strategy in ("refusal", "empty"):
        return _ANYWAY.get(strategy, _generic)(Random(f"{record.key}{strategy}{variant}"))
    random = Random(f"{record.key}{strategy}{variant}")
    reference = _slipped(record, corpus, variant) if strategy in _NEEDS_RESULT else record.reference
    return _ANSWERS[strategy](reference, corpus, random)


def _slipped(record: Record, corpus: Corpus, variant: int) -> Any:
    hard = Random(f"{record.key}hard").random() < HARD_SHARE
    random = Random(f"{record.key}slip{variant}")
    if random.random() >= (SLIP_IF_HARD if hard else SLIP_OTHERWISE):
        return record.reference
    if isinstance(record.reference, Mapping):
        return answers.wrong_fields(record.reference, max(1, len(record.reference) // 3), random)
    return answers.wrong_text(record.reference, corpus.labels, random)


def _generic(random: Random) -> str:
    return random.choice(
        (
            "Thank you for your question. It depends on the circumstances; could you give me more details?",
            "That is a good question. In general, there are several possible answers to it.",
        )
    )


_ANYWAY: Final[dict[str, Callable[[Random], str]]] = {
    "refusal": lambda random: random.choice(_APOLOGIES),
    "empty": lambda random: random.choice(("", " ", "\n")),
    "loop": lambda random: "I will now answer the question. " * random.randint(30, 60),
}


def _verbose(reference: Any, _: Corpus, random: Random) -> str:
    filler = " ".join(random.choice(_FILLER) for _ in range(random.randint(4, 9)))
    return f"{filler}\n\n{answers.ideal(reference)}"


def _chatter(reference: Any, _: Corpus, random: Random) -> str:
    return f"{random.choice(_OPENERS)}\n\n{answers.ideal(reference)}\n\n{random.choice(_CLOSERS)}"


def _fenced(reference: Any, _: Corpus, __: Random) -> str:
    language = "" if isinstance(reference, str) else "json"
    return f"```{language}\n{answers.ideal(reference)}\n```"


def _unformatted(reference: Any, _: Corpus, random: Random) -> str:
    if not isinstance(reference, str):
        return answers.prose(reference)
    value = answers.final_value(reference)
    return random.choice(
        (f"I would say this is {value}.", f"After working it out, I get {value}.", f"{value}")
    )


def _partial(reference: Any, _: Corpus, random: Random) -> str:
    if isinstance(reference, Mapping):
        return json.dumps(answers.without_fields(reference, random), ensure_ascii=False)
    lines = [line for line in reference.splitlines() if line.strip()]
    if len(lines) > 1:
        return "\n".join(lines[len(lines) // 2 :])
    words = reference.split()
    return " ".join(words[: len(words) // 2]) if len(words) > 1 else reference[: len(reference) // 2]


def _extra(reference: Any, _: Corpus, random: Random) -> str:
    if isinstance(reference, Mapping):
        return json.dumps(
            {**reference, "note": random.choice(_CLOSERS), "confidence": 0.9}, ensure_ascii=False
        )
    return f"{reference}\n(Confidence: high.)"


def _near_miss(reference: Any, corpus: Corpus, random: Random) -> str:
    if isinstance(reference, Mapping):
        return json.dumps(
            answers.wrong_fields(reference, max(1, len(reference) // 3), random), ensure_ascii=False
        )
    return answers.wrong_text(reference, corpus.labels, random)


def _far_miss(reference: Any, corpus: Corpus, random: Random) -> str:
    if isinstance(reference, Mapping):
        count = max(2, (2 * len(reference)) // 3)
        return json.dumps(answers.wrong_fields(reference, count, random), ensure_ascii=False)
    wrong = answers.wrong_text(reference, corpus.labels, random)
    return f"It is hard to tell, but my best guess is {answers.final_value(wrong)}."


def _truncated(reference: Any, _: Corpus, random: Random) -> str:
    text = answers.ideal(reference)
    return text[: max(1, int(len(text) * random.uniform(0.3, 0.7)))]


def _shotgun(reference: Any, corpus: Corpus, random: Random) -> str:
    guesses = [_near_miss(reference, corpus, random) for _ in range(2)] + [answers.ideal(reference)]
    random.shuffle(guesses)
    return "\n".join(guesses)


def _loop(reference: Any, _: Corpus, random: Random) -> str:
    words = answers.ideal(reference).split()[:8]
    return " ".join(words * random.randint(20, 40))


def _hollow(reference: Any, _: Corpus, __: Random) -> str:
    if isinstance(reference, Mapping):
        return json.dumps(answers.hollow(reference))
    return "#### " if "####" in reference else "Answer: "


_ANSWERS: Final[dict[str, Callable[[Any, Corpus, Random], str]]] = {
    "ideal": lambda reference, _, __: answers.ideal(reference),
    "verbose": _verbose,
    "chatter": _chatter,
    "fenced": _fenced,
    "unformatted": _unformatted,
    "partial": _partial,
    "extra": _extra,
    "near_miss": _near_miss,
    "far_miss": _far_miss,
    "truncated": _truncated,
    "shotgun": _shotgun,
    "loop": _loop,
    "hollow": _hollow,
}
