"""From results to the answer: which results to show, and whether they are an answer at all."""

from collections.abc import Sequence

import msgspec

from trivet_sdk import Step, Transcript

ENOUGH = 0.5
"""Share of the goal's speaking words that a found passage must hold to count as an answer."""


class Answer(msgspec.Struct, frozen=True):
    text: str
    """With references, `{{s1}}`."""


class NoAnswer(msgspec.Struct, frozen=True):
    reason: str


def compose(transcript: Transcript, steps: Sequence[Step], enough: float = ENOUGH) -> Answer | NoAnswer:
    """Show every result that no other step has used up, and results that were only written to a file."""
    failed = [step for step in steps if transcript.states.get(step.id) != "succeeded"]
    if failed:
        reason = next(
            (transcript.errors[step.id] for step in failed if step.id in transcript.errors), "a step did not succeed"
        )
        return NoAnswer(reason)
    writers = {step.id for step in steps if transcript.results[step.id].artifacts}
    used = {need for step in steps if step.id not in writers for need in step.depends_on}
    shown = [step for step in steps if step.id not in used]
    for step in shown:
        value = transcript.results[step.id].value
        if isinstance(value, dict) and isinstance(value.get("matches"), list):
            best = max((match.get("coverage", 1.0) for match in value["matches"]), default=0.0)
            if best < enough:
                return NoAnswer("No passage in the workspace answers this.")
        if isinstance(value, dict) and value.get("row_count") == 0 and step.id not in writers and not is_count(step):
            return NoAnswer(f"Nothing matched: {transcript.results[step.id].text}")
    return Answer("\n".join("{{" + step.id + "}}" for step in shown))


def is_count(step: Step) -> bool:
    return step.arguments.get("function") == "count" and not step.arguments.get("group_by")
