"""Going round in circles: the same call with the same outcome, in step after step."""

from trivet_sdk import Observed, Step, ToolResult, Transcript

LOOKED_BACK = 60
"""Steps."""


def times_seen(step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> int:
    """How many steps made this call and came to this, this one included; attempts of one step count once."""
    steps = {step.id}
    looked_at = 0
    for turn in reversed(transcript.turns):
        if not isinstance(turn, Observed):
            continue
        looked_at += 1
        if looked_at > LOOKED_BACK:
            break
        if (
            turn.step.tool == step.tool
            and turn.step.arguments == step.arguments
            and turn.error == error
            and turn.result == result
        ):
            steps.add(turn.step.id)
    return len(steps)
