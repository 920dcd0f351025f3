"""A step that has ended, judged at once: from its outcome and those before it."""

from trivet_critic.repetition import times_seen
from trivet_sdk import Accept, GiveUp, Observed, Replan, Retry, Step, ToolResult, Transcript, Verdict

FAILED_ALIKE = 3
"""Steps that fail with the same call and the same sentence, after which nothing else will come of it."""
FURTHER = 2
"""Repetitions beyond the allowed ones, for the planner to take the hint."""


def inspected(step: Step, result: ToolResult | None, error: str, transcript: Transcript, repeats: int = 3) -> Verdict:
    """Accept, Retry, Replan or GiveUp. `repeats`: how often the same call may bring the same result."""
    seen = times_seen(step, result, error, transcript)
    if result is None:
        return _failed(step, error, transcript, seen)
    if seen >= repeats + FURTHER:
        return GiveUp(f"The plan goes round in circles: {seen} steps called {step.tool} alike, with the same result.")
    if seen >= repeats:
        return Replan(
            f"{seen} steps called {step.tool} with the same arguments and got the same result. "
            "Use what it says, or try another way."
        )
    return Accept("it found nothing" if is_empty(result) else "")


def is_empty(result: ToolResult) -> bool:
    """No rows, no matches, no text. A file that was written is something."""
    if result.artifacts:
        return False
    value = result.value
    if isinstance(value, dict) and "row_count" in value:
        return bool(value["row_count"] == 0)
    return value is None or value in ("", [], {}) or (isinstance(value, str) and not value.strip())


def _failed(step: Step, error: str, transcript: Transcript, seen: int) -> Verdict:
    observed = next(
        (turn for turn in reversed(transcript.turns) if isinstance(turn, Observed) and turn.step.id == step.id), None
    )
    if observed is not None and observed.is_transient and _has_retries(step, transcript):
        return Retry(step.id, error)
    if seen >= FAILED_ALIKE:
        return GiveUp(error)
    if seen > 1:
        return Replan(
            f"{step.id} failed as the same call did before: {error} Do something else, or say what is missing."
        )
    if observed is not None and observed.is_bug:
        return Replan(f"{step.id}: the tool {step.tool} is broken ({error}); do without it.")
    return Replan(f"{step.id} failed: {error}")


def _has_retries(step: Step, transcript: Transcript) -> bool:
    return transcript.attempts.get(step.id, 1) <= transcript.budget.max_retries
