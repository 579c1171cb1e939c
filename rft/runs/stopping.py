"""Does what the stop policy decides: stops the job, tells people, and goes on with a checkpoint where there is one."""

from rft import aws
from rft.engines.base import JobState, JobStatus
from rft.errors import TrainingStopped
from rft.monitoring.policy import Decision
from rft.runs import salvage
from rft.runs.advice import advice_of, is_news
from rft.runs.notify import stop_advised
from rft.runs.step import Run


def act(run: Run, state: JobState, decision: Decision) -> None:
    """Stop the job, or tell people once of each finding.

    Raises:
        TrainingStopped: when the job was stopped and the run ends with it.
    """
    if decision.action == "continue":
        return
    before = run.record.advice
    advice = advice_of(decision, before, run.engine.capabilities)
    run.set("advice", advice)
    if decision.enforced:
        run.engine.stop(state.arn)
        if not salvage.is_worth_it(advice, run.engine.capabilities):
            raise TrainingStopped(advice.explanation)
    if is_news(advice, before):
        message = stop_advised(run.record, advice)
        aws.publish(run.config.topic_arn, message.subject, message.body)


def stopped(run: Run, state: JobState) -> JobStatus:
    """The status of a job that is being stopped, or was, when its run goes on with a checkpoint.

    Raises:
        TrainingStopped: when the run ends with its job.
    """
    advice = run.record.advice
    why = advice.explanation if advice and advice.enforced else "the job was stopped"
    if not salvage.is_worth_it(advice, run.engine.capabilities):
        raise TrainingStopped(why)
    if state.is_over and not run.engine.checkpoints(state.arn):
        raise TrainingStopped(f"{why}; it had kept no checkpoint yet")
    return state.status
