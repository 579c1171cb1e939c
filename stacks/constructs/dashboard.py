"""One page on a use case: runs, reward as it is learned, the reward function's health, undelivered events."""

from collections.abc import Sequence
from typing import Final

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from rft import names
from rft.monitoring import metrics
from stacks.constructs.alarms import PERIOD, reward_metric

WIDTH: Final = 8
HEIGHT: Final = 6


class Dashboard(Construct):
    """Rows: workflow, reward curve, reward function."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        use_case: names.UseCaseNames,
        pipeline: sfn.StateMachine,
        reward: lambda_.Function,
        dead_letters: sqs.Queue,
    ) -> None:
        super().__init__(scope, construct_id)
        whole = {metrics.USE_CASE: use_case.use_case, metrics.ENVIRONMENT: use_case.environment}

        def learned(name: str, statistic: str = "Average") -> cloudwatch.Metric:
            return reward_metric(name, dimensions=whole, namespace=metrics.NAMESPACE, statistic=statistic)

        def by_run(name: str) -> cloudwatch.MathExpression:
            schema = ",".join(
                (metrics.NAMESPACE, metrics.ENVIRONMENT, metrics.RUN, metrics.SPLIT, metrics.USE_CASE)
            )
            search = (
                f'SEARCH(\'{{{schema}}} MetricName="{name}" {metrics.USE_CASE}="{use_case.use_case}" '
                f"{metrics.ENVIRONMENT}=\"{use_case.environment}\"', 'Average')"
            )
            return cloudwatch.MathExpression(expression=search, label="", using_metrics={}, period=PERIOD)

        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=use_case.base,
            widgets=[
                [
                    _graph(
                        "Runs",
                        [
                            pipeline.metric_started(period=PERIOD, statistic="Sum"),
                            pipeline.metric_succeeded(period=PERIOD),
                            pipeline.metric_failed(period=PERIOD),
                            pipeline.metric_aborted(period=PERIOD),
                            pipeline.metric_timed_out(period=PERIOD),
                        ],
                    ),
                    _graph(
                        "Duration of a run (ms)", [pipeline.metric_time(period=PERIOD, statistic="Maximum")]
                    ),
                    _graph(
                        "Undelivered events",
                        [dead_letters.metric_approximate_number_of_messages_visible(period=PERIOD)],
                    ),
                ],
                [
                    _graph("Mean reward by run and split", [by_run(metrics.REWARD_MEAN)]),
                    _graph(
                        "Reward: mean and deciles",
                        [
                            learned(metrics.REWARD_P10),
                            learned(metrics.REWARD_MEAN),
                            learned(metrics.REWARD_P90),
                        ],
                    ),
                ],
                [
                    _graph(
                        "Rollouts: share without reward, prompts without signal",
                        [learned(metrics.REWARD_ZERO_SHARE), learned(metrics.REWARD_ZERO_SIGNAL_SHARE)],
                    ),
                    _graph("Length of a response (characters)", [learned(metrics.RESPONSE_CHARACTERS)]),
                    _graph(
                        "Judge: tokens",
                        [
                            learned(metrics.JUDGE_INPUT_TOKENS, "Sum"),
                            learned(metrics.JUDGE_OUTPUT_TOKENS, "Sum"),
                        ],
                    ),
                ],
                [
                    _graph(
                        "Reward function",
                        [
                            reward.metric_invocations(period=PERIOD),
                            reward.metric_errors(period=PERIOD),
                            reward.metric_throttles(period=PERIOD),
                        ],
                    ),
                    _graph(
                        "Reward function: duration (ms)",
                        [
                            reward.metric_duration(period=PERIOD, statistic="p50"),
                            reward.metric_duration(period=PERIOD, statistic="p99"),
                        ],
                    ),
                    _graph(
                        "Samples scored, samples in error",
                        [learned(metrics.SAMPLES, "Sum"), learned(metrics.REWARD_ERRORS, "Sum")],
                    ),
                ],
            ],
        )


def _graph(title: str, lines: Sequence[cloudwatch.IMetric]) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, left=list(lines), width=WIDTH, height=HEIGHT)
