"""What every workflow function does around its own work: read its configuration and the run record, put the
step on the timeline, log without data, and give AWS's errors names that the state machine can match."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from aws_lambda_powertools import Logger

from rft.aws import named_errors
from rft.engines import TrainingEngine, engine_for
from rft.monitoring import workflow_metrics
from rft.names import RunKeys, run_token
from rft.planning.prices import PriceList, price_list
from rft.runs.config import FunctionConfig
from rft.runs.ledger import Ledger
from rft.runs.record import RunRecord
from rft.runs.slots import TrainingSlots
from rft.runs.store import RunStore
from rft.settings import UseCaseSettings

Event = dict[str, Any]
Handler = Callable[[Event, object], dict[str, Any]]


@cache
def logger() -> Logger:
    """The process's logger; its service name comes from POWERTOOLS_SERVICE_NAME."""
    return Logger()


@dataclass(frozen=True, slots=True)
class Run:
    """A run as one step sees it; `record` is as it was when the step began."""

    config: FunctionConfig
    store: RunStore
    record: RunRecord

    @property
    def id(self) -> str:
        return self.record.run_id

    @property
    def settings(self) -> UseCaseSettings:
        return self.record.settings.use_case

    @property
    def keys(self) -> RunKeys:
        return self.config.keys(self.record.run_id)

    @property
    def bucket(self) -> str:
        return self.config.artifacts_bucket

    @property
    def slot(self) -> TrainingSlots:
        return TrainingSlots(
            self.config.runs_table,
            self.config.slot_key,
            f"{self.config.use_case}/{self.id}",
            self.record.execution_arn,
            self.record.settings.workflow,
        )

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.config.runs_table, self.config.environment, self.config.use_case)

    @property
    def prices(self) -> PriceList:
        """The table's prices in this region with the environment's own over them."""
        judge = self.settings.reward.judge
        return price_list(
            self.config.region,
            self.settings.base_model,
            self.record.settings.prices,
            judge=judge.model if judge else None,
            architecture=self.record.settings.lambda_architecture,
        )

    def set(self, path: str | tuple[str, ...], value: Any) -> None:
        self.store.set(self.id, path, value)

    def emit(self, values: Mapping[str, float | None]) -> None:
        """Report metrics of the use case; names are those of `rft.monitoring.workflow_metrics`."""
        workflow_metrics.emit(values, use_case=self.config.use_case, environment=self.config.environment)

    @property
    def engine(self) -> TrainingEngine:
        return engine_for(self.settings.model)

    @property
    def tags(self) -> dict[str, str]:
        """Tags of everything that the run makes on Bedrock."""
        return {
            "rft:environment": self.config.environment,
            "rft:use-case": self.config.use_case,
            "rft:run": self.id,
        }

    @property
    def base_model_arn(self) -> str:
        """ARN of the base model, in the partition and region of the reward function."""
        _, partition, _, region, *_ = self.config.reward_function_arn.split(":")
        return f"arn:{partition}:bedrock:{region}::foundation-model/{self.settings.base_model}"

    @property
    def job_name(self) -> str:
        return self.config.names.job(self.id, self.record.attempt)

    @property
    def candidate_name(self) -> str:
        return self.config.names.candidate_deployment(self.id, self.record.attempt)

    def token(self) -> str:
        """Idempotency token of this attempt."""
        return run_token(self.id, self.record.attempt)


def load(run_id: str, config: FunctionConfig | None = None) -> Run:
    """Read a run.

    Raises:
        RunNotFound, SettingsError.
    """
    config = config or FunctionConfig.read()
    store = RunStore(config.runs_table, config.use_case)
    return Run(config, store, store.get(run_id))


def workflow_step(
    state: str | Mapping[str, str] | None, by: str = "phase"
) -> Callable[[Callable[[Run, Event], Mapping[str, Any]]], Handler]:
    """Make a Lambda handler of a function of a run and the event.

    Args:
        state: the step's name on the timeline, or one by the event's member `by`; None leaves it alone.
    """

    def decorate(work: Callable[[Run, Event], Mapping[str, Any]]) -> Handler:
        @wraps(work)
        def handler(event: Event, context: object) -> dict[str, Any]:
            with named_errors():
                run = load(event["run_id"])
                step = state[event[by]] if isinstance(state, Mapping) else state
                logger().info("step begins", run_id=run.id, step=step, attempt=run.record.attempt)
                if step:
                    run.store.enter(run.id, step)
                answer = dict(work(run, event))
                logger().info("step ends", run_id=run.id, step=step)
                return answer

        return handler

    return decorate
