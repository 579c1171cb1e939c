"""CloudWatch reads the embedded metric format from a function's log; MiniStack does not."""

import json
from collections.abc import Iterator
from typing import Any

from ministack.services import lambda_svc

from rehearsal.localaws import metrics
from rehearsal.localaws.plugins import replace


def apply() -> None:
    replace(lambda_svc, "_emit_lambda_logs", "111efbf06968", _with_metrics)


def _with_metrics(emit_logs: Any) -> Any:
    def emit(
        func: dict[str, Any], request_id: str, log_text: str, error: bool, duration_ms: int, **options: Any
    ) -> None:
        emit_logs(func, request_id, log_text, error, duration_ms, **options)
        for document in _documents(log_text or ""):
            _publish(document)

    return emit


def _documents(log_text: str) -> Iterator[dict[str, Any]]:
    for line in log_text.splitlines():
        start = line.find("{")
        if start < 0 or '"_aws"' not in line:
            continue
        try:
            document = json.loads(line[start:])
        except ValueError:
            continue
        if isinstance(document, dict) and isinstance(document.get("_aws"), dict):
            yield document


def _publish(document: dict[str, Any]) -> None:
    """One datum per directive, dimension set and metric; a value may be a number or a list of numbers."""
    header = document["_aws"]
    timestamp = header.get("Timestamp")
    seconds = timestamp / 1000 if isinstance(timestamp, int | float) else None
    for directive in header.get("CloudWatchMetrics") or []:
        for names in directive.get("Dimensions") or [[]]:
            dimensions = {name: str(document[name]) for name in names if name in document}
            for metric in directive.get("Metrics") or []:
                value = document.get(metric.get("Name"))
                values = value if isinstance(value, list) else [value]
                numbers = [float(number) for number in values if isinstance(number, int | float)]
                if numbers:
                    metrics.put(
                        directive.get("Namespace", ""),
                        metric["Name"],
                        numbers,
                        dimensions,
                        metric.get("Unit", "None"),
                        seconds,
                    )
