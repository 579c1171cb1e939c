"""Graphs with a title, a labelled axis and colours that colour-blind people tell apart."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch

from rft import names
from rft.monitoring import metrics
from stacks.constructs.alerts.alert import PERIOD, own_metric

WIDTH: Final = 8
HEIGHT: Final = 6
# Okabe and Ito, Color Universal Design (2008)
BLUE, ORANGE, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
_REST: Final = (PURPLE, SKY)


@dataclass(frozen=True, slots=True)
class Graphs:
    """The metrics of one use case."""

    use_case: names.UseCaseNames

    def own(self, name: str, label: str, color: str, statistic: str = "Maximum") -> cloudwatch.Metric:
        """A metric of the whole use case."""
        return line(own_metric(self.use_case, name, statistic=statistic), label, color)

    def by_run(self, name: str, split: str) -> cloudwatch.MathExpression:
        """One line for each run, which no template can name."""
        schema = ",".join(
            (metrics.NAMESPACE, metrics.ENVIRONMENT, metrics.RUN, metrics.SPLIT, metrics.USE_CASE)
        )
        search = (
            f'SEARCH(\'{{{schema}}} MetricName="{name}" {metrics.USE_CASE}="{self.use_case.use_case}" '
            f'{metrics.ENVIRONMENT}="{self.use_case.environment}" {metrics.SPLIT}="{split}"\', \'Average\')'
        )
        return cloudwatch.MathExpression(
            expression=search, label=f"${{PROP('Dim.{metrics.RUN}')}}", using_metrics={}, period=PERIOD
        )


def line(metric: cloudwatch.Metric, label: str, color: str | None = None) -> cloudwatch.Metric:
    return metric.with_(label=label, color=color)


def graph(
    title: str,
    lines: Sequence[cloudwatch.IMetric],
    unit: str,
    highest: float | None = None,
    annotations: Sequence[cloudwatch.HorizontalAnnotation] = (),
) -> cloudwatch.GraphWidget:
    """A graph from 0, up to `highest` when the values have a limit; lines without a colour get one each."""
    rest = iter(_REST)
    return cloudwatch.GraphWidget(
        title=title,
        left=[
            one.with_(color=next(rest)) if isinstance(one, cloudwatch.Metric) and one.color is None else one
            for one in lines
        ],
        left_y_axis=cloudwatch.YAxisProps(label=unit, min=0, max=highest, show_units=False),
        left_annotations=list(annotations),
        width=WIDTH,
        height=HEIGHT,
    )
