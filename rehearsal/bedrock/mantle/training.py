"""Runs one fine-tuning job in the background: the trainer of the control plane's jobs, under this endpoint's names."""

import dataclasses
import logging
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.bedrock.base_models import base_policy, skill_of
from rehearsal.bedrock.clock import Clock
from rehearsal.bedrock.disturbance import Disturbance, StoppedError
from rehearsal.bedrock.errors import JobFailedError, place
from rehearsal.bedrock.faults import FaultTable
from rehearsal.bedrock.grader import Grader
from rehearsal.bedrock.mantle.store import FineTuningJob, MantleStore, new_name, seconds_now
from rehearsal.bedrock.policy import Policy
from rehearsal.bedrock.port import Port
from rehearsal.bedrock.records import Record, check_counts, parse_dataset
from rehearsal.bedrock.trainer import Trainer, Training

CHECKPOINTS: Final = 4  # before the end, evenly spaced
LEARNING_RATE: Final = 1e-4  # what the multiplier multiplies; the service's own is not documented
QUEUE_SECONDS: Final = 60.0  # simulated
DEFAULT_EPOCHS, DEFAULT_BATCH = 1, 16
_LOG = logging.getLogger(__name__)


class MantleRunner:
    """Carries jobs through their statuses and fills their events and checkpoints."""

    def __init__(self, store: MantleStore, port: Port, clock: Clock, faults: FaultTable) -> None:
        self._store, self._port, self._clock, self._faults = store, port, clock, faults

    def run(self, job: FineTuningJob) -> None:
        """Run a job to its end; never raises."""
        try:
            self._work(job)
        except StoppedError:
            self._end(job, "cancelled")
        except JobFailedError as failure:
            self._end(job, "failed", str(failure))
        except (BotoCoreError, ClientError) as error:
            self._end(job, "failed", f"Bedrock could not call AWS as the job's creator: {error}")
        except Exception as error:  # noqa: BLE001 - a job ends as failed, whatever happens
            _LOG.error("job %s ended by an error of the simulator: %s", job.identity, place(error))
            self._end(job, "failed", f"Internal error of the simulated service: {place(error)}")

    def _end(self, job: FineTuningJob, status: str, failure: str | None = None) -> None:
        with self._store.lock:
            job.failure, job.finished, job.status = failure, seconds_now(), status
            job.tell(f"The job is {status}.", "error" if failure else "info")

    def _status(self, job: FineTuningJob, status: str, simulated_seconds: float = 0.0) -> None:
        job.status = status
        job.tell(f"The job is {status}.")
        self._disturbance(job).wait(simulated_seconds)

    def _work(self, job: FineTuningJob) -> None:
        self._status(job, "validating_files", QUEUE_SECONDS)
        records = [_as_delivered(record) for record in parse_dataset(job.data, "Training")]
        check_counts(len(records), 0)
        self._status(job, "queued", QUEUE_SECONDS)
        self._status(job, "running")
        result = self._train(job, records)
        if job.stop_requested.is_set():
            raise StoppedError
        with self._store.lock:
            job.model = f"ft:{job.request['model']}:{new_name('m')}"
            self._keep(job, job.model, result.policy, len(result.steps))
        self._end(job, "succeeded")

    def _train(self, job: FineTuningJob, records: list[Record]) -> Training:
        method = job.request["method"]["reinforcement"]
        client = self._port.caller_clients(job.caller.scope, job.caller.access_key, job.identity)("lambda")
        grader = Grader(client, method["grader"]["lambda"]["function"], self._clock.sleep, job.identity)
        given = method.get("hyperparameters") or {}
        epochs, batch = (
            int(given.get("n_epochs", DEFAULT_EPOCHS)),
            int(given.get("batch_size", DEFAULT_BATCH)),
        )
        total = epochs * -(-len(records) // batch)
        disturbance = self._disturbance(job)

        def after_step(step: int) -> None:
            self._after_step(job, trainer.result, step, total)
            disturbance.after_step(step, grader)

        rate = LEARNING_RATE * float(given.get("learning_rate_multiplier", 1.0))
        parameters = {"epochCount": epochs, "batchSize": batch, "learningRate": rate}
        trainer = Trainer(
            records, [], disturbance.asked_for(parameters), grader, disturbance.hooks(after_step)
        )
        trainer.result.policy = base_policy(skill_of(job.request["model"]) or 0.0)
        try:
            return trainer.run()
        finally:
            grader.close()

    def _after_step(self, job: FineTuningJob, training: Training, step: int, total: int) -> None:
        row = training.steps[-1]
        job.tell(f"Step {step} of {total}", data=_metrics(row, step, total))
        if step < total and step % max(1, total // (CHECKPOINTS + 1)) == 0:
            self._checkpoint(job, training.policy, step, row)

    def _checkpoint(self, job: FineTuningJob, policy: Policy, step: int, row: dict[str, float]) -> None:
        model = f"ft:{job.request['model']}:{new_name('m')}:ckpt-step-{step}"
        with self._store.lock:
            self._keep(job, model, policy, step)
            job.checkpoints.append(
                {
                    "id": new_name("ftckpt"),
                    "object": "fine_tuning.job.checkpoint",
                    "created_at": seconds_now(),
                    "fine_tuned_model_checkpoint": model,
                    "fine_tuning_job_id": job.identity,
                    "step_number": step,
                    "metrics": {"step": step, "train_mean_reward": row["critic/rewards/mean"]},
                }
            )

    def _keep(self, job: FineTuningJob, model: str, policy: Policy, step: int) -> None:
        kept = self._disturbance(job).kept(policy, step)
        self._store.models[model] = (job.caller.scope, kept)

    def _disturbance(self, job: FineTuningJob) -> Disturbance:
        return Disturbance(self._faults, self._clock, job.stop_requested)


def _as_delivered(record: Record) -> Record:
    """A record as this endpoint's graders get it: a reference that is a text comes as `{"text": ...}`."""
    if not isinstance(record.reference, str):
        return record
    return dataclasses.replace(
        record, metadata={**record.metadata, "reference_answer": {"text": record.reference}}
    )


def _metrics(row: dict[str, float], step: int, total: int) -> dict[str, Any]:
    return {
        "step": step,
        "total_steps": total,
        "critic_rewards_mean": row["critic/rewards/mean"],
        "critic_advantages_mean": 0.0,  # relative to their group, so that they always cancel out
        "actor_pg_loss": row["actor/pg_loss"],
        "actor_entropy": row["actor/entropy"],
        "actor_grad_norm": row["actor/grad_norm"],
        "response_length_mean": row["response_length/mean"],
    }
