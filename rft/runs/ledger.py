"""What an environment and a use case spend in a month: reserved before training, settled when a run ends. USD.

Items: `SPEND#<environment>` / `<YYYY-MM>` and `<use case>#SPEND` / `<YYYY-MM>` hold `spent`, reservations included;
`<use case>#SPEND` / `RUN#<run id>#<attempt>` is one reservation, and makes both operations happen once. A month is
that of the reservation, in UTC. An attempt whose execution died unrecorded stays reserved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from rft.aws import client
from rft.errors import OverBudget
from rft.names import spend_key, use_case_spend_key
from rft.runs.items import from_item, to_item

_CANCELLED: Final = "TransactionCanceledException"
_LOST: Final = "ConditionalCheckFailed"
Item = dict[str, Any]


@dataclass(frozen=True, slots=True)
class MonthlyLimits:
    """Budgets of a month; None sets none."""

    environment_usd: float | None = None
    use_case_usd: float | None = None


def _now() -> datetime:
    return datetime.now(UTC)


class Ledger:
    """The spending of one use case in one environment."""

    def __init__(
        self, table: str, environment: str, use_case: str, clock: Callable[[], datetime] = _now
    ) -> None:
        self._table, self._environment, self._use_case, self._clock = table, environment, use_case, clock

    def reserve(self, run_id: str, attempt: int, usd: float, limits: MonthlyLimits) -> None:
        """Reserve for one attempt of a run, unless it has been; both sums grow, or neither.

        Raises:
            OverBudget: naming the budget, what is spent of it, the limit and the month.
        """
        month = self._clock().strftime("%Y-%m")
        budgets = [
            ("budget_usd_per_month", self._environment_key(month), limits.environment_usd),
            ("budget.usd_per_month", self._use_case_key(month), limits.use_case_usd),
        ]
        reservation = {**self._reservation_key(run_id, attempt), **to_item({"month": month, "usd": usd})}
        refused = self._write(
            [
                self._put(reservation),
                *(self._add(key, usd, None if limit is None else limit - usd) for _, key, limit in budgets),
            ]
        )
        if not refused or refused[0]:
            return
        for (name, key, limit), lost in zip(budgets, refused[1:], strict=True):
            if lost:
                raise OverBudget(
                    f"the run would cost {usd:,.2f} USD; {name} is {limit:,.2f}, of which {self._spent(key):,.2f} "
                    f"are spent or reserved in {month}; wait for the next month, lower epochs or raise the budget"
                )

    def settle(self, run_id: str, attempt: int, usd: float) -> None:
        """Replace an attempt's reservation with what it cost; without one, or a second time, nothing happens."""
        key = self._reservation_key(run_id, attempt)
        found = self._read(key)
        if not found:
            return
        difference = usd - float(found["usd"])
        done = {
            "Key": key,
            "UpdateExpression": "SET settled = :usd",
            "ConditionExpression": "attribute_not_exists(settled)",
            "ExpressionAttributeValues": to_item({":usd": usd}),
        }
        self._write(
            [
                {"Update": {"TableName": self._table, **done}},
                self._add(self._environment_key(found["month"]), difference, None),
                self._add(self._use_case_key(found["month"]), difference, None),
            ]
        )

    def spent(self, month: str) -> tuple[float, float]:
        """What the environment and the use case have spent or reserved in a month `YYYY-MM`."""
        return self._spent(self._environment_key(month)), self._spent(self._use_case_key(month))

    def _put(self, item: Item) -> Item:
        return {
            "Put": {
                "TableName": self._table,
                "Item": item,
                "ConditionExpression": "attribute_not_exists(pk)",
            }
        }

    def _add(self, key: Item, usd: float, rest: float | None) -> Item:
        """Add to a sum; with `rest`, only while the sum so far is at most that."""
        update: Item = {
            "TableName": self._table,
            "Key": key,
            "UpdateExpression": "ADD spent :usd",
            "ExpressionAttributeValues": to_item({":usd": usd}),
        }
        if rest is not None:
            # A month without an item has spent nothing, which leaves room unless the run alone is too much.
            untouched = "attribute_not_exists(spent) OR " if rest >= 0 else ""
            update["ConditionExpression"] = f"{untouched}spent <= :rest"
            update["ExpressionAttributeValues"] |= to_item({":rest": rest})
        return {"Update": update}

    def _write(self, items: list[Item]) -> list[bool]:
        """Write all items or none; return for each whether its condition was not met, nothing when all were."""
        try:
            client("dynamodb").transact_write_items(TransactItems=items)
        except Exception as error:
            answer: Mapping[str, Any] = getattr(error, "response", {})
            lost = [reason.get("Code") == _LOST for reason in answer.get("CancellationReasons", ())]
            if answer.get("Error", {}).get("Code") == _CANCELLED and any(lost):
                return lost
            raise
        return []

    def _spent(self, key: Item) -> float:
        return float(self._read(key).get("spent", 0.0))

    def _read(self, key: Item) -> dict[str, Any]:
        answer = client("dynamodb").get_item(TableName=self._table, Key=key, ConsistentRead=True)
        return from_item(answer.get("Item", {}))

    def _environment_key(self, month: str) -> Item:
        return to_item({"pk": spend_key(self._environment), "sk": month})

    def _use_case_key(self, month: str) -> Item:
        return to_item({"pk": use_case_spend_key(self._use_case), "sk": month})

    def _reservation_key(self, run_id: str, attempt: int) -> Item:
        return to_item({"pk": use_case_spend_key(self._use_case), "sk": f"RUN#{run_id}#{attempt}"})
