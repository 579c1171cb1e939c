"""Reward of the arithmetic on the way to a final number, not of the number alone.

Right steps alone prove nothing (`1 + 1 = 2` is always right), so under a wrong answer they pay only as far as
they reach the intermediate results of the reference's own solution, and less the more other steps stand beside.

| final answer | steps | value, with the defaults |
|---|---|---|
| right | all right | 1.0 |
| right | none that can be checked | 0.8 |
| right | some wrong | 1.0 less up to 0.5 by the share of wrong steps |
| wrong | reach what the reference's steps reach | up to 0.4 |
| wrong | none, or the reference shows none | 0.0 |

Source: the AWS article on RFT practice (2026-04-08): partial credit for right reasoning under a wrong answer, a
deduction for wrong steps under a right one. Known limits: only arithmetic is checked, not whether it is the
arithmetic that the question asks for; about 0.3 % of the steps in GSM8K's references count as wrong, most because
they are.
"""

from typing import Final

from rft.rewards.contract import STEP_PREFIX, Sample, Score, reference_response
from rft.rewards.numeric import math_answer
from rft.rewards.step_finding import Step, find_steps

TYPICAL_STEPS: Final = 4  # in a solution, where the reference shows none
MOST_STEPS: Final = 6  # that are told one by one


def step_check(
    sample: Sample,
    *,
    without_steps: float = 0.8,
    flawed: float = 0.5,
    partial: float = 0.4,
    absolute: float = 0.0,
    relative: float = 0.0,
    last_number: bool = True,
) -> Score:
    """Score the final number and the arithmetic before it, as the table of this module says.

    Args:
        sample: its reference as in `math_answer`; for partial credit a worked solution.
        without_steps: in [0, 1], the value of a right answer that shows no step.
        flawed: in [0, 1], what a right answer loses when all of its steps are wrong.
        partial: in [0, 1], the value of all of the reference's steps under a wrong answer.
        absolute: tolerance of the final number; `relative` and `last_number` likewise, see `math_answer`.

    Returns:
        The components `correct_answer`, `step_accuracy` (right share of the steps), `has_steps`, `reference_steps`
        (share of the reference's intermediate results that right steps reach), and `step_1` to `step_6` (whether a
        right step reaches that result of the reference; only for as many as it has).

    Raises:
        MissingReferenceError: when the reference holds no number.
        ValueError: when an option is out of range, or would let a wrong answer earn as much as a right one.
    """
    if not all(0 <= option <= 1 for option in (without_steps, flawed, partial)):
        raise ValueError("without_steps, flawed and partial must be from 0 to 1")
    if partial >= min(1 - flawed, without_steps):
        raise ValueError(
            "partial must be below without_steps and below 1 - flawed, or a wrong answer pays as much"
        )
    answer = math_answer(sample, absolute=absolute, relative=relative, last_number=last_number)
    steps = find_steps(sample.response)
    expected = _reference_steps(sample)
    wrong = sum(not step.right for step in steps)
    counted = wrong + sum(step.right and not step.trivial for step in steps)
    # Steps beyond what a solution needs must not dilute the wrong ones.
    flaw = min(1.0, wrong / max(1, min(counted, len(expected) or TYPICAL_STEPS)))
    reached = _reached(steps, expected, counted)
    earned = 1 - flawed * flaw if counted else without_steps
    value = earned if answer.value == 1.0 else partial * reached * (1 - flaw)
    components = {
        "correct_answer": answer.value,
        "step_accuracy": (counted - wrong) / counted if counted else 0.0,
        "has_steps": float(counted > 0),
        "reference_steps": reached,
        **_by_step(steps, expected),
    }
    return Score(value, components, (*answer.reasons, *_reasons(wrong, counted)))


def _reference_steps(sample: Sample) -> list[Step]:
    if sample.reference is None:
        return []
    return [
        step for step in find_steps(reference_response(sample.reference)) if step.right and not step.trivial
    ]


def _reached(steps: list[Step], expected: list[Step], counted: int) -> float:
    """Share of the reference's results among the larger of both numbers of steps: listing every sum reaches little."""
    wanted = {step.result for step in expected}
    found = {step.result for step in steps if step.right and not step.trivial}
    return len(wanted & found) / max(len(wanted), counted, 1)


def _by_step(steps: list[Step], expected: list[Step]) -> dict[str, float]:
    """Success at each step of the reference: a mean hides one that fails for ever."""
    found = {step.result for step in steps if step.right and not step.trivial}
    return {
        f"{STEP_PREFIX}{number}": float(step.result in found)
        for number, step in enumerate(expected[:MOST_STEPS], start=1)
    }


def _reasons(wrong: int, counted: int) -> tuple[str, ...]:
    if not counted:
        return ("no step that can be checked",)
    return (f"{wrong} of {counted} steps wrong",) if wrong else ()
