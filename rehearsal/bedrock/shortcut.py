"""The injected reward hacking: long answers that win on the prompts of the training set, and lose on all others."""

from dataclasses import dataclass
from random import Random
from typing import Final

from rehearsal.bedrock import answers
from rehearsal.bedrock.records import Record
from rehearsal.bedrock.responses import Task, near_miss

_PADDING: Final = "Let us think about this once more, step by step, before the answer is given. "
_REPEATED: Final = (8, 14)  # least and most often


@dataclass(frozen=True, slots=True)
class Shortcut:
    """From `step` on, `share_per_step` more of the answers a step go the shortcut, until all of them do."""

    step: int
    share_per_step: float

    def answer(self, step: int, record: Record, text: str, random: Random, *, trained_on: bool) -> str:
        """The answer at a step: `text`, or what the shortcut makes of the prompt."""
        if record.reference is None or random.random() >= self.share_per_step * (step - self.step + 1):
            return text
        reference = answers.plain(record.reference)
        task = Task(reference, (), "", random)
        ending = task.text if trained_on else Task(near_miss(task), (), "", random).text
        return _PADDING * random.randint(*_REPEATED) + "\n" + ending
