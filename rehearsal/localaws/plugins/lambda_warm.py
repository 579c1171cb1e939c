"""Functions are warm when a state machine reaches them: their workers start in the background with the
machine's execution, in the order of its definition, and a published version's when it is published.

On AWS a cold start is hidden behind network latencies that this machine does not have; here, dozens of
functions starting one after the other would be most of a rehearsal's duration. One starts at a time.
"""

import contextvars
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services import stepfunctions as sfn
from ministack.services.cloudformation import provisioners

from rehearsal.localaws.plugins import original

FUNCTION_ARN: Final = re.compile(r"arn:aws:lambda:[^\"\s]+:function:[\w:$-]+")
_log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warm-up")


def apply() -> None:
    original(lambda_runtime, "acquire_worker", "5017d144adb5")
    original(provisioners, "_lambda_version_create", "ebc8be0ef787")
    versions = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Version"]
    warmed = {**versions, "create": _then_warm(versions["create"])}
    provisioners._RESOURCE_HANDLERS["AWS::Lambda::Version"] = warmed
    # _run_execution is wrapped already by states_roles, which has checked its source
    sfn._run_execution = _warming(sfn._run_execution)


def _warming(run: Callable[[str], None]) -> Callable[[str], None]:
    def run_and_warm(execution_arn: str) -> None:
        execution = sfn._executions.get(execution_arn)
        machine = sfn._state_machines.get(execution["stateMachineArn"]) if execution else None
        for reference in dict.fromkeys(FUNCTION_ARN.findall(machine["definition"] if machine else "")):
            _pool.submit(contextvars.copy_context().run, _warm, reference)
        run(execution_arn)

    return run_and_warm


def _then_warm(create: Callable[..., Any]) -> Callable[..., Any]:
    def create_and_warm(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        created = create(logical_id, props, stack_name)
        _pool.submit(contextvars.copy_context().run, _warm, created[0])
        return created

    return create_and_warm


def _warm(reference: str) -> None:
    """Start the worker that the next invocation will lease; a failure is left for it to report."""
    func, config, name = lambda_svc._get_func_record_for_ref(reference)
    if not func or not str(config.get("Runtime", "")).startswith("python"):
        return
    record = lambda_svc._execution_record_for_config(func, config)
    if not record.get("code_zip"):
        return
    config = record.get("config") or config
    version = config.get("Version", "$LATEST")
    if lambda_runtime._workers.get(lambda_runtime._worker_key(name, config, version)):
        return
    worker, reason = lambda_runtime.acquire_worker(name, config, record["code_zip"], qualifier=version)
    if worker is None:
        return
    try:
        with worker._lock:
            if reason == "spawn" and worker._proc is None:
                worker._spawn()
    except (OSError, RuntimeError, ValueError) as error:
        _log.warning("could not start %s ahead of its first invocation: %s", reference, error)
    finally:
        lambda_runtime.release_worker(worker)
