"""Which alarms of a use case rang during a scenario, asked of CloudWatch as anybody would, and which must have."""

import json
import re
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from rft.names import UseCaseNames

QUIET_SECONDS: Final = 90.0  # real; an alarm can have a period of two hours, which take 72 s
ARRIVAL_SECONDS: Final = 10.0  # real; a metric comes a moment after what it counts
POLL_SECONDS: Final = 0.25
Found = TypeVar("Found")
REFERENCE: Final = re.compile(r"""["'](?:arn:[^"']*:alarm:)?([^"']+)["']""")


@dataclass(frozen=True, slots=True)
class Observed:
    """Alarms of a use case by section. `rang` has the reason of each that rang, `quiet` the others.

    `before` rang already when the watch began.
    `summaries` are the composite alarms, each with whether it rang and the sections of its members.
    """

    rang: Mapping[str, str] = field(default_factory=dict)
    quiet: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    summaries: Mapping[str, tuple[bool, frozenset[str]]] = field(default_factory=dict)

    def problems(self, must: Collection[str], may: Collection[str] = ()) -> list[str]:
        """What is wrong when `must` had to ring, `may` could, and no other; those that the use case lacks cannot."""
        found = [f"alarm {section} rang already before" for section in self.before]
        found += [f"alarm {section} did not ring" for section in self.quiet if section in must]
        found += [f"alarm {name} rang: {why}" for name, why in self.rang.items() if name not in {*must, *may}]
        for name, (rang, members) in self.summaries.items():
            ringing = sorted(members & set(self.rang))
            if ringing and not rang:
                found.append(f"composite alarm {name} did not ring with {', '.join(ringing)}")
            if rang and not ringing:
                found.append(f"composite alarm {name} rang without a member")
        return found

    @property
    def line(self) -> str:
        """All of it in a few words."""
        if not self.rang:
            return f"rang: none; all {len(self.quiet)} quiet"
        return f"rang: {', '.join(self.rang)}; {len(self.quiet)} others quiet"

    @property
    def composites_rang(self) -> list[str]:
        return [name for name, (rang, _) in self.summaries.items() if rang]

    def document(self) -> dict[str, Any]:
        """For files: what rang and why, what did not."""
        return {"rang": dict(self.rang), "composites_rang": self.composites_rang, "quiet": list(self.quiet)}


class AlarmWatch:
    """Watches the alarms of a use case from its making on, which waits until all are quiet.

    Args:
        client: of CloudWatch.
        stage: names of all use cases that share the account, for names that begin alike.
    """

    def __init__(self, client: Any, names: UseCaseNames, stage: Sequence[str]) -> None:
        self._client, self._names = client, names
        others = (UseCaseNames(names.environment, other).base for other in stage if other != names.use_case)
        self._others = tuple(f"{base}-" for base in others if base.startswith(f"{names.base}-"))
        self._before = _until(lambda found: not found, self._ringing, QUIET_SECONDS)
        self._since = datetime.now(UTC).replace(microsecond=0)

    def observe(self, must: Collection[str], may: Collection[str] = ()) -> Observed:
        """What rang until now; waits a little for what must still come."""
        return _until(lambda found: not found.problems(must, may), self._look, ARRIVAL_SECONDS)

    def _look(self) -> Observed:
        reasons = self._reasons()
        alarms, composites = self._alarms()
        sections = [self._section(alarm["AlarmName"]) for alarm in alarms]
        return Observed(
            rang={section: reasons[section] for section in sections if section in reasons},
            quiet=tuple(section for section in sections if section not in reasons),
            before=self._before,
            summaries={
                section: (section in reasons, self._members(alarm["AlarmRule"]))
                for alarm in composites
                for section in (self._section(alarm["AlarmName"]),)
            },
        )

    def _members(self, rule: str) -> frozenset[str]:
        return frozenset(self._section(name) for name in REFERENCE.findall(rule))

    def _section(self, name: str) -> str:
        return name.removeprefix(f"{self._names.base}-")

    def _owns(self, name: str) -> bool:
        return name.startswith(f"{self._names.base}-") and not name.startswith(self._others)

    def _alarms(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        pages = self._client.get_paginator("describe_alarms").paginate(
            AlarmNamePrefix=f"{self._names.base}-", AlarmTypes=["MetricAlarm", "CompositeAlarm"]
        )
        metric: list[dict[str, Any]] = []
        composite: list[dict[str, Any]] = []
        for page in pages:
            metric += [alarm for alarm in page["MetricAlarms"] if self._owns(alarm["AlarmName"])]
            composite += [alarm for alarm in page["CompositeAlarms"] if self._owns(alarm["AlarmName"])]
        return metric, composite

    def _ringing(self) -> tuple[str, ...]:
        metric, composite = self._alarms()
        return tuple(
            self._section(alarm["AlarmName"])
            for alarm in metric + composite
            if alarm["StateValue"] == "ALARM"
        )

    def _reasons(self) -> dict[str, str]:
        """Why each alarm first went to ALARM, by section."""
        pages = self._client.get_paginator("describe_alarm_history").paginate(
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            HistoryItemType="StateUpdate",
            StartDate=self._since,
            ScanBy="TimestampAscending",
        )
        found: dict[str, str] = {}
        for page in pages:
            for item in page["AlarmHistoryItems"]:
                new = json.loads(item["HistoryData"])["newState"]
                if new["stateValue"] == "ALARM" and self._owns(item["AlarmName"]):
                    found.setdefault(self._section(item["AlarmName"]), new["stateReason"])
        return found


def _until(holds: Callable[[Found], bool], look: Callable[[], Found], seconds: float) -> Found:
    """What is seen once it holds, or after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds(found := look()) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return found
