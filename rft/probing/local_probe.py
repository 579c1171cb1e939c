"""The probe outside of a run: any model of Bedrock's Converse, on prompts of files, with the reward as it is here."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rft.aws import code_of
from rft.evaluation.batch import BASE, Asks, Sampling, run_batch
from rft.evaluation.scorers import Scorer
from rft.probing.examples import Example, Examples
from rft.probing.groups import Group, complete_groups
from rft.probing.measures import measure
from rft.probing.run_probe import judged
from rft.runs.probe_part import Probe
from rft.settings import Probe as Limits

Records = Sequence[tuple[int, dict[str, Any]]]
CHUNK: Final = 4  # prompts asked and scored together for each answer asked at once
_PASSING: Final = frozenset(
    {
        "ThrottlingException",
        "ServiceUnavailableException",
        "ModelTimeoutException",
        "ModelNotReadyException",
        "InternalServerException",
    }
)


@dataclass(frozen=True, slots=True)
class ModelProbe:
    """What one model did on the prompts."""

    model_id: str
    probe: Probe
    examples: Sequence[Example]
    groups: Sequence[Group]


def probe_model(
    engine: Asks,
    model_id: str,
    records: Records,
    scorer: Scorer,
    sampling: Sampling,
    limits: Limits,
    *,
    batch: int,
    tell: Callable[[int], None] = lambda done: None,
) -> ModelProbe:
    """Ask, score, measure and judge; `tell` hears the number of prompts done after each chunk.

    A chunk that Bedrock refuses more often than its client tries again is left out and counted.

    Raises:
        EvaluationFailed: when no prompt was answered.
    """
    examples, groups = Examples(), []

    def answered() -> Iterator[Group]:
        size = max(1, sampling.at_once * CHUNK // sampling.samples)
        for start in range(0, len(records), size):
            try:
                outcomes = run_batch(
                    engine, records[start : start + size], {BASE: model_id}, sampling, scorer
                )
            except Exception as error:
                if code_of(error) not in _PASSING:
                    raise
                outcomes = []
            yield from complete_groups(outcomes)
            tell(min(len(records), start + size))

    for group in examples.watch(answered()):
        groups.append(group.without_texts())
    probe = measure(groups, planned=len(records), batch=batch)
    return ModelProbe(model_id, judged(probe, limits), examples.chosen(), groups)
