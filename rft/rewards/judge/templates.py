"""Rubrics that ship. Change one with `dataclasses.replace`, or write your own in YAML (`rubric_file.py`)."""

from typing import Final

from rft.rewards.judge.rubric import Criterion, Rubric

INSTRUCTION_FOLLOWING: Final = Rubric(
    goal="A good response does everything that the task asks for, in the form it asks for, and nothing against it.",
    sees=("prompt",),
    criteria=(
        Criterion(
            "instructions",
            "Does the response meet every explicit instruction and constraint of the task?",
            weight=3,
            anchors={
                1: "misses the main instruction, or refuses without need",
                3: "meets the main instruction but misses one or two constraints",
                5: "meets every instruction and constraint",
            },
        ),
        Criterion(
            "correctness",
            "Is what the response states correct?",
            weight=2,
            anchors={1: "wrong in what matters", 3: "right in the main, with slips", 5: "free of errors"},
        ),
        Criterion(
            "usefulness",
            "Can the person who asked use the response as it is, without cutting anything out?",
            anchors={
                1: "of no use",
                3: "of use after editing",
                5: "of use as it is, without padding or repetition",
            },
        ),
    ),
)

SUMMARISATION: Final = Rubric(
    goal="A good summary tells what matters in the text of the task, truthfully and briefly, in the asked form. The "
    "reference is one good summary; other wordings and another order are as good.",
    sees=("prompt", "reference"),
    criteria=(
        Criterion(
            "faithfulness",
            "Is everything in the response stated in the text: names, numbers, dates, causes, who does what?",
            weight=3,
            anchors={
                1: "contradicts the text or invents something that matters",
                3: "one detail is wrong or not in the text",
                5: "everything is in the text",
            },
        ),
        Criterion(
            "coverage",
            "Does the response tell what the reference tells?",
            weight=2,
            anchors={1: "misses the point", 3: "tells about half of it", 5: "tells all of it"},
        ),
        Criterion(
            "form",
            "Is the response a readable summary in the asked form, without padding, copying or talk around it?",
            anchors={
                1: "no summary: a copy, a list of fragments, talk about the task",
                3: "a summary with padding or not in the asked form",
                5: "brief, readable and in the asked form",
            },
        ),
    ),
)

REASONING: Final = Rubric(
    goal="A good response reaches the right result by steps that each follow. A right result after wrong steps is "
    "luck, and a long explanation is not a better one.",
    sees=("prompt", "reference"),
    criteria=(
        Criterion(
            "result",
            "Does the response end in the same result as the reference, and in only one?",
            weight=3,
            anchors={
                1: "another result, several, or none",
                3: "the right result with a slip in unit or precision",
                5: "the same result",
            },
        ),
        Criterion(
            "steps",
            "Does every step follow from the task and the steps before it?",
            weight=2,
            anchors={
                1: "steps are wrong, missing or unrelated to the result",
                3: "a gap or a slip that does not change the result",
                5: "every step follows",
            },
        ),
    ),
)

RAG_FAITHFULNESS: Final = Rubric(
    goal="A good response answers the question from the context alone, and says so where the context does not tell. "
    "What is true but not in the context counts as invented.",
    sees=("prompt", "context"),
    criteria=(
        Criterion(
            "grounded",
            "Is every statement of the response supported by the context?",
            weight=3,
            anchors={
                1: "contradicts the context or rests on other knowledge",
                3: "mostly supported; one statement is not",
                5: "every statement is supported",
            },
        ),
        Criterion(
            "answers",
            "Does the response answer the question as far as the context allows, and say what it does not tell?",
            weight=2,
            anchors={
                1: "does not answer, or hides that the context does not tell",
                3: "answers a part",
                5: "answers all that the context allows",
            },
        ),
    ),
)
