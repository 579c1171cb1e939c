"""A run record with everything in it, for tests of what people see."""

from typing import Any

from rft.evaluation.batch import Outcome
from rft.monitoring.trace import Point
from rft.runs.answers import Pair, Shown, show
from rft.runs.cost_parts import Estimate, EstimateLine
from rft.runs.record import (
    DatasetObject,
    Evaluation,
    GateVerdict,
    Job,
    Moment,
    PreparedFile,
    RewardVersion,
    RunRecord,
    Status,
)
from rft.settings import Hyperparameters, RunSettings, UseCaseSettings

SETTINGS = RunSettings(
    use_case=UseCaseSettings(
        name="gsm8k",
        description="Grade-school mathematics",
        base_model="amazon.nova-2-lite-v1:0:256k",
        hyperparameters=Hyperparameters(epochCount=6),
    ),
    budget_usd_per_run=50,
)
STATES = ("RegisterRun", "ValidateDataset", "LaunchTraining", "Gate", "RecordRun")
JOB = Job(name="j", arn="arn:job", launched_at="2026-01-01T00:00:00.000Z")
POINTS = [
    Point(
        step=n,
        train_reward=min(0.93, 0.4 + n / 80 + 0.03 * (n % 3)),
        validation_reward=0.45 + n / 90 if n % 8 == 0 else None,
        episode_length=620 - 4 * n,
        zero_signal_share=0.3 + n / 100,
        reward_error_rate=0.0,
        components={"correct": min(1.0, 0.35 + n / 70), "format": 0.8 + n / 300},
        seconds=60.0 * n,
        inferred=True,
    )
    for n in range(1, 41)
]


def answer(index: int, target: str, reward: float | None, **changes: Any) -> Outcome:
    """One model's answer to a held-out prompt."""
    text = f"{target} answers {index}"
    return Outcome(index, f"h{index}", target, 0, reward, response=text, output_tokens=40, **changes)


def shown(why: str = "Improved most", base: float = 0.0, candidate: float = 1.0) -> Shown:
    """A prompt with the answers of both models."""
    messages = [{"role": "user", "content": "What is <2> + 2?"}]
    pair = Pair(answer(3, "base", base), answer(3, "candidate", candidate))
    return show(why, pair, {"messages": messages, "reference_answer": {"answer": "4"}})


def record(**changes: Any) -> RunRecord:
    """A run that succeeded, with some fields changed."""
    base = RunRecord(
        run_id="3fa9b1c07d2e4410",
        fingerprint="3fa9b1c07d2e4410" * 4,
        use_case="gsm8k",
        environment="local",
        status=Status.SUCCEEDED,
        state="RecordRun",
        execution_arn="arn:aws:states:us-east-1:111111111111:execution:pipeline:1",
        dataset={
            "train": DatasetObject(
                bucket="data", key="gsm8k/x/train.jsonl", version_id="v1", sha256="ab" * 32, size_bytes=9
            )
        },
        settings=SETTINGS,
        reward=RewardVersion(
            function_arn="arn:aws:lambda:us-east-1:111111111111:function:r:1", code_sha256="cd" * 32
        ),
        prepared={"train": PreparedFile(key="k", sha256="s", records=192)},
        estimate=Estimate(
            total_usd=31.2,
            rollouts=9216,
            budget_usd=50,
            lines=[
                EstimateLine(
                    what="training", quantity=3.12, unit="million tokens", usd=31.2, assumption="guess"
                )
            ],
        ),
        evaluations={
            "test": Evaluation(
                phase="test",
                prompts=80,
                samples=160,
                failed=0,
                mean_by_target={"base": 0.412, "candidate": 0.833},
                zero_share_by_target={"base": 0.3, "candidate": 0.05},
                mean_by_slice={"hard": {"base": 0.2, "candidate": 0.1}},
                mean_by_component={"base": {"format": 0.7}, "candidate": {"format": 0.9}},
            )
        },
        gate=GateVerdict(
            decision="promote",
            reasons=["higher by 0.421"],
            difference=0.421,
            lower=0.31,
            upper=0.52,
            confidence=0.95,
            prompts=80,
        ),
        timeline=[Moment(state=s, at=f"2026-01-01T00:00:{n:02d}.000Z") for n, s in enumerate(STATES)],
        created_at="2026-01-01T00:00:00.000Z",
        updated_at="2026-01-01T00:00:05.000Z",
    )
    return base.model_copy(update=changes)
