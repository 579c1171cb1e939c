"""Runs one customization job in the background, from the role's trust to the metrics files."""

import logging
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.bedrock import outputs
from rehearsal.bedrock.clock import Clock, now
from rehearsal.bedrock.disturbance import Disturbance, StoppedError
from rehearsal.bedrock.errors import JobFailedError, place
from rehearsal.bedrock.events import Announcer
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.grader import Grader
from rehearsal.bedrock.logged_prompts import read_logs
from rehearsal.bedrock.port import Port
from rehearsal.bedrock.records import Record, check_counts, parse_dataset
from rehearsal.bedrock.store import Job, Model, Store, new_id
from rehearsal.bedrock.trainer import DEFAULTS, Trainer, Training

VALIDATION_SECONDS: Final = 60.0  # simulated
PROCESSING_SECONDS: Final = 60.0  # simulated
_MAX_MESSAGE: Final = 2048
_LOG = logging.getLogger(__name__)


class Runner:
    """Carries a job through its phases and reports every change of status."""

    def __init__(self, store: Store, port: Port, clock: Clock, faults: FaultTable) -> None:
        self._store, self._port, self._clock, self._faults = store, port, clock, faults
        self.announcer = Announcer(port, faults)

    def changed(self, job: Job) -> None:
        """Note a change of status and announce it."""
        job.modified = now()
        self.announcer.announce(job)

    def run(self, job: Job) -> None:
        """Run a job to its end; never raises."""
        self.changed(job)
        try:
            self._work(job)
        except StoppedError:
            self._end(job, "Stopped")
        except JobFailedError as failure:
            self._end(job, "Failed", str(failure))
        except Exception as error:  # noqa: BLE001 - a job ends as Failed, whatever happens
            _LOG.error("job %s ended by an error of the simulator: %s", job.identity, place(error))
            self._end(job, "Failed", f"Internal error of the simulated service: {place(error)}")

    def _end(self, job: Job, status: str, message: str | None = None) -> None:
        with self._store.lock:
            job.phases = {name: status if was == "InProgress" else was for name, was in job.phases.items()}
            job.status, job.ended = status, now()
            job.failure_message = message[:_MAX_MESSAGE] if message else None
        self.changed(job)

    def _phase(self, job: Job, phase: str, simulated_seconds: float = 0.0) -> None:
        before = [name for name, status in job.phases.items() if status == "InProgress"]
        job.phases.update(dict.fromkeys(before, "Completed") | {phase: "InProgress"})
        job.modified = now()
        self._disturbance(job).wait(simulated_seconds)

    def _work(self, job: Job) -> None:
        self._phase(job, "validationDetails", VALIDATION_SECONDS)
        make = self._assume(job)
        s3 = make("s3")
        output = job.request["outputDataConfig"]["s3Uri"]
        _try(f"write to the output location {output}", lambda: outputs.write_probe(s3, output))
        training, validation = self._datasets(job, s3)
        self._phase(job, "dataProcessingDetails", PROCESSING_SECONDS)
        self._phase(job, "trainingDetails")
        result = self._train(job, make("lambda"), training, validation)
        _try(
            f"write to the output location {output}",
            lambda: outputs.write_metrics(s3, output, job.identity, result),
        )
        self._complete(job, result)

    def _assume(self, job: Job) -> Any:
        role = job.request["roleArn"]
        try:
            return self._port.clients(job.scope, role, job.arn, f"bedrock-{job.identity}")
        except PermissionError as error:
            raise JobFailedError(f"AccessDenied: Bedrock could not assume the role {role}: {error}") from None

    def _datasets(self, job: Job, s3: Any) -> tuple[list[Record], list[Record]]:
        given = job.request["trainingDataConfig"]
        logs = given.get("invocationLogsConfig")
        uri = given["s3Uri"] if logs is None else logs["invocationLogSource"]["s3Uri"]
        data = _try(
            f"read {uri}", lambda: outputs.read_object(s3, uri) if logs is None else read_logs(s3, logs)
        )
        training = parse_dataset(data, "Training")
        validation: list[Record] = []
        for validator in (job.request.get("validationDataConfig") or {}).get("validators", []):
            place = validator["s3Uri"]
            data = _try(f"read {place}", lambda place=place: outputs.read_object(s3, place))
            validation += parse_dataset(data, "Validation")
        check_counts(len(training), len(validation))
        limit = int({**DEFAULTS, **_parameters(job)}["maxPromptLength"])
        kept = [record for record in training if record.prompt_tokens <= limit]
        if not kept:
            raise JobFailedError(f"Every training prompt is longer than maxPromptLength {limit} tokens.")
        return kept, [record for record in validation if record.prompt_tokens <= limit]

    def _train(self, job: Job, client: Any, training: list[Record], validation: list[Record]) -> Training:
        arn = job.request["customizationConfig"]["rftConfig"]["graderConfig"]["lambdaGrader"]["lambdaArn"]
        grader = Grader(client, arn, self._clock.sleep, job.identity)
        disturbance = self._disturbance(job)

        def after_step(step: int) -> None:
            job.modified = now()
            disturbance.after_step(step, grader)

        parameters = disturbance.asked_for(_parameters(job))
        try:
            return Trainer(training, validation, parameters, grader, disturbance.hooks(after_step)).run()
        finally:
            grader.close()

    def _disturbance(self, job: Job) -> Disturbance:
        return Disturbance(self._faults, self._clock, job.stop_requested)

    def _complete(self, job: Job, result: Training) -> None:
        if job.stop_requested.is_set():
            raise StoppedError
        base = job.base_model_arn.rpartition("/")[2]
        arn = f"arn:aws:bedrock:{job.scope.region}:{job.scope.account}:custom-model/{base}/{new_id()}"
        with self._store.lock:
            self._store.models[arn] = Model(
                arn,
                job.request["customModelName"],
                job.scope,
                job,
                self._disturbance(job).kept(result.policy, len(result.steps)),
            )
            self._store.tag(arn, job.request.get("customModelTags"))
            job.model_arn = arn
        self._end(job, "Completed")


def _parameters(job: Job) -> dict[str, Any]:
    return dict(job.request["customizationConfig"]["rftConfig"].get("hyperParameters") or {})


def _try(what: str, action: Any) -> Any:
    try:
        return action()
    except (BotoCoreError, ClientError) as error:
        raise JobFailedError(f"Bedrock could not {what} with the job role: {error}") from None
