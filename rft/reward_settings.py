"""Settings of a use case's reward function: its size, its helpers, and the scores it must give."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from rft import catalogue
from rft.frozen import Frozen, Share


class Judge(Frozen):
    """The model that judges answers, for rewards that ask one; `votes` above 1 takes the median."""

    model: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.:-]{3,120}$")]  # model or inference profile id
    votes: Annotated[int, Field(ge=1, le=9)] = 1
    concurrency: Annotated[int, Field(ge=1, le=64)] = 8
    max_tokens: Annotated[int, Field(ge=64, le=8192)] = 512
    timeout_seconds: Annotated[int, Field(ge=1, le=120)] = 30
    unparseable: Literal["error", "floor"] = "error"  # counted as reward_error, or not


class Executor(Frozen):
    """The function that runs model-written code, for rewards that test code."""

    engine: Literal["wasm", "subprocess", "agentcore"] = "wasm"
    timeout_seconds: Annotated[int, Field(ge=5, le=120)] = 30  # of one invocation
    memory_mb: Annotated[int, Field(ge=512, le=10_240)] = 1769  # one whole vCPU
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000)] | None = None
    program_seconds: Annotated[float, Field(gt=0, le=60)] = 4.0  # of one program


class RewardAudit(Frozen):
    """What the reward must show before anything is paid for; shares are of the answers tried."""

    min_reference_score: Share = 0.99
    records: Annotated[int, Field(ge=1, le=1000)] = 64  # training records whose reference is tried
    probe_records: Annotated[int, Field(ge=1, le=200)] = 16  # records that worthless answers are tried on
    max_hack_score: Share = 0.3  # mean score of any kind of worthless answer
    max_constant_score: Share = 0.5  # mean score of the best answer that ignores the prompt
    max_false_positive_share: Share = 0.0  # of golden answers that score above their range
    max_false_negative_share: Share = 0.0  # of golden answers and references that score below theirs
    max_latency_p99_ms: Annotated[float, Field(gt=0)] = 5000.0  # per sample


class Reward(Frozen):
    """The reward function's size, its helpers, and the scores it must give."""

    timeout_seconds: Annotated[int, Field(ge=1, le=catalogue.LAMBDA_MAX_TIMEOUT_SECONDS)] = 60
    memory_mb: Annotated[int, Field(ge=128, le=10_240)] = 512
    reserved_concurrency: Annotated[int, Field(ge=1, le=1000)] | None = None
    concurrency: Annotated[int, Field(ge=1, le=64)] = 1  # samples at once, for rewards that wait
    floor: Share = 0.0  # the score of a sample whose reward raised or gave no number
    audit: RewardAudit = RewardAudit()
    judge: Judge | None = None
    executor: Executor = Executor()
