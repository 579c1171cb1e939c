"""What each response strategy makes of an ideal response, for every kind of it: text, prose, program, object,
tool calls."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from rehearsal.bedrock import answers, calls, passages, programs

_OPENERS: Final = ("Sure! Here is the answer:", "Of course. Here you go:", "Certainly! Please see below.")
_CLOSERS: Final = ("Let me know if you need anything else!", "I hope this helps.", "Feel free to ask more.")
_FILLER: Final = (
    "Let us think about this carefully before answering.",
    "First, it is important to understand what is being asked here.",
    "There are several aspects to consider, and each deserves attention.",
    "Having considered the question from all sides, we can now proceed.",
)


@dataclass(frozen=True, slots=True)
class Task:
    """An ideal response (text or object), labels that other prompts have, the prompt's last message, and chance."""

    ideal: Any
    labels: Sequence[str]
    document: str
    random: Random

    @property
    def text(self) -> str:
        """The ideal response as the model would write it."""
        return _written(self.ideal)


def _written(answer: Any) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def near_miss(task: Task) -> Any:
    """The same kind of answer with a mistake in it, text or object as the ideal one."""
    return _mistaken(task, 1 / 3, calls_wrong=1)


def _mistaken(task: Task, share: float, calls_wrong: int) -> Any:
    if isinstance(task.ideal, Mapping):
        key = calls.place(task.ideal)
        if key is not None:
            return calls.wrong(task.ideal, key, task.random, calls_wrong)
        return answers.wrong_fields(task.ideal, max(1, int(len(task.ideal) * share)), task.random)
    program = programs.find(task.text)
    if program is not None:
        return programs.wrong(program, task.random)
    if passages.is_passage(task.text):
        return passages.wrong(task.text, task.random)
    return answers.wrong_text(task.text, task.labels, task.random)


def _far_miss(task: Task) -> str:
    if isinstance(task.ideal, Mapping):
        return _written(_mistaken(task, 2 / 3, calls_wrong=3))
    program = programs.find(task.text)
    if program is not None:
        return programs.far_off(program)
    if passages.is_passage(task.text):
        return passages.far_off(task.text, task.random)
    wrong = answers.wrong_text(task.text, task.labels, task.random)
    return f"It is hard to tell, but my best guess is {answers.final_value(wrong)}."


def _verbose(task: Task) -> str:
    filler = " ".join(task.random.choice(_FILLER) for _ in range(task.random.randint(4, 9)))
    return f"{filler}\n\n{task.text}"


def _chatter(task: Task) -> str:
    return f"{task.random.choice(_OPENERS)}\n\n{task.text}\n\n{task.random.choice(_CLOSERS)}"


def _fenced(task: Task) -> str:
    program = programs.find(task.text)
    if program is not None:
        return programs.refence(program)
    language = "" if isinstance(task.ideal, str) else "json"
    return f"```{language}\n{task.text}\n```"


def _unformatted(task: Task) -> str:
    if not isinstance(task.ideal, str):
        return answers.prose(task.ideal)
    program = programs.find(task.text)
    if program is not None:
        return f"It could be written like this: {' '.join(program.code.split())} That should do it."
    if passages.is_passage(task.text):
        return passages.copied(task.document, task.text)
    value = answers.final_value(task.text)
    return task.random.choice(
        (f"I would say this is {value}.", f"After working it out, I get {value}.", f"{value}")
    )


def _partial(task: Task) -> str:
    if isinstance(task.ideal, Mapping):
        key = calls.place(task.ideal)
        if key is not None:
            return _written(calls.without_one(task.ideal, key, task.random))
        return _written(answers.without_fields(task.ideal, task.random))
    program = programs.find(task.text)
    if program is not None:
        return programs.half(program)
    lines = [line for line in task.text.splitlines() if line.strip()]
    if len(lines) > 1:
        return "\n".join(lines[len(lines) // 2 :])
    if passages.is_passage(task.text):
        return passages.part(task.text)
    words = task.text.split()
    return " ".join(words[: len(words) // 2]) if len(words) > 1 else task.text[: len(task.text) // 2]


def _extra(task: Task) -> str:
    if isinstance(task.ideal, Mapping):
        key = calls.place(task.ideal)
        if key is not None:
            return _written(calls.with_more(task.ideal, key, task.random))
        return _written({**task.ideal, "note": task.random.choice(_CLOSERS), "confidence": 0.9})
    return f"{task.text}\n(Confidence: high.)"


def _truncated(task: Task) -> str:
    return task.text[: max(1, int(len(task.text) * task.random.uniform(0.3, 0.7)))]


def _shotgun(task: Task) -> str:
    guesses = [_written(near_miss(task)) for _ in range(2)] + [task.text]
    task.random.shuffle(guesses)
    return "\n".join(guesses)


def _loop(task: Task) -> str:
    return " ".join(task.text.split()[:8] * task.random.randint(20, 40))


def _hollow(task: Task) -> str:
    if isinstance(task.ideal, Mapping):
        return json.dumps(answers.hollow(task.ideal))
    program = programs.find(task.text)
    if program is not None:
        return programs.hollow(program)
    if passages.is_passage(task.text):
        return passages.empty(task.random)
    return "#### " if "####" in task.text else "Answer: "


RESPONSES: Final[Mapping[str, Callable[[Task], str]]] = {
    "ideal": lambda task: task.text,
    "verbose": _verbose,
    "chatter": _chatter,
    "fenced": _fenced,
    "unformatted": _unformatted,
    "partial": _partial,
    "extra": _extra,
    "near_miss": lambda task: _written(near_miss(task)),
    "far_miss": _far_miss,
    "truncated": _truncated,
    "shotgun": _shotgun,
    "loop": _loop,
    "hollow": _hollow,
}
