"""Distributed Map in JSONata: `ItemReader.Arguments`, `Items`, `ItemSelector`, `ItemBatcher`, `Output`,
`Assign`, thresholds as expressions. MiniStack reads all of these as JSONPath, and knows no batches.

The children run in at most six threads, whatever `MaxConcurrency` says. Thresholds count items, not batches,
and once one is exceeded no further child starts.
"""

import contextvars
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ministack.core.responses import new_uuid, now_iso
from ministack.services import stepfunctions as sfn

from rehearsal.localaws.plugins import original, replace
from rehearsal.localaws.plugins.states_roles import require

MAX_THREADS: Final = 6
COUNTS: Final = (
    "pending",
    "running",
    "succeeded",
    "failed",
    "timedOut",
    "aborted",
    "total",
    "resultsWritten",
    "failuresNotRedrivable",
    "pendingRedrive",
)
Json = dict[str, Any]


def apply() -> None:
    replace(sfn, "_run_distributed_map", "2b77d3ec0e04", _with_jsonata)
    original(sfn, "_read_map_items", "b846851544b8")


def _with_jsonata(run: Callable[..., Any]) -> Callable[..., Any]:
    def run_map(state: Json, data: Any, effective: Any, iterator: Json, execution: Json, ctx: Json) -> Any:
        if sfn._state_query_language(state, ctx) != "JSONata":
            return run(state, data, effective, iterator, execution, ctx)
        require("states:StartExecution", execution["stateMachineArn"], "States.Runtime")
        map_run = MapRun(state, data, iterator, execution, ctx)
        results = map_run.run()
        output = sfn._apply_jsonata_output(state, data, ctx, result=results, default=results)
        sfn._apply_state_assign(state, data, ctx, result=results)
        return output, sfn._next_or_end(state)

    return run_map


class MapRun:
    """One Map Run: items read, selected and batched, a child execution for each batch or item."""

    def __init__(self, state: Json, data: Any, iterator: Json, execution: Json, ctx: Json) -> None:
        self._state, self._data, self._ctx = state, data, ctx
        self._iterator, self._parent = iterator, execution
        self._lock = threading.Lock()
        _, _, _, region, account, _, machine = execution["stateMachineArn"].split(":")
        label = f"{machine}/{state.get('Label') or new_uuid()}"
        self._children_prefix = f"arn:aws:states:{region}:{account}:execution:{label}"
        self._machine_arn = f"arn:aws:states:{region}:{account}:stateMachine:{label}"
        self._tolerated_percentage = self._number("ToleratedFailurePercentage")
        self._tolerated_count = self._number("ToleratedFailureCount")
        self._concurrency = int(self._number("MaxConcurrency") or 0)
        if "ResultWriter" in state:
            raise sfn._ExecutionError(
                "States.Runtime", "the local AWS has no ResultWriter of a Distributed Map"
            )
        items = [self._selected(index, item) for index, item in enumerate(self._items())]
        self._inputs = self._batches(items)
        sizes = [len(child["Items"]) if "ItemBatcher" in state else 1 for child in self._inputs]
        self._sizes, self._total = sizes, len(items)
        self._record: Json = {
            "mapRunArn": f"arn:aws:states:{region}:{account}:mapRun:{label}:{new_uuid()}",
            "executionArn": execution["executionArn"],
            "status": "RUNNING",
            "startDate": now_iso(),
            "maxConcurrency": self._concurrency,
            "toleratedFailurePercentage": float(self._tolerated_percentage or 0),
            "toleratedFailureCount": int(self._tolerated_count or 0),
            "itemCounts": dict.fromkeys(COUNTS, 0) | {"total": len(items), "pending": len(items)},
            "executionCounts": dict.fromkeys(COUNTS, 0) | {"total": len(sizes), "pending": len(sizes)},
            "redriveCount": 0,
            "_stateMachineArn": self._machine_arn,
        }
        sfn._map_runs[self._record["mapRunArn"]] = self._record

    def run(self) -> list[Any]:
        """Outputs of the children that succeeded, in the order of their items. Raises when too many fail."""
        outputs: list[tuple[Any] | None] = [None] * len(self._inputs)

        def run_child(index: int) -> None:
            if not self._exceeded() and self._parent["status"] == "RUNNING":
                outputs[index] = self._child(self._inputs[index], self._sizes[index])

        with ThreadPoolExecutor(max_workers=min(self._concurrency or MAX_THREADS, MAX_THREADS)) as pool:
            running = [
                pool.submit(contextvars.copy_context().run, run_child, index)
                for index in range(len(self._inputs))
            ]
        for future in running:
            future.result()
        self._record.update(status="FAILED" if self._exceeded() else "SUCCEEDED", stopDate=now_iso())
        if self._exceeded():
            raise sfn._ExecutionError(
                "States.ExceedToleratedFailureThreshold",
                "The specified tolerated failure threshold was exceeded",
            )
        return [output[0] for output in outputs if output is not None]

    def _number(self, field: str) -> float | None:
        if field not in self._state:
            return None
        value: float = sfn._jsonata_state_field(self._state, field, "number", self._data, self._ctx)
        return value

    def _template(self, template: Any, ctx: Json | None = None) -> Any:
        return sfn._apply_jsonata_template(template, self._data, ctx or self._ctx)

    def _items(self) -> list[Any]:
        reader = self._state.get("ItemReader")
        if reader is None:
            if "Items" in self._state:
                items: list[Any] = sfn._jsonata_state_field(
                    self._state, "Items", "array", self._data, self._ctx
                )
                return items
            if isinstance(self._data, list):
                return self._data
            raise sfn._ExecutionError(
                "States.Runtime", "The input of a Map state without Items must be an array"
            )
        arguments = self._template(reader.get("Arguments") or {})
        bucket, key = arguments.get("Bucket"), arguments.get("Key")
        if str(reader.get("Resource", "")).endswith("s3:listObjectsV2"):
            require("s3:ListBucket", f"arn:aws:s3:::{bucket}", "States.ItemReaderFailed")
        else:
            require("s3:GetObject", f"arn:aws:s3:::{bucket}/{key}", "States.ItemReaderFailed")
        config = self._template(reader.get("ReaderConfig") or {})
        try:
            found = sfn._read_map_items({**reader, "Arguments": arguments, "ReaderConfig": config}, {}, {})
        except ValueError as error:
            raise sfn._ExecutionError("States.ItemReaderFailed", f"s3://{bucket}/{key}: {error}") from error
        return list(found)

    def _selected(self, index: int, item: Any) -> Any:
        if "ItemSelector" not in self._state:
            return item
        ctx = {**self._ctx, "Map": {"Item": {"Index": index, "Value": item}}}
        return self._template(self._state["ItemSelector"], ctx)

    def _batches(self, items: list[Any]) -> list[Any]:
        batcher = self._state.get("ItemBatcher")
        if batcher is None:
            return items
        size = int(self._template(batcher["MaxItemsPerBatch"])) if "MaxItemsPerBatch" in batcher else 0
        limit = (
            int(self._template(batcher["MaxInputBytesPerBatch"])) if "MaxInputBytesPerBatch" in batcher else 0
        )
        extra = {"BatchInput": self._template(batcher["BatchInput"])} if "BatchInput" in batcher else {}
        batches: list[list[Any]] = []
        used = 0
        for item in items:
            length = len(json.dumps(item)) if limit else 0
            full = not batches or (size and len(batches[-1]) >= size) or (limit and used + length > limit)
            if full:
                batches.append([])
                used = len(json.dumps(extra)) if limit else 0
            batches[-1].append(item)
            used += length
        return [{**extra, "Items": batch} for batch in batches]

    def _exceeded(self) -> bool:
        failed = self._record["itemCounts"]["failed"]
        over_count = self._tolerated_count is not None and failed > self._tolerated_count
        over_share = (
            self._tolerated_percentage is not None and failed * 100 > self._tolerated_percentage * self._total
        )
        none_tolerated = self._tolerated_count is None and self._tolerated_percentage is None
        return bool(failed) and (over_count or over_share or none_tolerated)

    def _count(self, size: int, before: str, after: str) -> None:
        with self._lock:
            for counts, step in ((self._record["itemCounts"], size), (self._record["executionCounts"], 1)):
                counts[before] -= step
                counts[after] += step

    def _child(self, child_input: Any, size: int) -> tuple[Any] | None:
        name = new_uuid()
        child: Json = {
            "executionArn": f"{self._children_prefix}:{name}",
            "stateMachineArn": self._machine_arn,
            "name": name,
            "status": "RUNNING",
            "startDate": now_iso(),
            "stopDate": None,
            "input": json.dumps(child_input),
            "output": None,
            "mapRunArn": self._record["mapRunArn"],
            "events": [],
            "testCase": "",
            "mockAttempts": {},
        }
        sfn._executions[child["executionArn"]] = child
        execution = {
            "Id": child["executionArn"],
            "Input": child_input,
            "Name": name,
            "StartTime": child["startDate"],
        }
        ctx = {**self._ctx, "Execution": self._ctx["Execution"] | execution, "variables": {}}
        self._count(size, "pending", "running")
        try:
            iterator = self._iterator
            output = sfn._run_sub_machine(iterator["States"], iterator["StartAt"], child_input, child, ctx)
        except Exception as error:  # noqa: BLE001 - whatever it is, the Map Run counts it
            known = error if isinstance(error, sfn._ExecutionError) else None
            child.update(
                status="FAILED",
                error=known.error if known else "States.Runtime",
                cause=known.cause if known else str(error),
                stopDate=now_iso(),
            )
            self._count(size, "running", "failed")
            return None
        child.update(status="SUCCEEDED", output=json.dumps(output), stopDate=now_iso())
        self._count(size, "running", "succeeded")
        return (output,)
