"""Plays one scenario on a deployed stage: inject faults, upload, follow, ask the model, look for leftovers."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from rehearsal import leftovers, rewards
from rehearsal.alarms import AlarmWatch, Observed
from rehearsal.bedrock.admin import set_faults
from rehearsal.datasets import Datasets
from rehearsal.drills import Drill
from rehearsal.localaws.cloud import LocalAws
from rehearsal.scenario import Scenario, shortcomings
from rehearsal.scenarios import DEFAULT, SCENARIOS
from rehearsal.stage import Stage
from rft import aws, names, objects
from rft.catalogue import EngineName
from rft.cli import project, runs_view
from rft.cli.follow import Display, Followed, follow
from rft.cli.submit_command import find_run
from rft.engines import engine_for
from rft.evaluation.prompts import converse_prompt
from rft.rewards.contract import content_text
from rft.runs.record import Status
from rft.runs.registration import read_settings
from rft.runs.upload import Upload, upload
from rft.settings import UseCaseSettings

POLL_SECONDS: Final = 0.25


class NoRunError(RuntimeError):
    """The upload started no run; the message says which object."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A held-out question and what the deployed model said."""

    question: str
    answer: str


@dataclass(slots=True)
class Played:
    """A scenario as it went; `began` is in epoch seconds. `problems` is empty when everything was as promised."""

    scenario: Scenario
    use_case: str
    began: float
    seconds: float
    followed: Followed
    document: dict[str, Any]
    answer: Answer | None = None
    left: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    alarms: Observed = field(default_factory=Observed)

    @property
    def status(self) -> str:
        """The run's status, or the execution's when no run was recorded."""
        return str(self.document.get("status", self.followed.view.status))


def play(
    stage: Stage,
    use_case: str,
    files: Mapping[str, Path],
    scenario: Scenario,
    *,
    shown: Display,
    expected: Mapping[str, float] | None = None,
    dataset: str = "sample",
) -> Played:
    """Play a scenario with a dataset (files by split) and judge how it went.

    Raises:
        NoRunError: when the upload starts no run.
    """
    scenario = scenario.on(_engine(stage, use_case))
    with (
        faults(stage.local, scenario.faults),
        settings(stage, use_case, scenario),
        _reward(stage, use_case, scenario),
        _clock(stage.local, scenario),
        Datasets(files) as datasets,
    ):
        alarms = AlarmWatch(
            stage.local.client("cloudwatch"),
            names.UseCaseNames(stage.names.environment, use_case),
            stage.use_cases,
        )
        began, started = time.time(), time.monotonic()
        unchanged = scenario.name == DEFAULT and scenario.mutate is None
        prepared = files if unchanged else datasets.tagged(scenario.name, scenario.mutate)
        drill = Drill(
            stage,
            use_case,
            prepared,
            send=lambda name, sent: upload(
                stage.names.datasets_bucket, use_case, name, sent, uploader=aws.caller_arn()
            ),
            watch=lambda uploaded, glance: follow_upload(
                stage, use_case, uploaded, shown, expected, scenario, glance
            ),
            variants=lambda count: [datasets.tagged(f"{scenario.name}-{number}") for number in range(count)],
        )
        if scenario.drill is not None:
            followed = scenario.drill(drill)
        else:
            followed = drill.watch(drill.send(dataset, prepared), lambda: None)
        seconds = time.monotonic() - started
        rung = alarms.observe(scenario.rings, scenario.echoes)
    record = followed.record
    document = runs_view.public(record) if record else {}
    played = Played(scenario, use_case, began, seconds, followed, document, alarms=rung)
    played.left = leftovers.find(stage.local, stage.names, stage.use_cases)
    if record and record.stable and record.status == "SUCCEEDED":
        played.answer = ask(stage, record.settings.use_case, record.stable.arn, record.run_id)
    has_job = bool(record and record.job)
    retries = sum(phase.retries for phase in followed.snapshot.phases)
    played.problems = shortcomings(scenario, played.status, json.dumps(document), has_job, retries)
    if played.problems and record and record.failure:
        failure = record.failure
        played.problems.append(f"the run failed in {failure.state}: {failure.error}: {failure.cause}")
    played.problems += drill.problems
    played.problems += rung.problems(scenario.rings, scenario.echoes)
    played.problems += [f"left behind: {line}" for line in played.left]
    if scenario.outcome == "SUCCEEDED" and played.answer is None:
        played.problems.append("the deployed model gave no answer")
    return played


def follow_upload(
    stage: Stage,
    use_case: str,
    uploaded: Upload,
    shown: Display,
    expected: Mapping[str, float] | None = None,
    scenario: Scenario = SCENARIOS[DEFAULT],
    glance: Callable[[], None] = lambda: None,
) -> Followed:
    """Follow the run that an upload starts, acting in between as the scenario does."""
    execution = find_run(stage.names, use_case, uploaded)
    if execution is None:
        raise NoRunError(f"s3://{uploaded.bucket}/{uploaded.key}: the upload started no run")
    return follow(
        execution,
        environment=stage.names,
        use_case=use_case,
        shown=shown,
        expected=expected,
        poll_seconds=POLL_SECONDS,
        simulated=True,
        while_waiting=lambda: _act(stage, use_case, scenario, glance),
    )


def _act(stage: Stage, use_case: str, scenario: Scenario, glance: Callable[[], None]) -> None:
    glance()
    if scenario.during is None:
        return
    store = runs_view.store(stage.names, use_case)
    for record in store.newest(1):
        if record.status is Status.RUNNING:
            scenario.during(store, record)


def _engine(stage: Stage, use_case: str) -> EngineName:
    parameter = names.UseCaseNames(stage.names.environment, use_case).settings_parameter
    return read_settings(parameter).use_case.model.engine


@contextlib.contextmanager
def settings(stage: Stage, use_case: str, scenario: Scenario) -> Iterator[None]:
    """Put the scenario's settings in force for runs that are registered in the `with` block."""
    if scenario.settings is None:
        yield
        return
    parameter = names.UseCaseNames(stage.names.environment, use_case).settings_parameter
    before = read_settings(parameter)
    aws.put_parameter(parameter, scenario.settings(before).model_dump_json())
    try:
        yield
    finally:
        aws.put_parameter(parameter, before.model_dump_json())


@contextlib.contextmanager
def faults(local: LocalAws, wanted: Mapping[str, Any]) -> Iterator[None]:
    """Put faults in force in the simulated Bedrock for the `with` block."""
    set_faults(local.endpoint_url, wanted, account=local.account, region=local.region)
    try:
        yield
    finally:
        set_faults(local.endpoint_url, {}, account=local.account, region=local.region)


@contextlib.contextmanager
def _clock(local: LocalAws, scenario: Scenario) -> Iterator[None]:
    """Let time pass as fast as the scenario wants."""
    before = local.wait_scale
    if scenario.wait_scale is None:
        yield
        return
    local.set_wait_scale(scenario.wait_scale)
    try:
        yield
    finally:
        local.set_wait_scale(before)


@contextlib.contextmanager
def _reward(stage: Stage, use_case: str, scenario: Scenario) -> Iterator[None]:
    """Have the scenario's reward deployed, and the use case's own again afterwards."""
    if scenario.reward is None and scenario.during is None:
        yield
        return
    deployed = names.UseCaseNames(stage.names.environment, use_case)
    with rewards.kept(deployed):
        if scenario.reward is not None:
            rewards.redeploy(project.root(), deployed, scenario.reward)
        yield


def ask(stage: Stage, use_case: UseCaseSettings, deployment_arn: str, run_id: str) -> Answer | None:
    """Put the first held-out prompt to a deployment."""
    keys = names.RunKeys(use_case.name, run_id)
    line = next(iter(objects.lines(stage.names.artifacts_bucket, keys.dataset(names.TEST))), None)
    if line is None:
        return None
    record = json.loads(line)
    prompt = converse_prompt(record["messages"], record.get("tools"))
    text = engine_for(use_case.model).ask(deployment_arn, prompt, 0.0, None).text
    question = content_text(record["messages"][-1]["content"])
    return Answer(question, text) if text else None
