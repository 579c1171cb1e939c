"""The trace of a running job: what its reward function logged since the last look, as JSON Lines beside the run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from rft import aws, objects
from rft.catalogue import CHARACTERS_PER_TOKEN
from rft.monitoring.collector import Collected, Shape, Step, collect, points, steps_of
from rft.monitoring.curve import Batch, component_means, parse_line
from rft.monitoring.trace import Point, read_trace, write_trace
from rft.names import TRAIN, RunKeys
from rft.runs.record import RunRecord

ROUNDED_MS: Final = 1_000  # a service may tell the end of a job in whole seconds
OVERLAP_MS: Final = 120_000  # events may become readable so much later than they happened
LOGS_NOT_THERE: Final = "ResourceNotFoundException"  # a reward that was never called has logged nothing
Event = tuple[str, Batch, Mapping[str, float]]


def follow(
    record: RunRecord, bucket: str, keys: RunKeys, log_group: str, told: Sequence[Point] = ()
) -> list[Point]:
    """Read what is new, store the trace and what was summed up for it, and return all points.

    Args:
        told: what the engine says of its steps itself, which goes over what was inferred.
    """
    found = _looked(record, bucket, keys, log_group)
    curve = _curve(record, found, told)
    objects.put_bytes(bucket, keys.trace, "".join(write_trace(curve)).encode(), "application/jsonl")
    objects.put_bytes(bucket, keys.trace_state, found.model_dump_json().encode(), "application/json")
    return curve


def current(record: RunRecord, bucket: str, keys: RunKeys, log_group: str) -> list[Point]:
    """All points until now, without storing them; what the engine told is as the last look stored it."""
    stored = objects.lines(bucket, keys.trace) if objects.object_version(bucket, keys.trace) else iter(())
    told = [point for point in read_trace(map(bytes.decode, stored), keys.trace) if not point.inferred]
    return _curve(record, _looked(record, bucket, keys, log_group), told)


def _curve(record: RunRecord, found: Collected, told: Sequence[Point]) -> list[Point]:
    job = shape_of(record)
    return overlaid(points(regrouped(found, job, told[-1].step) if told else found, job), told)


def _looked(record: RunRecord, bucket: str, keys: RunKeys, log_group: str) -> Collected:
    job, found = shape_of(record), _stored(bucket, keys.trace_state)
    begin = max(job.launched_ms, found.until_ms - OVERLAP_MS)
    # What was scored after the job's end are questions to its checkpoints.
    ended = record.job.ended_at if record.job else None
    end = int(datetime.fromisoformat(ended).timestamp() * 1000) + ROUNDED_MS if ended else None
    events = (
        event
        for event in _events(log_group, record.run_id, begin)
        if end is None or event[1].timestamp_ms <= end
    )
    return collect(found, events, job, OVERLAP_MS)


def overlaid(inferred: Iterable[Point], told: Iterable[Point]) -> list[Point]:
    """Points by step: of a step that the engine tells about, its fields, and the inferred ones that it leaves out."""
    found = {point.step: point for point in inferred}
    for point in told:
        below = found.get(point.step, point)
        fields = point.model_dump(exclude_none=True, exclude_defaults=True)
        found[point.step] = below.model_copy(update={**fields, "inferred": False})
    return [found[step] for step in sorted(found)]


def regrouped(found: Collected, job: Shape, told: int) -> Collected:
    """What was collected, over the `told` steps of an engine that numbers them and not the answers to a prompt.

    These follow from the rollouts until now. Those of a step that was not told of yet are left out.
    """
    factor = max(1, round(found.rollouts / (job.rollouts_a_step * max(1, told))))
    steps: dict[int, Step] = {}
    for number, inferred in sorted(found.steps.items()):
        own = (number - 1) // factor + 1
        if own <= told:
            steps.setdefault(own, Step()).merge(inferred)
    return found.model_copy(update={"steps": steps})


def shape_of(record: RunRecord) -> Shape:
    """The steps of a run's job, by the hyperparameters that it was launched with."""
    given = record.hyperparameters
    prepared = record.prepared[TRAIN]
    estimate = record.estimate
    return Shape(
        **steps_of(
            train=prepared.records,
            batch=int(given.get("batchSize") or 1),
            samples=int(given.get("trainingSamplePerPrompt") or 1),
            epochs=int(given.get("epochCount") or 1),
        ),
        launched_ms=int(datetime.fromisoformat(record.job.launched_at).timestamp() * 1000)
        if record.job
        else 0,
        prompt_tokens=prepared.prompt_characters / CHARACTERS_PER_TOKEN,
        usd_per_rollout=estimate.training_usd_per_rollout if estimate else None,
        usd_per_hour=estimate.training_usd_per_hour if estimate else None,
        base_reward=record.probe.mean_reward if record.probe else None,
    )


def _stored(bucket: str, key: str) -> Collected:
    if objects.object_version(bucket, key) is None:
        return Collected()
    return Collected.model_validate_json(objects.read_bytes(bucket, key))


def _events(log_group: str, run_id: str, begin_ms: int) -> Iterator[Event]:
    found = []
    for event in _logged(log_group, run_id, begin_ms):
        batch = parse_line(event["message"])
        if batch is not None and batch.run == run_id:
            found.append((_identity(event), batch, component_means(event["message"])))
    yield from sorted(found, key=lambda event: event[1].timestamp_ms)


def _identity(event: Mapping[str, Any]) -> str:
    """AWS gives every event an id; where an emulator does not, the message, which has its own times, is one."""
    return str(event.get("eventId") or sha256(event["message"].encode()).hexdigest())


def _logged(log_group: str, run_id: str, begin_ms: int) -> Iterator[Mapping[str, Any]]:
    pages = (
        aws.client("logs")
        .get_paginator("filter_log_events")
        .paginate(logGroupName=log_group, startTime=begin_ms, filterPattern=f'"{run_id}"')
    )
    try:
        for page in pages:
            yield from page["events"]
    except Exception as error:
        if aws.code_of(error) != LOGS_NOT_THERE:
            raise
