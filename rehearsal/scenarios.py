"""What a rehearsal can be made to go through, and how each scenario must end."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from rehearsal import people
from rft.runs.record import RunRecord, Status
from rft.runs.store import RunStore
from rft.settings import Approvals, RunSettings

Lines = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Scenario:
    """Faults injected into the simulated Bedrock, a change of the train file, and the end that must come.

    `settings` changes the use case's settings for the run; `during` is called again and again with the run's
    record while it runs, and does what a person would.
    `words` must all occur in the run record; `job` tells whether a training job may exist for the run;
    `retries` whether the workflow must have had to try something again.
    """

    name: str
    description: str
    outcome: Status
    faults: Mapping[str, Any] = field(default_factory=dict)
    mutate: Callable[[Lines], Lines] | None = None
    settings: Callable[[RunSettings], RunSettings] | None = None
    during: Callable[[RunStore, RunRecord], None] | None = None
    words: tuple[str, ...] = ()
    job: bool = True
    retries: bool = False


def tag_first_record(lines: Lines, tag: str) -> Lines:
    """The same dataset under another run id: the first record gets an extra key that no reward reads."""
    first = json.loads(lines[0])
    first["rehearsal"] = tag
    return [json.dumps(first, ensure_ascii=False).encode() + b"\n", *lines[1:]]


def break_line(lines: Lines) -> Lines:
    """Cut the end off the tenth line."""
    return [
        line[: len(line) // 2].rstrip(b"\\") + b"\n" if index == 9 else line
        for index, line in enumerate(lines)
    ]


def asking(*, promotion: bool = False) -> Callable[[RunSettings], RunSettings]:
    """Settings under which every spending needs a second person's approval within the shortest time, an hour."""
    approvals = Approvals(spend_above_usd=0, promotion=promotion, timeout_hours=1, four_eyes=True)
    return lambda settings: settings.model_copy(update={"approvals": approvals})


DEFAULT: Final = "success"
SCENARIOS: Final[Mapping[str, Scenario]] = MappingProxyType(
    {
        scenario.name: scenario
        for scenario in (
            Scenario(DEFAULT, "Nothing goes wrong.", Status.SUCCEEDED),
            Scenario(
                "throttled",
                "Bedrock throttles the first calls that create the job; the retries carry the run.",
                Status.SUCCEEDED,
                {"throttle": {"operation": "CreateModelCustomizationJob", "calls": 7}},
                retries=True,
            ),
            Scenario(
                "lost-event",
                "The event that says the job ended never comes; the watch loop notices.",
                Status.SUCCEEDED,
                {"lose_end_event": {}},
            ),
            Scenario(
                "duplicate-event",
                "The event that says the job ended comes twice; it counts once.",
                Status.SUCCEEDED,
                {"duplicate_end_event": {}},
            ),
            Scenario(
                "job-failed",
                "The customization job fails in its third step; the run says why and cleans up.",
                Status.FAILED,
                {"fail_job": {"step": 3}},
                words=("TrainingFailed", "Training failed at step 3"),
            ),
            Scenario(
                "bad-dataset",
                "A line of the train file is cut off; the run names it and trains nothing.",
                Status.FAILED,
                mutate=break_line,
                words=("DatasetRejected", "train.jsonl:10", "not valid JSON"),
                job=False,
            ),
            Scenario(
                "no-improvement",
                "Training changes nothing; the gate holds the candidate.",
                Status.HELD,
                {"no_improvement": {}},
                words=("hold", "min_improvement"),
            ),
            Scenario(
                "deployment-failed",
                "The candidate's deployment fails; the run says so and removes it.",
                Status.FAILED,
                {"fail_deployment": {"count": 1}},
                words=("DeploymentFailed",),
            ),
            Scenario(
                "approval-needed",
                "Spending and promotion need a second person; the uploader tries first, in vain.",
                Status.SUCCEEDED,
                settings=asking(promotion=True),
                during=people.agree,
                words=('"answer": "approved"', people.APPROVER, people.AGREED),
            ),
            Scenario(
                "approval-rejected",
                "A person refuses the spending; nothing is trained.",
                Status.FAILED,
                settings=asking(),
                during=people.refuse,
                words=("ApprovalRejected", '"answer": "rejected"', people.DISAGREED),
                job=False,
            ),
            Scenario(
                "approval-forbidden",
                "The uploader agrees to their own spending, around the command line; the workflow refuses.",
                Status.FAILED,
                settings=asking(),
                during=people.agree_alone,
                words=("ApprovalRejected", '"answer": "refused"', "four_eyes"),
                job=False,
            ),
            Scenario(
                "approval-expired",
                "Nobody answers in time, which means no; nothing is trained.",
                Status.FAILED,
                settings=asking(),
                words=("ApprovalExpired", '"answer": "expired"', "open for 1 h"),
                job=False,
            ),
        )
    }
)


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
