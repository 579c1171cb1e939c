"""Scores references with the use case's own reward: a reference that it refuses teaches the model the wrong thing."""

import io
import itertools
import json
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rft.datasets.checks.port import Conclusion, Fault, Placed
from rft.datasets.chunks import Chunk, Source, blocks
from rft.datasets.codes import Code
from rft.datasets.shape import record_faults
from rft.rewards.batch import RewardFunction, Scored, score_samples
from rft.rewards.contract import REFERENCE_KEY, reference_response

BATCH: Final = 64
_DIGITS: Final = 6  # scores are compared after rounding, so that 0.1 + 0.2 is 0.3


def check_references(
    files: Mapping[str, Source],
    reward: RewardFunction,
    *,
    minimum: float,
    seconds: float,
    concurrency: int = 1,
) -> Conclusion:
    """Find the references that score below `minimum`, in [0, 1], until `seconds` are over.

    The statistics tell how many of how many references were scored, and their mean. Lines that hold no record with a
    reference are left to the other checks.
    """
    faults, scores, left_out = [], [], 0
    deadline = time.monotonic() + seconds
    for split, file in files.items():
        samples = _samples(file)
        while batch := list(itertools.islice(samples, BATCH)):
            if time.monotonic() > deadline:
                left_out += len(batch)
                continue
            for scored in score_samples(batch, reward, concurrency=concurrency):
                scores.append(scored.value)
                if round(scored.value, _DIGITS) < minimum:
                    faults.append(Placed(split, int(scored.id), _refused(scored, minimum)))
    mean = round(sum(scores) / len(scores), _DIGITS) if scores else None
    return Conclusion(faults, {"checked": len(scores), "left_out": left_out, "mean": mean})


def _samples(file: Source) -> Iterator[dict[str, Any]]:
    line = 0
    for block in blocks(file, Chunk(0, file.size)):
        for text in io.BytesIO(block):
            line += 1
            sample = _sample(text, line)
            if sample is not None:
                yield sample


def _sample(text: bytes, line: int) -> dict[str, Any] | None:
    try:
        record = json.loads(text)
        if any(record_faults(record, reference_required=True)):
            return None
        answer = {"role": "assistant", "content": reference_response(record[REFERENCE_KEY])}
        messages = [*record["messages"], answer]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    metadata = {key: value for key, value in record.items() if key not in {"id", "messages"}}
    return {"id": str(line), "messages": messages, "metadata": metadata}


def _refused(scored: Scored, minimum: float) -> Fault:
    found = f"cannot be scored ({scored.error})" if scored.error else f"scores {scored.value:.2f}"
    return Fault(
        Code.REFERENCE_SCORES_LOW,
        f"$.{REFERENCE_KEY}",
        f"the reference, given as the answer, {found}",
        "mend the reference, or the reward that refuses it",
        f"at least {minimum:g}",
    )
