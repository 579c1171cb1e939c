"""Alarms on a running job, from what the watch loop reports of it (`rft/monitoring/watch_metrics.py`)."""

from typing import Final

from rft import names
from rft.monitoring import workflow_metrics
from stacks.constructs.alerts.alert import AT_LEAST, AT_MOST, Alert, Severity, own_metric, polled

SILENT_HOURS: Final = 3  # nobody documents how long a job prepares before its first rollout
LOST_SHARE: Final = 0.5  # of the recent level of the training reward
VALIDATION_DROP: Final = 0.1  # below the best validation reward
ZERO_SIGNAL_SHARE: Final = 0.8  # of prompts
COLLAPSED_NATS: Final = 0.05
BUDGET_SHARE: Final = 0.8


def training_alerts(
    use_case: names.UseCaseNames,
    *,
    watch_interval_seconds: int,
    max_reward_error_share: float,
    publishes_entropy: bool,
) -> tuple[Alert, ...]:
    """The alarms on a job that trains; they are quiet while none does."""
    where = f"--use-case {use_case.use_case} --env {use_case.environment}"
    report = f"rft runs report RUN {where} --open"
    stop = f"rft runs stop RUN {where}"
    log = f"aws logs tail {use_case.log_group('reward')} --since 3h"

    def alert(
        what: str,
        metric: str,
        threshold: float,
        *,
        do: str,
        why: str,
        severity: Severity = Severity.WARNING,
        lowest: bool = False,
    ) -> Alert:
        found = own_metric(
            use_case,
            metric,
            statistic="Minimum" if lowest else "Maximum",
            period=polled(watch_interval_seconds),
        )
        return Alert(
            scope=use_case.base,
            section=what,
            severity=severity,
            metric=found,
            threshold=threshold,
            do=do,
            why=why,
            compares=AT_MOST if lowest else AT_LEAST,
        )

    alerts = [
        alert(
            "training-stalled",
            workflow_metrics.SILENT_SECONDS,
            SILENT_HOURS * 3600,
            severity=Severity.CRITICAL,
            do=f"See whether the job still runs: rft runs show RUN {where}; and whether its rollouts arrive: {log}.",
            why=f"A run of {use_case.use_case} is in training and scored nothing for {SILENT_HOURS} hours.",
        ),
        alert(
            "reward-failing",
            workflow_metrics.REWARD_ERROR_SHARE,
            max_reward_error_share,
            severity=Severity.CRITICAL,
            do=f"Read which errors the reward meets: {log}. Unless the stop policy did, stop the job: {stop}.",
            why=f"The reward of {use_case.use_case} fails on {max_reward_error_share:.0%} or more of a step's answers "
            "(watch.max_reward_error_share); they earn the floor, which the job learns from.",
        ),
        alert(
            "reward-collapse",
            workflow_metrics.REWARD_DROP,
            LOST_SHARE,
            severity=Severity.CRITICAL,
            do=f"Look at the curve: {report}. If it does not recover, stop the job: {stop}.",
            why=f"The training reward of {use_case.use_case} has lost {LOST_SHARE:.0%} of its recent level.",
        ),
        alert(
            "validation-drop",
            workflow_metrics.VALIDATION_DROP,
            VALIDATION_DROP,
            do=f"Compare training and validation reward: {report}. If training still rises, suspect the reward: "
            f"rft reward audit {use_case.use_case}.",
            why=f"The validation reward of {use_case.use_case} lies {VALIDATION_DROP:g} below its best, beyond "
            "chance.",
        ),
        alert(
            "zero-signal",
            workflow_metrics.SIGNAL_LOST,
            ZERO_SIGNAL_SHARE,
            do=f"Look at the share of prompts that teach nothing: {report}; then plan partial credit or other prompts.",
            why=f"In training {use_case.use_case}, {ZERO_SIGNAL_SHARE:.0%} of the prompts earn the same always.",
        ),
        alert(
            "budget-burn",
            workflow_metrics.BUDGET_SHARE,
            BUDGET_SHARE,
            do=f"Decide whether to let it finish: rft runs show RUN {where}; to stop it: {stop}.",
            why=f"A job of {use_case.use_case} has used {BUDGET_SHARE:.0%} of the budget of a run.",
        ),
    ]
    if publishes_entropy:
        alerts.append(
            alert(
                "policy-entropy",
                workflow_metrics.POLICY_ENTROPY,
                COLLAPSED_NATS,
                lowest=True,
                do=f"Look whether validation still rises: {report}; if not, stop the job or take its last checkpoint.",
                why=f"The policy of {use_case.use_case} answers nearly always the same "
                f"(entropy at most {COLLAPSED_NATS:g} nats).",
            )
        )
    return tuple(alerts)
