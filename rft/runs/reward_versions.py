"""Published versions of a reward function, and the runs that refer to them: what a run's manifest names must stay."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rft.aws import client
from rft.runs.record import RunRecord, Status

ALIAS: Final = "live"  # the version that the next run uses, for people; runs keep the version they began with
UNPUBLISHED: Final = "$LATEST"


@dataclass(frozen=True, slots=True)
class RewardVersion:
    """A version with the ids of the runs that refer to it; `is_live` is what the alias points at."""

    version: str
    description: str
    modified: str
    is_live: bool
    runs: tuple[str, ...]
    training: tuple[str, ...]

    @property
    def is_referred_to(self) -> bool:
        return self.is_live or bool(self.runs)


def versions(function_name: str, runs: Iterable[RunRecord]) -> list[RewardVersion]:
    """All published versions, the newest first."""
    client_ = client("lambda")
    live = client_.get_alias(FunctionName=function_name, Name=ALIAS)["FunctionVersion"]
    referring: dict[str, list[RunRecord]] = defaultdict(list)
    for run in runs:
        referring[run.reward.function_arn.rpartition(":")[2]].append(run)
    found = [
        RewardVersion(
            item["Version"],
            item.get("Description", ""),
            item["LastModified"],
            item["Version"] == live,
            tuple(run.run_id for run in referring[item["Version"]]),
            tuple(run.run_id for run in referring[item["Version"]] if run.status is Status.RUNNING),
        )
        for page in client_.get_paginator("list_versions_by_function").paginate(FunctionName=function_name)
        for item in page["Versions"]
        if item["Version"] != UNPUBLISHED
    ]
    return sorted(found, key=lambda item: int(item.version), reverse=True)


def prune(function_name: str, found: Iterable[RewardVersion]) -> list[str]:
    """Delete the versions that nothing refers to; return them."""
    unused = [item.version for item in found if not item.is_referred_to]
    for version in unused:
        client("lambda").delete_function(FunctionName=function_name, Qualifier=version)
    return unused
