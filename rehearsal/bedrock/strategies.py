"""Response strategies: the actions among which the simulated policy chooses."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any, Final

from rehearsal.bedrock import answers
from rehearsal.bedrock.records import Record, text_of
from rehearsal.bedrock.responses import RESPONSES, Task, near_miss

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
        texts = (answers.plain(reference) for reference in references)
        short = {text for text in texts if isinstance(text, str) and len(text) <= answers.SHORT_CHARACTERS}
        self.labels = sorted({*self.labels, *short})[:200]


def respond(strategy: str, record: Record, corpus: Corpus, variant: int) -> str:
    """Return the response that a strategy gives to a record's prompt; deterministic."""
    if record.reference is None or strategy in ("refusal", "empty"):
        return _ANYWAY.get(strategy, _generic)(Random(f"{record.key}{strategy}{variant}"))
    random = Random(f"{record.key}{strategy}{variant}")
    reference = answers.plain(record.reference)
    if strategy in _NEEDS_RESULT:
        reference = _slipped(reference, record, corpus, variant)
    return RESPONSES[strategy](
        Task(reference, corpus.labels, text_of(record.messages[-1]["content"]), random)
    )


def _slipped(reference: Any, record: Record, corpus: Corpus, variant: int) -> Any:
    hard = Random(f"{record.key}hard").random() < HARD_SHARE
    random = Random(f"{record.key}slip{variant}")
    if random.random() >= (SLIP_IF_HARD if hard else SLIP_OTHERWISE):
        return reference
    return near_miss(Task(reference, corpus.labels, "", random))


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
