"""One response graded by a judge."""

import os
from collections.abc import Mapping
from statistics import median
from typing import Final

from rft.rewards.contract import Sample, Score
from rft.rewards.judge.asking import JudgeError, Question, ask, settings
from rft.rewards.judge.content import unworthy
from rft.rewards.judge.grades import grading_form, read_grades
from rft.rewards.judge.prompt import instructions, sights
from rft.rewards.judge.rubric import Rubric

FLOOR_VARIABLE: Final = "RFT_REWARD_FLOOR"
_ROLE: Final = "You grade a response, strictly and by the criteria alone."
_CLOSING: Final = (
    "Grade the response by each criterion of your instructions and hand the grades in with the tool: a short "
    "reason first, then the grade."
)
_TOOL: Final = "hand_in_grades"


def judged(sample: Sample, rubric: Rubric, *, context: str | None = None) -> Score:
    """Score the weighted mean of a judge's grades, each stretched from its scale to [0, 1].

    Components: one for each criterion. With `votes` above 1 in the settings the judge is asked that often, one
    call after the other, and a criterion counts with its median grade. Blank responses, empty phrases and those of
    more than 60,000 characters score 0 without a call.

    Args:
        sample: what is graded.
        rubric: one of `INSTRUCTION_FOLLOWING`, `SUMMARISATION`, `REASONING`, `RAG_FAITHFULNESS`, or your own.
        context: what the answer must rest on, for rubrics that show it; without it the record's `context`.

    Failure modes: a judge is not exactly repeatable, not even at temperature 0; it favours long and fluent text;
    it does not know what neither the rubric shows nor its training had. With `unparseable: floor` in the
    settings, a judgement that cannot be read scores the reward's floor in the place of an error; that hides a
    broken judge, and the floor is not what the answer deserved.

    Raises:
        MissingReferenceError, MissingContextError: when the record lacks what the rubric shows.
        JudgeNotSetError: when the use case names no judge.
        JudgeError: when the judge's answers cannot be read.
        AccessDenied, ThrottlingException, ServiceUnavailableException, botocore's BotoCoreError: when it cannot be
            asked.
    """
    seen = sights(sample, rubric, context)
    why = unworthy(sample.response)
    if why:
        return Score(0.0, {criterion.name: 0.0 for criterion in rubric.criteria}, (why,))
    question = Question(
        instructions(rubric, _ROLE),
        {**seen, "response": sample.response},
        _CLOSING,
        _TOOL,
        grading_form(rubric),
    )
    how = settings()
    try:
        ballots = [ask(question, lambda given: read_grades(given, rubric), n) for n in range(how.votes)]
    except JudgeError:
        if how.unparseable != "floor":
            raise
        floor = float(os.environ.get(FLOOR_VARIABLE, "0"))
        return Score(floor, {}, ("the judgement could not be read",))
    grades = {c.name: median(ballot[c.name] for ballot in ballots) for c in rubric.criteria}
    return _score(grades, rubric)


def _score(grades: Mapping[str, float], rubric: Rubric) -> Score:
    shares = {criterion.name: rubric.share(grades[criterion.name]) for criterion in rubric.criteria}
    total = sum(criterion.weight for criterion in rubric.criteria)
    value = sum(criterion.weight * shares[criterion.name] for criterion in rubric.criteria) / total
    reasons = tuple(f"{name} {grade:g} of {rubric.high}" for name, grade in grades.items())
    return Score(min(1.0, value), shares, reasons)
