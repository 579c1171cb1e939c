"""One alarm as data: what it watches, when it rings, and what whoever it wakes is to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import Final

import aws_cdk as cdk
from aws_cdk import aws_cloudwatch as cloudwatch

from rft import names
from rft.monitoring import metrics

PERIOD: Final = cdk.Duration.minutes(5)
AT_LEAST: Final = cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD
AT_MOST: Final = cloudwatch.ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD
QUIET: Final = cloudwatch.TreatMissingData.NOT_BREACHING
UNCHANGED: Final = cloudwatch.TreatMissingData.IGNORE


class Severity(StrEnum):
    """`critical` loses money, data or a service now; `warning` wants a look within a working day."""

    CRITICAL = "critical"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alarm of `scope`; `section` is its heading in docs/RUNBOOK.md, `do` the first thing to do, `why` what it saw.
    It rings when `metric` compares with `threshold` in all of the last `periods`. `missing` says what a period
    without data means: for metrics of jobs that run rarely, nothing.
    """

    scope: str
    section: str
    severity: Severity
    metric: cloudwatch.IMetric
    do: str
    why: str
    threshold: float = 1
    periods: int = 1
    compares: cloudwatch.ComparisonOperator = AT_LEAST
    missing: cloudwatch.TreatMissingData = QUIET

    @property
    def name(self) -> str:
        return f"{self.scope}-{self.section}"

    @property
    def description(self) -> str:
        """What to do, what was seen, where more is written; at most 1,024 characters."""
        return f"{self.do} {self.why} See docs/RUNBOOK.md, section {self.section}."


def own_metric(
    use_case: names.UseCaseNames, name: str, *, statistic: str, period: cdk.Duration = PERIOD
) -> cloudwatch.Metric:
    """A metric of the namespace RFT of a whole use case."""
    dimensions: Mapping[str, str] = {
        metrics.USE_CASE: use_case.use_case,
        metrics.ENVIRONMENT: use_case.environment,
    }
    return cloudwatch.Metric(
        namespace=metrics.NAMESPACE,
        metric_name=name,
        dimensions_map=dict(dimensions),
        period=period,
        statistic=statistic,
    )


def polled(interval_seconds: int) -> cdk.Duration:
    """A period in which a metric that is reported every `interval_seconds` has data, so that its alarm does not
    flicker: twice the interval, in whole minutes."""
    return cdk.Duration.minutes(ceil(2 * interval_seconds / 60))
