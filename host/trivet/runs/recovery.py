"""What to do with the steps that a run's last host left in the midst of their work. Pure."""

from enum import Enum

from trivet.journal.fold import Fold
from trivet_sdk.plan import Step


class Remedy(Enum):
    AGAIN = "again"
    """Never called, or harmless to repeat: under the same key."""
    RECONCILE = "reconcile"
    """It may have happened: ask the tool, else the user."""


def interrupted(fold: Fold) -> list[tuple[Step, Remedy]]:
    """Steps that began and did not end, each with its remedy."""
    found: list[tuple[Step, Remedy]] = []
    for id, step in fold.unfinished.items():
        if fold.states[id] != "running":
            continue
        intent = fold.intents.get(id)
        is_at_work = intent is not None and not intent.has_ended
        is_lost = is_at_work and intent is not None and intent.effect == "effectful"
        found.append((step, Remedy.RECONCILE if is_lost else Remedy.AGAIN))
    return found
