"""A function's first invocation is warm: one worker is started in the background when a template creates it.

On AWS the first cold start is hidden behind network latencies that this machine does not have; here, dozens
of functions starting one after the other would be most of a rehearsal's duration. One worker starts at a
time.
"""

import contextvars
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from rehearsal.localaws.plugins import original

_log = logging.getLogger(__name__)
_pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warm-up")


def apply() -> None:
    original(lambda_runtime, "acquire_worker", "5017d144adb5")
    original(provisioners, "_lambda_create", "8b2cf80e961d")
    original(provisioners, "_lambda_version_create", "ebc8be0ef787")
    for resource_type in ("AWS::Lambda::Function", "AWS::Lambda::Version"):
        handlers = provisioners._RESOURCE_HANDLERS[resource_type]
        provisioners._RESOURCE_HANDLERS[resource_type] = {
            **handlers,
            "create": _then_warm(handlers["create"]),
        }


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
    worker, reason = lambda_runtime.acquire_worker(
        name, record.get("config") or config, record["code_zip"], qualifier=config.get("Version", "$LATEST")
    )
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
