"""Failures that the workflow knows by name.

The class name is what Lambda reports as `errorType` and what the state machine's Catch matches, so
renaming a class here is a change of the workflow. Messages are read by people: what, where, limit, fix.
"""


class RftError(Exception):
    """Base of every failure with a message meant for the run record; never retried."""


class BadUpload(RftError):
    """The uploaded object is not a `<use-case>/<dataset>/train.jsonl` of this use case."""


class DatasetRejected(RftError):
    """The dataset has findings that would waste or break a training job."""


class RewardRejected(RftError):
    """The reward function fails its own references or golden answers."""


class NotWorthTraining(RftError):
    """The base model earns too little (tune it with supervision first) or too much (nothing to learn)."""


class OverBudget(RftError):
    """The cost estimate is above the budget of the use case or environment."""


class ApprovalRejected(RftError):
    """A person refused the spending or the promotion, or agreed against the environment's rules."""


class ApprovalExpired(RftError):
    """Nobody answered in time, which means no; the state machine raises it."""


class SlotTimeout(RftError):
    """The training slot stayed taken for longer than the environment allows."""


class TrainingFailed(RftError):
    """Bedrock reports the customization job as Failed."""


class TrainingStopped(RftError):
    """The customization job was stopped, by a person or by the stop policy."""


class EvaluationFailed(RftError):
    """Too few prompts could be answered and scored to compare base and candidate."""


class DeploymentFailed(RftError):
    """Bedrock reports a custom model deployment as Failed, or it took too long."""


class SmokeTestFailed(RftError):
    """The promoted deployment does not answer, or answers worse than the use case allows."""


class BadTrace(RftError):
    """A trace of a training job cannot be read; the message names the line and the field."""


class RunNotFound(RftError):
    """No run with this id in this environment and use case."""


class SettingsError(RftError):
    """A settings file is wrong; the message names file, key and allowed values."""
