"""CloudWatch metrics of the emulator, written as AWS services and the EMF extractor write them.

Usable only inside the server process.
"""

import threading
import time
from collections.abc import Mapping, Sequence

writing = threading.RLock()  # held while data and the states of alarms change


def put(
    namespace: str,
    name: str,
    values: Sequence[float],
    dimensions: Mapping[str, str],
    unit: str = "None",
    timestamp_seconds: float | None = None,
) -> None:
    """Store one datum with one or more values, then evaluate the alarms on it."""
    from ministack.services import cloudwatch

    with writing:
        cloudwatch._store_datum(
            namespace,
            name,
            dict(dimensions),
            time.time() if timestamp_seconds is None else timestamp_seconds,
            unit,
            None,
            list(values),
            None,
            None,
        )
        cloudwatch._evaluate_all_alarms()
