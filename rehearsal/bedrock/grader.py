"""Calls the customer's reward function as Bedrock does: batches, few at a time, retries, checked answers."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.bedrock.errors import JobFailedError
from rehearsal.bedrock.trainer import Rollout

BATCH_SIZE: Final = 64
CONCURRENCY: Final = 2
ATTEMPTS: Final = 4  # one call and three retries
FIRST_BACKOFF_SECONDS: Final = 2.0  # simulated
_FINAL_CODES: Final = frozenset({"AccessDeniedException", "AccessDenied", "ResourceNotFoundException"})


class UnusableAnswerError(Exception):
    """A call of the reward function that is worth repeating."""


class Grader:
    """Scores rollouts with a Lambda function; close it when the job is over."""

    def __init__(self, client: Any, function_arn: str, sleep: Callable[[float], None], salt: str) -> None:
        self._client, self._arn, self._sleep, self._salt = client, function_arn, sleep, salt
        self._pool = ThreadPoolExecutor(CONCURRENCY, thread_name_prefix="reward")
        self._sent = 0
        self.without_references = False

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __call__(self, rollouts: Sequence[Rollout]) -> list[float]:
        """Return one reward a rollout, in order.

        Raises:
            JobFailedError: when the function cannot be used, after the retries.
        """
        samples = [self._sample(*rollout) for rollout in rollouts]
        batches = [samples[start : start + BATCH_SIZE] for start in range(0, len(samples), BATCH_SIZE)]
        return [reward for rewards in self._pool.map(self._score, batches) for reward in rewards]

    def _sample(self, record: Any, response: str) -> dict[str, Any]:
        self._sent += 1
        identity = hashlib.sha256(f"{self._salt}{self._sent}".encode()).hexdigest()[:24]
        answer = {"role": "assistant", "content": response}
        metadata = record.metadata
        if self.without_references:
            metadata = {key: value for key, value in metadata.items() if key != "reference_answer"}
        return {"id": identity, "messages": [*record.messages, answer], "metadata": metadata}

    def _score(self, batch: list[dict[str, Any]]) -> list[float]:
        payload = json.dumps(batch).encode()
        problem = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(FIRST_BACKOFF_SECONDS * 2 ** (attempt - 1))
            try:
                return self._invoke(payload, [sample["id"] for sample in batch])
            except UnusableAnswerError as error:
                problem = str(error)
        raise JobFailedError(f"Reward function {self._arn} failed after {ATTEMPTS - 1} retries: {problem}")

    def _invoke(self, payload: bytes, ids: list[str]) -> list[float]:
        try:
            answer = self._client.invoke(
                FunctionName=self._arn, InvocationType="RequestResponse", Payload=payload
            )
            body = answer["Payload"].read()
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in _FINAL_CODES:
                raise JobFailedError(f"Bedrock could not invoke {self._arn}: {error}") from None
            raise UnusableAnswerError(
                f"{code}: {error.response.get('Error', {}).get('Message', '')}"
            ) from None
        except BotoCoreError as error:
            raise UnusableAnswerError(type(error).__name__) from None
        try:
            decoded = json.loads(body)
        except ValueError:
            raise UnusableAnswerError("the response is not JSON") from None
        if answer.get("FunctionError"):
            raise UnusableAnswerError(_function_error(decoded))
        return read_scores(decoded, ids)


def _function_error(decoded: Any) -> str:
    if not isinstance(decoded, dict):
        return "unhandled error"
    return f"{decoded.get('errorType', 'Error')}: {str(decoded.get('errorMessage', ''))[:300]}"


def read_scores(decoded: Any, ids: Sequence[str]) -> list[float]:
    """Return the rewards in the order of `ids`, or raise when the function broke its contract."""
    if not isinstance(decoded, list):
        raise UnusableAnswerError("the response is not a list")
    scores: dict[str, float] = {}
    for item in decoded:
        if not isinstance(item, dict) or not isinstance(item.get("id"), str):
            raise UnusableAnswerError("an item of the response has no string id")
        value = item.get("aggregate_reward_score")
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UnusableAnswerError("an aggregate_reward_score is not a finite number")
        for metric in item.get("metrics_list") or []:
            if not isinstance(metric, dict) or metric.get("type") not in ("Metric", "Reward"):
                raise UnusableAnswerError("an entry of metrics_list has no type Metric or Reward")
        scores[item["id"]] = float(value)
    if set(scores) != set(ids) or len(decoded) != len(ids):
        raise UnusableAnswerError(
            f"{len(set(ids) - set(scores))} of {len(ids)} ids are missing from the response"
        )
    return [scores[identity] for identity in ids]
