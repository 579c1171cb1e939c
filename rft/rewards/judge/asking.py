"""Calls of the judge: settings, bounded concurrency, a forced tool, and answers that are read or refused."""

import json
import os
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

from rft import aws
from rft.rewards import judge_usage
from rft.rewards.judge.prompt import fenced
from rft.rewards.judge_usage import Usage

SETTINGS_VARIABLE: Final = "RFT_JUDGE"
ATTEMPTS: Final = 2  # answers asked for one judgement
T = TypeVar("T")


class JudgeError(RuntimeError):
    """The judge gave no judgement that can be read, not even when asked again."""


class JudgeNotSetError(RuntimeError):
    """A reward asks a judge and the use case names none."""


class UnreadableError(ValueError):
    """An answer of the judge that is no judgement; the message names the fault and quotes nothing."""


@dataclass(frozen=True, slots=True)
class JudgeSettings:
    """`reward.judge` of `use_case.yaml`; see `rft.settings.Judge` for ranges."""

    model: str
    votes: int
    concurrency: int
    max_tokens: int
    timeout_seconds: int
    unparseable: str


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: instructions, sections of data, what to do at the end, and the tool to answer with."""

    instructions: str
    sections: Mapping[str, str]
    closing: str
    tool: str
    schema: Mapping[str, Any]


def settings() -> JudgeSettings:
    """Return the settings that the deployment, or the command line, put into the environment.

    Raises:
        JudgeNotSetError: when there are none.
    """
    return _parsed(os.environ.get(SETTINGS_VARIABLE, ""))


@lru_cache(maxsize=4)
def _parsed(text: str) -> JudgeSettings:
    if not text:
        raise JudgeNotSetError(
            "no judge is set: name one in use_case.yaml under reward.judge.model, such as amazon.nova-pro-v1:0, "
            f"and deploy (outside of the pipeline, put these settings as JSON into {SETTINGS_VARIABLE})"
        )
    return JudgeSettings(**json.loads(text))


def ask(question: Question, read: Callable[[Mapping[str, Any]], T], vote: int = 0) -> T:
    """Ask until `read` makes a judgement of the tool's input, at most twice; `vote` numbers repeated questions.

    At most `concurrency` calls of this process are under way at once; further ones wait.

    Raises:
        JudgeError: when no answer can be read.
        AccessDenied, ThrottlingException, ServiceUnavailableException, botocore's BotoCoreError: when the judge
            cannot be asked. Every failure is counted once in `judge_usage`.
    """
    how = settings()
    problem = ""
    try:
        for attempt in range(ATTEMPTS):
            answer = _send(question, how, vote * ATTEMPTS + attempt)
            try:
                return read(_tool_input(answer, question.tool))
            except UnreadableError as error:
                problem = str(error)
    except Exception:
        judge_usage.count(Usage(errors=1))
        raise
    judge_usage.count(Usage(errors=1))
    raise JudgeError(f"the judge gave no judgement in {ATTEMPTS} answers: {problem}")


def _send(question: Question, how: JudgeSettings, attempt: int) -> Mapping[str, Any]:
    text = fenced(question.sections, question.closing, attempt)
    specification = {
        "name": question.tool,
        "description": "Hands in the judgement.",
        "inputSchema": {"json": question.schema},
    }
    request = {
        "modelId": how.model,
        "system": [{"text": question.instructions}],
        "messages": [{"role": "user", "content": [{"text": text}]}],
        "inferenceConfig": {"temperature": 0.0, "maxTokens": how.max_tokens},
        "toolConfig": {
            "tools": [{"toolSpec": specification}],
            "toolChoice": {"tool": {"name": question.tool}},
        },
    }
    with _slots(how.concurrency):
        answer = aws.ask_judge(request, timeout_seconds=how.timeout_seconds, connections=how.concurrency)
    used = answer.get("usage", {})
    judge_usage.count(
        Usage(
            calls=1,
            input_tokens=int(used.get("inputTokens", 0)),
            output_tokens=int(used.get("outputTokens", 0)),
        )
    )
    return answer


@cache
def _slots(concurrency: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(concurrency)


def _tool_input(answer: Mapping[str, Any], tool: str) -> Mapping[str, Any]:
    """The input of the one call of the tool; a cut-off answer is refused even when it looks whole."""
    reason = answer.get("stopReason")
    if reason != "tool_use":
        raise UnreadableError(f"the answer ended with {reason}, not with the tool")
    blocks = answer.get("output", {}).get("message", {}).get("content", [])
    calls = [block["toolUse"] for block in blocks if "toolUse" in block]
    if len(calls) != 1 or calls[0].get("name") != tool:
        raise UnreadableError(f"{len(calls)} tools were called; want one call of {tool}")
    given = calls[0].get("input")
    if not isinstance(given, Mapping):
        raise UnreadableError("the tool's input is no object")
    return given
