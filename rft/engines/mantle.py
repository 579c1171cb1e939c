"""Open-weight models on Bedrock's OpenAI-compatible endpoint: files, fine-tuning jobs, chat completions.

Shapes: Amazon Bedrock user guide, pages `rft-open-weight-*`, and the `openai` package 3.52. A job has no role: Bedrock
calls the reward function as whoever created the job. A model answers by its id, so its id stands for a deployment.
"""

import tempfile
from collections.abc import Iterator, Mapping
from typing import Any, Final

from rft import names, objects
from rft.aws import code_of
from rft.engines import mantle_jobs
from rft.engines.base import Answer, Capabilities, Checkpoint, DeploymentState, JobRequest, JobState
from rft.engines.capabilities import MANTLE
from rft.engines.mantle_chat import completion_request, read_answer
from rft.engines.mantle_client import calling
from rft.errors import SettingsError
from rft.monitoring.trace import Point

PAGE: Final = 100  # the most that a page holds
IN_MEMORY_BYTES: Final = 8 * 1024 * 1024  # of a train file on its way; a larger one waits on disk


class MantleEngine:
    """The engine of open-weight models."""

    @property
    def capabilities(self) -> Capabilities:
        return MANTLE

    def launch(self, request: JobRequest) -> str:
        """See `TrainingEngine`; the API has no client token, so an earlier try's file and job are looked for first."""
        if request.logs is not None:
            raise SettingsError(
                "dataset.invocation_logs: jobs of the engine 'mantle' train on an uploaded file only; convert the "
                "logs with `rft convert --from invocation-logs` and upload the result"
            )
        known = self.find_job(request.name)
        if known is not None:
            return known.arn
        file_name = mantle_jobs.training_file_name(request.name)
        file = next(self._files(file_name), None) or self._upload(request.train_uri, file_name)
        with calling("CreateFineTuningJob") as openai:
            # Tried once: a repetition after a lost answer would train twice, the workflow's retry looks first.
            once = openai.with_options(max_retries=0)
            return str(once.fine_tuning.jobs.create(**mantle_jobs.create_job_request(request, file)).id)

    def find_job(self, name: str) -> JobState | None:
        files = list(self._files(mantle_jobs.training_file_name(name)))
        with calling("ListFineTuningJobs") as openai:
            for job in openai.fine_tuning.jobs.list(limit=PAGE):
                if mantle_jobs.is_job_of(job, name, files):
                    return mantle_jobs.job_state(job)
        return None

    def describe(self, job_arn: str) -> JobState:
        with calling("GetFineTuningJob") as openai:
            return mantle_jobs.job_state(openai.fine_tuning.jobs.retrieve(job_arn))

    def stop(self, job_arn: str) -> bool:
        if self.describe(job_arn).is_over:
            return False
        try:
            with calling("CancelFineTuningJob") as openai:
                openai.fine_tuning.jobs.cancel(job_arn)
        except Exception as error:
            if code_of(error) not in {"ConflictException", "ValidationException"}:
                raise
            return False
        return True

    def metrics(self, job_arn: str) -> list[Point]:
        return mantle_jobs.points(self.events(job_arn))

    def events(self, job_arn: str, after: str | None = None) -> Iterator[Any]:
        """A job's events, page by page; `after` is the id of the last one seen, to go on behind it."""
        with calling("ListFineTuningEvents") as openai:
            seen = {"after": after} if after else {}
            yield from openai.fine_tuning.jobs.list_events(job_arn, limit=PAGE, **seen)

    def checkpoints(self, job_arn: str) -> list[Checkpoint]:
        with calling("ListFineTuningCheckpoints") as openai:
            return mantle_jobs.checkpoints(openai.fine_tuning.jobs.checkpoints.list(job_arn, limit=PAGE))

    def find_deployment(self, name_or_arn: str) -> DeploymentState | None:
        """A model's id is the deployment that serves it; under a name of ours there is never one."""
        if name_or_arn.startswith(f"{names.PREFIX}-"):
            return None
        return DeploymentState(name_or_arn, "Active", name_or_arn, name_or_arn, None)

    def deploy(self, name: str, model_arn: str, token: str, tags: Mapping[str, str]) -> str:
        """Nothing to do; the model's id."""
        return model_arn

    def move_deployment(self, arn: str, model_arn: str) -> None:
        """Nothing to do: callers read the model's id from the use case's parameter."""

    def remove_deployment(self, name_or_arn: str) -> bool:
        """Nothing to do: an idle model costs nothing to serve."""
        return False

    def ask(
        self, model_id: str, prompt: Mapping[str, Any], temperature: float, max_tokens: int | None
    ) -> Answer:
        limit = {} if max_tokens is None else {"max_completion_tokens": max_tokens}
        with calling("CreateInference") as openai:
            completion = openai.chat.completions.create(
                model=model_id, temperature=temperature, **completion_request(prompt), **limit
            )
        return read_answer(completion)

    def _files(self, name: str) -> Iterator[str]:
        """Ids of the uploaded files of a name."""
        with calling("ListFiles") as openai:
            for file in openai.files.list(purpose="fine-tune", limit=PAGE):
                if file.filename == name:
                    yield file.id

    def _upload(self, uri: str, name: str) -> str:
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        with tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES) as copy:
            for chunk in objects.chunks(bucket, key):
                copy.write(chunk)
            copy.seek(0)
            with calling("CreateFile") as openai:
                return str(openai.files.create(file=(name, copy), purpose="fine-tune").id)
