"""The stop policy of a running job: named detectors over its points, and one pure decision."""

from rft.monitoring.policy.decide import decide, replay
from rft.monitoring.policy.model import Decision, Limits, Reason

__all__ = ["Decision", "Limits", "Reason", "decide", "replay"]
