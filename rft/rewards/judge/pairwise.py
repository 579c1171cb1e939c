"""Two responses held against each other by a judge, in both orders."""

from dataclasses import replace
from typing import Final

from rft.rewards.contract import Sample, Score, reference_response
from rft.rewards.judge.asking import Question, ask
from rft.rewards.judge.content import unworthy
from rft.rewards.judge.grades import COMPARING_FORM, FIRST, SECOND, TIE, read_comparison
from rft.rewards.judge.prompt import instructions, sights
from rft.rewards.judge.rubric import Rubric

_ROLE: Final = "You compare two responses to one task, strictly and by the criteria alone."
_CLOSING: Final = (
    "Compare the first response with the second by the criteria of your instructions and hand in with the tool "
    "which is better, or tie when neither is. The order in which they stand means nothing."
)
_TOOL: Final = "hand_in_comparison"


def preferred(
    sample: Sample, rubric: Rubric, *, over: str | None = None, context: str | None = None
) -> Score:
    """Score 1.0 when a judge prefers the response to another one, 0.0 when it prefers the other, 0.5 for a tie.

    Judges favour a place, mostly the first, so both orders are asked: a side wins when it wins both times, and
    everything else is a tie (Zheng et al. 2023, arXiv:2306.05685, section 3.4). A tie is a judgement; when the
    judge cannot be read this raises. Components: `preferred`, and `order_decided`, which is 1.0 when the judge chose
    the same place both times, so that its mean over a run tells how much the order weighs.

    Args:
        sample: what is judged.
        rubric: its criteria decide; its scale is not used.
        over: the other response, such as a former model's; without it the reference's ideal response.
        context: as for `judged`.

    Failure modes: those of `judged`. The value has three steps only, and against a perfect reference it is never
    above 0.5, so a group of rollouts easily scores all alike and teaches nothing. Two calls for each sample.

    Raises:
        The same as `judged`, whatever `unparseable` is: half a comparison is none.
    """
    if over is None:
        # Shown as the reference as well, the other response could not lose.
        rubric = replace(rubric, sees=tuple(name for name in rubric.sees if name != "reference"))
        over = reference_response(sample.reference)
    seen = sights(sample, rubric, context)
    why = unworthy(sample.response)
    if why:
        return Score(0.0, {"preferred": 0.0, "order_decided": 0.0}, (why,))
    told = instructions(rubric, _ROLE)
    verdicts = [
        ask(
            Question(told, {**seen, FIRST: first, SECOND: second}, _CLOSING, _TOOL, COMPARING_FORM),
            read_comparison,
        )
        for first, second in ((sample.response, over), (over, sample.response))
    ]
    won, lost = verdicts == [FIRST, SECOND], verdicts == [SECOND, FIRST]
    value = 1.0 if won else 0.0 if lost else 0.5
    by_order = verdicts[0] == verdicts[1] != TIE
    reason = "preferred" if won else "not preferred" if lost else "a tie"
    return Score(value, {"preferred": value, "order_decided": float(by_order)}, (reason,))
