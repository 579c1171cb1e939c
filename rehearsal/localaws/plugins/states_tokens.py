"""SendTaskSuccess, SendTaskFailure and SendTaskHeartbeat are authorised on the state machine whose task waits.

MiniStack authorises them on `*`, which denies a role whose policy names that state machine.
"""

import json
from collections.abc import Callable
from typing import Any, Final

from ministack.core import iam_actions
from ministack.services import stepfunctions as sfn

MACHINE: Final = "stateMachineArn"  # member that `states_tasks` adds to a waiting token


def apply() -> None:
    # The plug-in `bedrock` has checked the original and wraps it; this one goes around both.
    iam_actions.extract_resource_arn = _with_waiting_machine(iam_actions.extract_resource_arn)


def _with_waiting_machine(extract: Callable[..., str]) -> Callable[..., str]:
    def resource(service: str, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> str:
        machine = _waiting_machine(body) if service == "states" else None
        return machine or extract(service, method, path, headers, body, *rest)

    return resource


def _waiting_machine(body: bytes) -> str | None:
    try:
        token = json.loads(body or b"{}").get("taskToken")
    except (ValueError, AttributeError):
        return None
    found = sfn._task_tokens.get(token) if isinstance(token, str) else None
    return found.get(MACHINE) if found else None
