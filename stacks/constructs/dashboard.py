"""One page on a use case, in the order in which a run is read: what it learns, what it costs, what it serves."""

from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from rft import names
from rft.monitoring import metrics
from rft.monitoring import workflow_metrics as workflow
from stacks.constructs.alarms import Alarms
from stacks.constructs.alerts.alert import PERIOD
from stacks.constructs.alerts.training import BUDGET_SHARE
from stacks.constructs.dashboard_graphs import BLUE, GREEN, HEIGHT, ORANGE, PURPLE, WIDTH, Graphs, graph, line


class Dashboard(Construct):
    """Rows: alarms, reward, signal, reward function, workflow and queue, cost, inference."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        use_case: names.UseCaseNames,
        pipeline: sfn.StateMachine,
        reward: lambda_.Function,
        dead_letters: sqs.Queue,
        alarms: Alarms,
    ) -> None:
        super().__init__(scope, construct_id)
        self._graphs = Graphs(use_case)
        cloudwatch.Dashboard(
            self,
            "Dashboard",
            dashboard_name=use_case.base,
            default_interval=None,
            widgets=[
                _head(use_case, alarms),
                self._learning(),
                self._signal(),
                _reward_function(reward),
                self._workflow(pipeline, dead_letters),
                self._cost(),
                _inference(),
            ],
        )

    def _learning(self) -> Sequence[cloudwatch.IWidget]:
        found = self._graphs
        return [
            graph(
                "Reward in training, by run",
                [found.by_run(metrics.REWARD_MEAN, names.TRAIN)],
                "mean reward",
                1,
            ),
            graph(
                "Reward in validation, by run",
                [found.by_run(metrics.REWARD_MEAN, names.VALIDATION)],
                "mean reward",
                1,
            ),
            graph(
                "Reward lost: training against its recent level, validation against its best",
                [
                    found.own(workflow.REWARD_DROP, "training, share lost", BLUE),
                    found.own(workflow.VALIDATION_DROP, "validation, reward lost", ORANGE),
                ],
                "share or reward lost",
                1,
            ),
        ]

    def _signal(self) -> Sequence[cloudwatch.IWidget]:
        found = self._graphs
        return [
            graph(
                "Prompts without signal (all answers earn the same), answers without a score",
                [
                    found.own(workflow.ZERO_SIGNAL_SHARE, "in training", BLUE),
                    found.own(
                        metrics.REWARD_ZERO_SHARE, "answers that earn nothing, all phases", ORANGE, "Average"
                    ),
                    found.own(workflow.REWARD_ERROR_SHARE, "answers that the reward fails on", PURPLE),
                ],
                "share",
                1,
            ),
            graph(
                "Episode length, by run",
                [found.by_run(metrics.RESPONSE_CHARACTERS, names.TRAIN)],
                "characters an answer",
            ),
            graph(
                "Policy entropy (engines that publish it)",
                [found.own(workflow.POLICY_ENTROPY, "entropy", BLUE)],
                "nats",
            ),
        ]

    def _workflow(self, pipeline: sfn.StateMachine, dead_letters: sqs.Queue) -> Sequence[cloudwatch.IWidget]:
        found = self._graphs
        return [
            graph(
                "Runs: begun and ended",
                [
                    line(pipeline.metric_started(period=PERIOD, statistic="Sum"), "begun", BLUE),
                    line(pipeline.metric_succeeded(period=PERIOD), "succeeded", GREEN),
                    line(pipeline.metric_failed(period=PERIOD), "failed", ORANGE),
                    line(pipeline.metric_timed_out(period=PERIOD), "timed out"),
                    line(pipeline.metric_aborted(period=PERIOD), "aborted"),
                ],
                "runs in 5 minutes",
            ),
            graph(
                "Waiting: for a training slot, for rollouts",
                [
                    found.own(workflow.SLOT_WAIT_SECONDS, "for a training slot", BLUE),
                    found.own(workflow.SILENT_SECONDS, "in training without a rollout", ORANGE),
                ],
                "seconds",
            ),
            graph(
                "Waiting: questions to people, undelivered events",
                [
                    found.own(workflow.OPEN_APPROVALS, "open questions", BLUE),
                    line(
                        dead_letters.metric_approximate_number_of_messages_visible(
                            period=PERIOD, statistic="Maximum"
                        ),
                        "undelivered events",
                        ORANGE,
                    ),
                ],
                "count",
            ),
        ]

    def _cost(self) -> Sequence[cloudwatch.IWidget]:
        found = self._graphs
        return [
            graph(
                "Cost of the running job",
                [found.own(workflow.SPENT_USD, "spent on training", BLUE)],
                "USD (estimate)",
            ),
            graph(
                "Budget of a run: share spent",
                [found.own(workflow.BUDGET_SHARE, "of the budget", BLUE)],
                "share",
                annotations=[
                    cloudwatch.HorizontalAnnotation(value=BUDGET_SHARE, label="alarm", color=ORANGE)
                ],
            ),
            graph(
                "Judge: tokens",
                [
                    found.own(metrics.JUDGE_INPUT_TOKENS, "in", BLUE, "Sum"),
                    found.own(metrics.JUDGE_OUTPUT_TOKENS, "out", ORANGE, "Sum"),
                ],
                "tokens in 5 minutes",
            ),
        ]


def _head(use_case: names.UseCaseNames, alarms: Alarms) -> Sequence[cloudwatch.IWidget]:
    where = f"--use-case {use_case.use_case} --env {use_case.environment}"
    return [
        cloudwatch.TextWidget(
            width=WIDTH,
            height=HEIGHT,
            markdown=f"# {use_case.use_case} in {use_case.environment}\n"
            f"Runs: `rft runs list {where}`\n\nOne run: `rft runs show RUN {where}`\n\n"
            f"Its curves and answers: `rft runs report RUN {where} --open`\n\n"
            f"Log of the reward: `aws logs tail {use_case.log_group('reward')} --since 1h`\n\n"
            "What each alarm wants done: docs/RUNBOOK.md, the section of the alarm's name.",
        ),
        cloudwatch.AlarmStatusWidget(
            title="Alarms: critical, warning, and each of them",
            width=2 * WIDTH,
            height=HEIGHT,
            alarms=[*alarms.summaries, *(alarm for found in alarms.by_severity.values() for alarm in found)],
        ),
    ]


def _reward_function(reward: lambda_.Function) -> Sequence[cloudwatch.IWidget]:
    return [
        graph(
            "Reward function: errors and throttles",
            [
                line(reward.metric_errors(period=PERIOD), "errors", ORANGE),
                line(reward.metric_throttles(period=PERIOD), "throttles", BLUE),
            ],
            "calls in 5 minutes",
        ),
        graph(
            "Reward function: calls",
            [line(reward.metric_invocations(period=PERIOD), "calls", BLUE)],
            "calls in 5 minutes",
        ),
        graph(
            "Reward function: duration",
            [
                line(reward.metric_duration(period=PERIOD, statistic="p50"), "median", BLUE),
                line(reward.metric_duration(period=PERIOD, statistic="p99"), "99th percentile", ORANGE),
            ],
            "milliseconds a call",
        ),
    ]


def _inference() -> Sequence[cloudwatch.IWidget]:
    """Of all custom model deployments of the account: no template knows the ARN of this use case's own."""

    def of_deployments(metric: str, statistic: str) -> cloudwatch.MathExpression:
        return cloudwatch.MathExpression(
            expression=f"SEARCH('{{AWS/Bedrock,ModelId}} MetricName=\"{metric}\" custom-model-deployment', "
            f"'{statistic}')",
            using_metrics={},
            label="",
            period=PERIOD,
        )

    return [
        graph(
            "Inference, custom deployments: requests", [of_deployments("Invocations", "Sum")], "in 5 minutes"
        ),
        graph(
            "Inference, custom deployments: errors and throttles",
            [of_deployments("InvocationServerErrors", "Sum"), of_deployments("InvocationThrottles", "Sum")],
            "in 5 minutes",
        ),
        graph(
            "Inference, custom deployments: latency, 95th percentile",
            [of_deployments("InvocationLatency", "p95")],
            "milliseconds",
        ),
    ]
