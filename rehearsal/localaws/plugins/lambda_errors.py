"""Lambda reports the class of a handler's exception and keeps the environment warm; MiniStack does neither.

Without this every failure is `Runtime.HandlerError`, so that no Retry or Catch by error name ever matches,
and each failure costs a cold start.
"""

from typing import Any, Final

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from rehearsal.localaws.plugins import PluginMismatch, original, replace

FAILURE: Final = "__rehearsal_failure__"

CALL: Final = """        try:
            result = handler_fn(event, context)
            _real_stdout.write(json.dumps({"status": "ok", "result": result}) + "\\n")
        except Exception as e:
            _real_stdout.write(json.dumps({"status": "error", "error": str(e), "trace": traceback.format_exc()}) + "\\n")
"""  # noqa: E501 - MiniStack's own line

REPORTING_CALL: Final = """        try:
            result = handler_fn(event, context)
        except Exception as e:
            traceback.print_exc()
            result = {"__FAILURE__": {"errorMessage": str(e), "errorType": type(e).__name__,
                                      "requestId": _ms_ctx.get("request_id", ""),
                                      "stackTrace": traceback.format_tb(e.__traceback__)[1:]}}
        try:
            _line = json.dumps({"status": "ok", "result": result})
        except (TypeError, ValueError) as e:
            _line = json.dumps({"status": "ok", "result": {"__FAILURE__": {
                "errorMessage": "Unable to marshal response: " + str(e), "errorType": "Runtime.MarshalError",
                "requestId": _ms_ctx.get("request_id", ""), "stackTrace": []}}})
        sys.stderr.flush()
        _real_stdout.write(_line + "\\n")
""".replace("__FAILURE__", FAILURE)

INIT_FAILED: Final = "Worker init failed: "


def apply() -> None:
    script = original(lambda_runtime, "_PYTHON_WORKER_SCRIPT", "368800addf4d")
    if script.count(CALL) != 1:
        raise PluginMismatch(
            "the Python worker of ministack no longer calls the handler where the plug-in expects it"
        )
    lambda_runtime._PYTHON_WORKER_SCRIPT = script.replace(CALL, REPORTING_CALL)
    replace(lambda_svc, "_execute_function_warm", "62b9218bef5b", _with_error_types)


def _with_error_types(execute: Any) -> Any:
    def run(func: dict[str, Any], event: Any, request_id: str) -> dict[str, Any]:
        result: dict[str, Any] = execute(func, event, request_id)
        body = result.get("body")
        if not isinstance(body, dict):
            return result
        if FAILURE in body:
            return {**result, "body": body[FAILURE], "error": True}
        if result.get("error"):
            result["body"] = _named(body, func)
        return result

    return run


def _named(body: dict[str, Any], func: dict[str, Any]) -> dict[str, Any]:
    """A failure outside the handler, under the name that Lambda gives it."""
    message = str(body.get("errorMessage", ""))
    if message.startswith(INIT_FAILED):
        module = str((func.get("config") or func).get("Handler", "")).rsplit(".", 1)[0]
        reason = message.removeprefix(INIT_FAILED)
        return {
            "errorMessage": f"Unable to import module '{module}': {reason}",
            "errorType": "Runtime.ImportModuleError",
        }
    if message == "Worker process died":
        return {"errorMessage": "Runtime exited without providing a reason", "errorType": "Runtime.ExitError"}
    return body
