"""Plans that go round in circles, whatever the reflector thinks of them: told to the planner, then to the user, then the end."""

from trivet.journal.state import State
from trivet_sdk.plan import Step
from trivet_sdk.verdict import Ask, GiveUp, Replan, Verdict

PATIENCE = 5
"""Revisions of the plan that may do the same and come to the same. A reflector that looks for itself says so earlier."""


def circling(step: Step, state: State, *, can_ask: bool) -> Verdict | None:
    """What the host has to say to the end of this step; None while it is no circle.

    The user is asked once: an answer lets the counting begin anew, and an answered question is not asked again.
    """
    times = state.rounds.get(step.id, 0)
    if times < PATIENCE:
        return None
    what = f"{step.tool} was called {times} times alike, and came to the same each time"
    if times == PATIENCE:
        return Replan(f"The plan goes round in circles: {what}. Use what it says, do something else, or conclude.")
    if times == PATIENCE + 1 and can_ask:
        outcome = state.errors.get(step.id) or _brief(state.results[step.id].text)
        return Ask(
            f"The plan goes round in circles: {step.tool} comes to the same again and again ({outcome}). What now?"
        )
    return GiveUp(f"The plan goes round in circles: {what}.")


def _brief(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:200]}…"
