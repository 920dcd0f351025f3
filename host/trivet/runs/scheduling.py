"""Which steps can run now, and which never will. Pure: asked again after every change."""

from collections.abc import Mapping
from typing import NamedTuple

from trivet_sdk.plan import Step
from trivet_sdk.transcript import StepState

LOST: frozenset[str] = frozenset({"failed", "unknown", "skipped", "cancelled"})


class Doomed(NamedTuple):
    step: Step
    because: str
    """Id of the step that it waited for in vain."""
    state: StepState


def ready(
    unfinished: Mapping[str, Step], states: Mapping[str, StepState], needs: Mapping[str, frozenset[str]]
) -> list[Step]:
    """Steps that wait for nothing any more and have not begun, in the plan's order."""
    return [
        step
        for id, step in unfinished.items()
        if states[id] in ("pending", "ready") and all(states.get(need) == "succeeded" for need in needs[id])
    ]


def doomed(
    unfinished: Mapping[str, Step], states: Mapping[str, StepState], needs: Mapping[str, frozenset[str]]
) -> list[Doomed]:
    """Steps that have not begun and never can, those that wait for them included, nearest to the cause first."""
    lost = {id: state for id, state in states.items() if state in LOST} if unfinished else {}
    found: list[Doomed] = []
    if not lost:
        return found
    waiting = {id: step for id, step in unfinished.items() if states[id] in ("pending", "ready")}
    while True:
        for id, step in waiting.items():
            cause = next((need for need in sorted(needs[id]) if need in lost), None)
            if cause is not None:
                found.append(Doomed(step, cause, lost[cause]))
                lost[id] = "skipped"
                del waiting[id]
                break
        else:
            return found
