"""The port of the converters: a source goes in, kept records and dropped ones come out, in order."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rft.datasets.converters.invocation_logs import LogFilter

PROMPT_COLUMNS: Final = ("prompt", "question", "instruction", "input", "query")
REFERENCE_COLUMNS: Final = (
    "reference_answer",
    "reference",
    "answer",
    "output",
    "completion",
    "target",
    "label",
)
SYSTEM_COLUMNS: Final = ("system", "system_prompt")


@dataclass(frozen=True, slots=True)
class Options:
    """What a converter may be told: the keys or columns that hold prompt and reference, found by name when None;
    `instruction` is put below every prompt; `min_score`, in [0, 1], is the least of a candidate that becomes the
    reference.
    """

    prompt: str | None = None
    reference: str | None = None
    instruction: str | None = None
    min_score: float = 0.5
    logs: "LogFilter | None" = None  # of invocation logs


@dataclass(frozen=True, slots=True)
class Kept:
    """A dataset record, from line or row `line` of the source, counted from 1."""

    line: int
    record: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Dropped:
    """A line or row that gave no record, and why; never quotes it."""

    line: int
    reason: str
    file: str | None = None  # of sources that are several files


Converter = Callable[[Any, Options], Iterator[Kept | Dropped]]


def prompt_record(
    prompt: str, reference: Any, options: Options, *, system: str | None = None, **extra: Any
) -> dict[str, Any]:
    """A dataset record of a prompt; None as the reference leaves it out."""
    asked = prompt.strip() if options.instruction is None else f"{prompt.strip()}\n\n{options.instruction}"
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": asked})
    answer = {} if reference is None else {"reference_answer": reference}
    return {"messages": messages, **answer, **extra}
