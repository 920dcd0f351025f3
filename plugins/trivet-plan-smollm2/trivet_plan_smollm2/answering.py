"""From results to the answer: which results to show, and whether they are an answer at all."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.notes import NOTE, TOLD
from trivet_plan_smollm2.passages import is_reckoned, is_text, objection
from trivet_plan_smollm2.requests.brevity import matter
from trivet_plan_smollm2.words.spans import read_goal
from trivet_sdk import Step, Transcript
from trivet_sdk.plan import refs_in

ENOUGH = 0.5
"""Share of the goal's speaking words that a found passage must hold to count as an answer …"""
SOME = 0.2
_FILES = re.compile(r"\b(?:files?|documents?|folder|directory)\b|文件|\*|\.\w{2,5}\b", re.IGNORECASE)
"""Who asks for files may hear that there are none."""
SIMILAR = 0.58
SIMILAR_HERE = 0.45
"""… or, with at least `SOME` of them, its similarity to the goal; less will do in the one file that the goal names."""
HELD, SENTENCE = 0.3, 0.45
"""… or, in prose, this share of them and the similarity of its nearest sentence, where no figure of many things is asked for."""


class Answer(msgspec.Struct, frozen=True):
    text: str
    """With references, `{{s1}}`."""


class NoAnswer(msgspec.Struct, frozen=True):
    reason: str


def best_passages(transcript: Transcript, steps: Sequence[Step]) -> list[str]:
    """The text of the best match of every search among the results."""
    values = [transcript.results[step.id].value for step in steps if step.id in transcript.results]
    matches = [
        value["matches"] for value in values if isinstance(value, dict) and isinstance(value.get("matches"), list)
    ]
    return [str(found[0].get("text", "")) for found in matches if found]


def compose(
    transcript: Transcript,
    steps: Sequence[Step],
    similarity: float = 0.0,
    enough: float = ENOUGH,
    sentence: float = 0.0,
) -> Answer | NoAnswer:
    """Show every result that no other step has used up, and results that were only written to a file."""
    failed = [step for step in steps if transcript.states.get(step.id) != "succeeded"]
    if failed:
        reason = next(
            (transcript.errors[step.id] for step in failed if step.id in transcript.errors), "a step did not succeed"
        )
        return NoAnswer(reason)
    writers = {step.id for step in steps if transcript.results[step.id].artifacts}
    is_told = TOLD in (transcript.plan.note if transcript.plan else "")
    used = {
        need for step in steps if step.id not in writers for need in (_referred(step) if is_told else step.depends_on)
    }
    shown = [step for step in steps if step.id not in used]
    for step in steps:
        value = transcript.results[step.id].value
        if step.id in used and step.arguments.get("where") and isinstance(value, dict) and value.get("row_count") == 0:
            return NoAnswer(f"Nothing matched: {transcript.results[step.id].text}")
    for step in shown:
        value = transcript.results[step.id].value
        if not is_told and isinstance(value, dict) and isinstance(value.get("matches"), list):
            best = max((match.get("coverage", 1.0) for match in value["matches"]), default=0.0)
            near = SIMILAR_HERE if "path" in step.arguments else SIMILAR
            if value["matches"] and (reason := objection(read_goal(matter(transcript.goal.text)), value["matches"][0])):
                return NoAnswer(reason)
            is_said = best >= HELD and sentence >= SENTENCE and not is_reckoned(transcript.goal.text)
            is_said &= bool(value["matches"]) and is_text(str(value["matches"][0].get("path", "")))
            if best < enough and not (best >= SOME and similarity >= near) and not is_said:
                return NoAnswer("No passage in the workspace answers this.")
        is_nothing = isinstance(value, dict) and (
            value.get("row_count") == 0 or ("value" in value and value["value"] is None)
        )
        if isinstance(value, dict) and value.get("files") == [] and not _FILES.search(transcript.goal.text):
            return NoAnswer(f"Nothing matched: {transcript.results[step.id].text}")
        is_known = is_count(step) and all_known(value) and NOTE not in (transcript.plan.note if transcript.plan else "")
        if is_nothing and step.id not in writers and not is_known:
            return NoAnswer(f"Nothing matched: {transcript.results[step.id].text}")
    if not any(any(char.isalnum() for char in transcript.results[step.id].text) for step in shown):
        return NoAnswer("The steps brought nothing to show.")
    return Answer("\n".join("{{" + step.id + "}}" for step in shown))


def _referred(step: Step) -> set[str]:
    return {ref.step for ref in refs_in(step.arguments)}


def all_known(value: Mapping[str, Any]) -> bool:
    """Whether every value that was compared with occurs: none of what nobody has ever heard of is no count."""
    return not any("no row has" in str(note) for note in value.get("notes", ()))


def is_count(step: Step) -> bool:
    return step.arguments.get("function") == "count" and not step.arguments.get("group_by")
