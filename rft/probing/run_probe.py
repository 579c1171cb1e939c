"""The probe of a run: from the stored answers to a verdict, and a report beside the run's other files."""

from rft import objects
from rft.evaluation.parts import read_outcomes, read_planned, read_records
from rft.names import PROBE, SIMULATED_ENVIRONMENT, TRAIN, RunKeys
from rft.planning.presets import batch_size
from rft.probing.examples import Example, Examples
from rft.probing.groups import complete_groups
from rft.probing.measures import measure
from rft.probing.report import render, show, to_json
from rft.probing.verdict import reasons, verdict
from rft.runs.probe_part import Probe
from rft.runs.record import RunRecord
from rft.settings import Probe as Limits


def judged(probe: Probe, limits: Limits) -> Probe:
    """A measured probe with its verdict, what stops the run, and what a person should look at."""
    found = reasons(probe, limits)
    return probe.model_copy(
        update={
            "verdict": verdict(found).value,
            "reasons": [reason.text for reason in found if reason.stops],
            "warnings": [reason.text for reason in found if not reason.stops],
        }
    )


def assess(record: RunRecord, bucket: str, keys: RunKeys) -> Probe:
    """Measure and judge a run's probe; write `probe.json` and `probe.html`.

    Raises:
        EvaluationFailed: when no prompt was answered.
    """
    settings, examples = record.settings.use_case, Examples()
    planned = read_planned(bucket, keys, PROBE)
    groups = complete_groups(read_outcomes(bucket, keys, PROBE, record.attempt, texts=True))
    batch = batch_size(settings, record.prepared[TRAIN].records)
    probe = measure(examples.watch(groups), planned=len(planned), batch=batch)
    places = {"report": f"s3://{bucket}/{keys.probe_report}", "page": f"s3://{bucket}/{keys.probe_page}"}
    probe = judged(probe, settings.probe).model_copy(update=places)
    chosen = examples.chosen()
    objects.put_json(bucket, keys.probe_report, to_json(probe, model=settings.base_model, examples=chosen))
    page = _page(record, bucket, keys, probe, chosen)
    objects.put_bytes(bucket, keys.probe_page, page.encode(), "text/html; charset=utf-8")
    return probe


def _page(record: RunRecord, bucket: str, keys: RunKeys, probe: Probe, chosen: list[Example]) -> str:
    wanted = {example.group.index for example in chosen}
    places = [prompt for prompt in read_planned(bucket, keys, PROBE) if prompt.index in wanted]
    records = dict(read_records(bucket, keys.dataset(PROBE), places))
    return render(
        probe,
        title=f"{record.use_case} · run {record.run_id} · {record.environment}",
        model=record.settings.use_case.model.label,
        examples=[show(example, records[example.group.index]) for example in chosen],
        simulated=record.environment == SIMULATED_ENVIRONMENT,
    )
