"""The managed engine: Amazon Bedrock AgentCore Code Interpreter, a microVM for every session.

Not run against AWS by this project: requests and answers are tested against botocore's service model. A
session is opened for a program and stopped after it; its quotas, start latency and price are not documented
well enough to plan with, so measure them first. The network mode Sandbox of the managed interpreter has no
internet (AgentCore developer guide, "Code Interpreter").
"""

import json
import math
import secrets
import time
from typing import Any, Final

from rft import aws
from rft.execution.port import (
    NO_OUTPUT,
    TIMEOUT,
    ExecutorError,
    Input,
    Limits,
    Output,
    Program,
    read_answer,
    refusal,
)

INTERPRETER: Final = "aws.codeinterpreter.v1"
MIN_SESSION_SECONDS: Final = 60
# The program's own prints come before the mark, which it cannot know when it is written.
_CALL: Final = """
import json as _json
try:
    _answer = {{"value": {entry_point}(*_json.loads({args!r}), **_json.loads({kwargs!r}))}}
    _answer = _json.dumps(_answer)
except BaseException as _error:
    _answer = _json.dumps({{"error": type(_error).__name__}})
print("\\n{mark}" + _answer)
"""


class AgentCoreEngine:
    """Runs programs in sessions of the managed code interpreter; needs a role that may use it."""

    def run(self, program: Program, limits: Limits) -> list[Output]:
        refused = refusal(program)
        if refused is None and not program.entry_point.isidentifier():
            refused = [Output(error=NO_OUTPUT)] * len(program.inputs)
        if refused is not None:
            return refused
        client = aws.client("bedrock-agentcore")
        try:
            session = client.start_code_interpreter_session(
                codeInterpreterIdentifier=INTERPRETER,
                sessionTimeoutSeconds=max(MIN_SESSION_SECONDS, math.ceil(limits.seconds)),
            )["sessionId"]
        except Exception as error:
            raise ExecutorError(f"no code interpreter session: {type(error).__name__}") from error
        try:
            return self._run(client, session, program, limits)
        finally:
            client.stop_code_interpreter_session(codeInterpreterIdentifier=INTERPRETER, sessionId=session)

    def _run(self, client: Any, session: str, program: Program, limits: Limits) -> list[Output]:
        outputs = []
        deadline = time.monotonic() + limits.seconds
        for item in program.inputs:
            if time.monotonic() >= deadline:
                outputs.append(Output(error=TIMEOUT))
                continue
            mark = secrets.token_hex(16)
            answer = client.invoke_code_interpreter(
                codeInterpreterIdentifier=INTERPRETER,
                sessionId=session,
                name="executeCode",
                arguments={
                    "code": program.code + _call(program, item, mark),
                    "language": "python",
                    "clearContext": True,
                },
            )
            outputs.append(_read(answer["stream"], mark))
        return outputs


def _call(program: Program, item: Input, mark: str) -> str:
    return _CALL.format(
        entry_point=program.entry_point,
        args=json.dumps(list(item.args)),
        kwargs=json.dumps(dict(item.kwargs or {})),
        mark=mark,
    )


def _read(stream: Any, mark: str) -> Output:
    text = ""
    for event in stream:
        if "result" not in event:
            raise ExecutorError(f"the code interpreter failed: {', '.join(event)}")
        text += (event["result"].get("structuredContent") or {}).get("stdout", "")
    found = text.rpartition(mark)
    return read_answer(found[2].strip()) if found[1] else Output(error=NO_OUTPUT)
