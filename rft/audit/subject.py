"""What is audited, and everything that was scored of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rft.audit.cases import AuditRecord, Case, golden_cases, reference_cases, run_of
from rft.audit.consistency import Consistency
from rft.audit.constant import BestConstant
from rft.audit.probes import Probe
from rft.evaluation.grading import Grade
from rft.reward_settings import Reward
from rft.rewards.judge_usage import Usage
from rft.settings import UseCaseSettings


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is tried: less where every sample costs a call of a judge."""

    huge: int = 4  # records that are answered with a million characters
    alone: int = 32  # samples scored alone, for the latency
    steady: int = 48  # samples scored again and again
    constants: int = 32  # answers tried on every record
    constant_records: int = 64
    finalists: int = 8  # constants that get past the first few records


FULL: Final = Extent()
JUDGED: Final = Extent(huge=1, alone=16, steady=12, constants=6, constant_records=12, finalists=2)


@dataclass(frozen=True, slots=True)
class Subject:
    """What is audited: records of the train file, golden answers, and the settings of the reward."""

    use_case: str
    records: Sequence[AuditRecord]
    golden: Sequence[Case]
    reward: Reward
    reference_required: bool = True

    @classmethod
    def of(cls, settings: UseCaseSettings, records: Sequence[AuditRecord], golden: Path) -> "Subject":
        """The subject of a use case with the golden answers of a file, if there is one.

        Raises:
            ValueError: naming the line of the file that is malformed.
        """
        cases = golden_cases(golden, run_of(records))
        return cls(settings.name, records, cases, settings.reward, settings.dataset.reference_required)

    @property
    def extent(self) -> Extent:
        return JUDGED if self.reward.judge else FULL

    @property
    def cases(self) -> list[Case]:
        tried = self.records[: max(self.reward.audit.records, self.reward.audit.probe_records)]
        return [*reference_cases(tried, self.reward.audit.min_reference_score), *self.golden]


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that was scored; latencies are in milliseconds a sample scored alone, the first one apart.

    `judge_alone` is what a judge in this process was used for these `alone` samples, `judge` for all.
    """

    cases: Sequence[tuple[Case, Grade]]
    probes: Sequence[tuple[Probe, Grade]]
    constant: BestConstant | None
    consistency: Consistency
    first_ms: float
    latencies_ms: Sequence[float]
    samples: int
    alone: int
    judge_alone: Usage
    judge: Usage

    @property
    def ideals(self) -> Mapping[int, Grade]:
        """Grades of the ideal responses by record."""
        return {probe.number: found for probe, found in self.probes if probe.kind.rule == "ideal"}


def wanted_records(settings: Reward) -> int:
    """How many records of the train file an audit reads."""
    return max(settings.audit.records, settings.audit.probe_records, FULL.constant_records)
