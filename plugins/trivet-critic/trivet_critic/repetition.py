"""Going round in circles: the same call with the same outcome, in step after step."""

from trivet_sdk import Observed, Step, ToolResult, Transcript

LOOKED_BACK = 120
"""Turns; a step makes about four. With a bound, a step late in a run costs what an early one does."""


def times_seen(step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> int:
    """How many steps made this call and came to this, this one included; attempts of one step count once."""
    steps = {step.id}
    for turn in transcript.turns[-LOOKED_BACK:]:
        if (
            type(turn) is Observed  # the cheapest question first: this is asked of every turn, after every step
            and turn.step.tool == step.tool
            and turn.step.arguments == step.arguments
            and turn.error == error
            and turn.result == result
        ):
            steps.add(turn.step.id)
    return len(steps)
