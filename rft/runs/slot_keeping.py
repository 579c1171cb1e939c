"""Keeps a run's training slot while its job runs; a lost slot is noted, and never a reason to stop watching."""

from typing import Final

from rft.aws import ThrottlingException
from rft.runs.step import Run, logger

LOST: Final = "lost its training slot to another run while its job runs"
BACK: Final = "has a training slot again"


def keep_slot(run: Run) -> bool:
    """Renew the lease, or take a free slot when it was lost; note on the record what changed.

    Returns:
        Whether the run has a slot now; True also when others' writes kept it from asking, since a lease outlives
        a round.
    """
    noted = [note for note in run.record.notes if note in {LOST, BACK}]
    is_lost = noted[-1:] == [LOST]
    try:
        has_slot = run.slot.renew() or run.slot.retake()
    except ThrottlingException as busy:
        logger().warning("slot not renewed this round", run_id=run.id, reason=str(busy))
        return True
    if has_slot == is_lost:
        run.store.note(run.id, BACK if has_slot else LOST)
    return has_slot
