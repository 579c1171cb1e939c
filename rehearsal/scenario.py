"""What a scenario of a rehearsal is: what goes wrong, and how it must end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from rehearsal.datasets import Lines
from rehearsal.drills import Drill
from rft.catalogue import BaseModel, EngineName
from rft.cli.follow import Followed
from rft.runs.record import RunRecord, Status
from rft.runs.store import RunStore
from rft.settings import RunSettings


@dataclass(frozen=True, slots=True)
class Scenario:
    """Faults injected into the simulated Bedrock, a change of the train file, and the end that must come.

    `settings` changes the use case's settings for the run; `during` is called again and again with the run's
    record while it runs, and does what a person would; `drill` replaces the one upload by several; `reward` is the
    source of another reward function for the run.
    `alarms` are the sections of those that must ring besides `workflow-failed`, which a failed run rings; an alarm
    that the use case does not have cannot. `echoes` may ring too, depending on when the watch loop looks.
    `wait_scale` is the scenario's own clock, real seconds of a simulated one.
    `words` must all occur in the run record; `job` tells whether a training job may exist for the run;
    `retries` whether the workflow must have had to try something again; `engines` are those that it can happen to;
    `on_mantle` are members that are otherwise with that engine.
    """

    name: str
    description: str
    outcome: Status
    faults: Mapping[str, Any] = field(default_factory=dict)
    mutate: Callable[[Lines], Lines] | None = None
    settings: Callable[[RunSettings], RunSettings] | None = None
    during: Callable[[RunStore, RunRecord], None] | None = None
    drill: Callable[[Drill], Followed] | None = None
    reward: str | None = None
    alarms: frozenset[str] = frozenset()
    echoes: frozenset[str] = frozenset()
    wait_scale: float | None = None
    words: tuple[str, ...] = ()
    job: bool = True
    retries: bool = False
    engines: tuple[EngineName, ...] = ("nova", "mantle")
    on_mantle: Mapping[str, Any] = field(default_factory=dict)

    def on(self, engine: EngineName) -> "Scenario":
        """The scenario as it goes with an engine."""
        return replace(self, **self.on_mantle, on_mantle={}) if engine == "mantle" else self

    @property
    def rings(self) -> frozenset[str]:
        """The sections of all alarms that must ring; a held run is a result, and rings none."""
        return self.alarms | ({"workflow-failed"} if self.outcome is Status.FAILED else set())

    def suits(self, model: BaseModel) -> bool:
        """Whether what goes wrong can go wrong with the engine of a model."""
        return model.engine in self.engines


def shortcomings(scenario: Scenario, status: str, record: str, has_job: bool, retries: int) -> list[str]:
    """What is not as the scenario promises; empty when all is well. `record` is the run record as JSON text."""
    found = []
    if status != scenario.outcome:
        found.append(f"the run ended as {status}, expected {scenario.outcome}")
    found += [f"the run record does not say {word!r}" for word in scenario.words if word not in record]
    if has_job and not scenario.job:
        found.append("a training job was started")
    if scenario.retries and not retries:
        found.append("nothing was tried again")
    return found
