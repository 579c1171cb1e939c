"""The reward function (Bedrock's grader): scores a batch with the use case's `reward.py` beside this file."""

import os
import sys
import time
from collections.abc import Iterable
from typing import Any

from reward import reward

from rft.datasets.records import read_marker
from rft.monitoring.diversity import answer_hash
from rft.monitoring.metrics import UNKNOWN_SPLIT, Rollout, batch_statistics, emf_line
from rft.rewards.batch import Scored, score_samples, to_wire

RESERVE_SECONDS = 1.0  # kept back for the metrics and the answer
FAILED_SHOWN = 5


def handler(event: Any, context: Any) -> list[dict[str, Any]]:
    """Return one score per sample, same order and ids; the wire is described in `rft.rewards.contract`."""
    started = time.perf_counter()
    scored = score_samples(
        event,
        reward,
        floor=float(os.environ.get("RFT_REWARD_FLOOR", "0")),
        seconds=_budget_seconds(context),
        concurrency=int(os.environ.get("RFT_REWARD_CONCURRENCY", "1")),
    )
    _report(scored, (time.perf_counter() - started) * 1000)
    return [to_wire(item) for item in scored]


def _budget_seconds(context: Any) -> float:
    left = context.get_remaining_time_in_millis() / 1000
    timeout = float(os.environ.get("RFT_REWARD_TIMEOUT_SECONDS", left))
    return max(0.1, min(left, timeout) - RESERVE_SECONDS)


def _judge_usage() -> Any:
    """What this batch used of a judge; None for rewards without one, which then import nothing for it."""
    counter = sys.modules.get("rft.rewards.judge_usage")
    return counter.drain() if counter else None


def _report(scored: Iterable[Scored], duration_ms: float) -> None:
    """Print one metrics line per run and split; no prompt, response or reference ever reaches the log."""
    groups: dict[tuple[str | None, str], list[Rollout]] = {}
    failures: dict[str, int] = {}
    for item in scored:
        marker = read_marker(item.sample.extra) if item.sample else None
        key = (marker.run, marker.split) if marker else (None, UNKNOWN_SPLIT)
        characters = len(item.sample.response) if item.sample else 0
        prompt = marker.prompt if marker else None
        answer = answer_hash(item.sample) if item.sample and prompt else None
        rollout = Rollout(item.value, characters, prompt, item.error is not None, item.components, answer)
        groups.setdefault(key, []).append(rollout)
        if item.error:
            failures[item.error] = failures.get(item.error, 0) + 1
    used = _judge_usage()
    lines = [
        emf_line(
            batch_statistics(rollouts),
            use_case=os.environ["RFT_USE_CASE"],
            environment=os.environ["RFT_ENVIRONMENT"],
            run=run,
            split=split,
            duration_ms=duration_ms,
            judge=used if number == 0 else None,  # counted for the batch, and so once
        )
        for number, ((run, split), rollouts) in enumerate(groups.items())
    ]
    lines += [
        f"reward_error {name}: {n} samples got the floor" for name, n in list(failures.items())[:FAILED_SHOWN]
    ]
    sys.stdout.write("".join(f"{line}\n" for line in lines))
