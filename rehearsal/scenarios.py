"""What a rehearsal can be made to go through, and how each scenario must end."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rehearsal import people, rewards
from rehearsal.changes import (
    REDEPLOYED,
    asking,
    break_line,
    enforcing,
    poor,
    redeploy_reward_once,
    strict,
    tight,
    workflow,
)
from rehearsal.drills import crash_after_launch, duplicate_upload, quota_full
from rehearsal.scenario import Scenario
from rft.runs.record import Status

DEFAULT: Final = "success"
SALVAGED: Final = "goes on as the job was stopped"
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
                engines=("nova",),
            ),
            Scenario(
                "lost-completion-event",
                "The event that says the job ended never comes, as always with mantle; the watch loop notices.",
                Status.SUCCEEDED,
                {"lose_end_event": {}},
            ),
            Scenario(
                "duplicate-event",
                "The event that says the job ended comes twice; it counts once.",
                Status.SUCCEEDED,
                {"duplicate_end_event": {}},
                engines=("nova",),
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
                "overfit",
                "Late in training the model gets worse on prompts it never saw; an earlier checkpoint is chosen.",
                Status.SUCCEEDED,
                {"overfit": {}},
                echoes=frozenset({"validation-drop"}),
                words=("goes on instead of the last", "worse by more than that error"),
                engines=("mantle",),
            ),
            Scenario(
                "deployment-failed",
                "The candidate's deployment fails; the run says so and removes it.",
                Status.FAILED,
                {"fail_deployment": {"count": 1}},
                words=("DeploymentFailed",),
                engines=("nova",),
            ),
            Scenario(
                "too-hard",
                "The base model never gets a result right; the probe says so before anything is paid for.",
                Status.FAILED,
                {"base_model": {"skill": -9}},
                words=("NotWorthTraining", '"verdict": "too-hard"', "supervision"),
                job=False,
            ),
            Scenario(
                "too-easy",
                "The base model gets every result right; there is nothing left to learn.",
                Status.FAILED,
                {"base_model": {"strategy": "ideal"}},
                settings=strict,
                words=("NotWorthTraining", '"verdict": "too-easy"'),
                job=False,
            ),
            Scenario(
                "flat-reward",
                "All answers to a prompt earn the same; there is no advantage to learn from.",
                Status.FAILED,
                {"ignore_temperature": {}},
                words=("NotWorthTraining", '"verdict": "flat"'),
                job=False,
            ),
            Scenario(
                "noisy-reward",
                "The reward scores one answer differently each time, which known answers do not show.",
                Status.FAILED,
                reward=rewards.NOISY,
                words=("NotWorthTraining", '"verdict": "noisy"'),
                job=False,
            ),
            Scenario(
                "over-budget",
                "The forecast is above the budget; nothing is trained.",
                Status.FAILED,
                settings=poor,
                words=("OverBudget", "budget_usd_per_run"),
                job=False,
            ),
            Scenario(
                "quota-full",
                "Three runs share two training slots; two train at a time, and all end.",
                Status.SUCCEEDED,
                settings=workflow(training_slots=2),
                drill=quota_full,
                engines=("nova",),
            ),
            Scenario(
                "crash-after-launch",
                "The execution dies right after the launch; the restart adopts the job.",
                Status.SUCCEEDED,
                drill=crash_after_launch,
                alarms=frozenset({"workflow-aborted"}),
                words=("adopted job",),
                engines=("nova",),
            ),
            Scenario(
                "duplicate-upload",
                "One dataset is uploaded twenty times at once; exactly one job trains.",
                Status.SUCCEEDED,
                drill=duplicate_upload,
                engines=("nova",),
            ),
            Scenario(
                "reward-redeployed-midway",
                "A reward that pays nothing is deployed while the job runs; the run keeps the version it began with.",
                Status.SUCCEEDED,
                during=redeploy_reward_once,
                words=(REDEPLOYED,),
            ),
            Scenario(
                "reward-breaks-midway",
                "From a step on the reward function fails on every answer; the watch stops the job.",
                Status.FAILED,
                {"break_samples": {"step": 15}, "slow_job": {"seconds_per_step": 40}},
                settings=workflow(watch_interval_seconds=60),
                alarms=frozenset({"reward-failing"}),
                echoes=frozenset({"reward-collapse", "validation-drop", "zero-signal"}),
                words=("TrainingStopped", "broken_reward", "failed on"),
            ),
            Scenario(
                "budget-during-training",
                "The job makes four times the rollouts it was told to; the watch stops it above the budget.",
                Status.FAILED,
                {"more_rollouts": {"factor": 4}, "slow_job": {"seconds_per_step": 40}},
                settings=tight,
                alarms=frozenset({"budget-burn"}),
                echoes=frozenset({"zero-signal"}),
                words=("TrainingStopped", "more than the budget"),
            ),
            Scenario(
                "stalled",
                "The job stands still; people are told, and one stops it; a checkpoint goes on.",
                Status.FAILED,
                {"stall": {"step": 12}, "slow_job": {"seconds_per_step": 40}},
                settings=workflow(watch_interval_seconds=60),
                during=people.stop_when_woken,
                alarms=frozenset({"training-stalled"}),
                wait_scale=0.001,  # three silent hours take 11 s
                words=("TrainingStopped", "stalled"),
                on_mantle={"outcome": Status.SUCCEEDED, "words": ("stalled", SALVAGED)},
            ),
            Scenario(
                "reward-hacking",
                "More and more answers win on training prompts only; the job is stopped; a checkpoint goes on.",
                Status.FAILED,
                {"shortcut": {"step": 25, "share_per_step": 0.05}, "slow_job": {"seconds_per_step": 40}},
                settings=enforcing("reward_hacking", "train_validation_gap", "length_hacking"),
                echoes=frozenset({"validation-drop", "zero-signal"}),  # the stop policy is faster
                words=("TrainingStopped", "length_hacking", "validation"),
                on_mantle={
                    "outcome": Status.SUCCEEDED,
                    "during": people.stop_as_advised,
                    "words": ("length_spike", SALVAGED),
                },
            ),
            Scenario(
                "entropy-collapse",
                "The policy collapses onto one kind of answer; the job is stopped; a checkpoint goes on.",
                Status.FAILED,
                {
                    "entropy_collapse": {"step": 25},
                    "slow_job": {"seconds_per_step": 40},
                },
                settings=enforcing("entropy_collapse", "diversity_collapse", "reward_fall"),
                alarms=frozenset({"reward-collapse"}),
                echoes=frozenset({"policy-entropy", "validation-drop", "zero-signal"}),
                words=("TrainingStopped", "diversity_collapse"),
                on_mantle={"outcome": Status.SUCCEEDED, "words": ("entropy_collapse", SALVAGED)},
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
