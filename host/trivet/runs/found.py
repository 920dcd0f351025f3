"""What a run has to show when it ends without reaching its goal."""

from collections.abc import Sequence

from trivet_sdk.transcript import Observed, Transcript

_SHOWN = 3
_LENGTH = 400


def found_so_far(transcript: Transcript, inherited: Sequence[str] = ()) -> str:
    """The newest results, shortened, and the files written; empty if there is nothing. `inherited`: what sub-goals found that
    were cut short. Of one that ended without success its last word is shown, which has what it found."""
    if transcript.answer:
        return transcript.answer
    texts: list[str] = []
    for turn in reversed(transcript.turns):
        if isinstance(turn, Observed) and turn.result is not None and turn.step.tool not in ("ask", "answer"):
            text = turn.result.text.strip()
            texts.append(f"{turn.step.tool}: {text[:_LENGTH]}{'…' if len(text) > _LENGTH else ''}")
        elif isinstance(turn, Observed) and turn.step.tool == "pursue" and turn.error:
            texts.append(f"pursue: {turn.error}")
        if len(texts) == _SHOWN:
            break
    lines = [*texts[::-1], *inherited]
    if transcript.artifacts:
        lines.append(f"Files written: {', '.join(transcript.artifacts)}")
    return "\n".join(lines)


def with_found(sentence: str, transcript: Transcript, inherited: Sequence[str] = ()) -> str:
    """An honest sentence, then what was found."""
    sentence = sentence[:1].upper() + sentence[1:]
    if not sentence.endswith((".", "!", "?", "。", "！", "？")):
        sentence += "."
    found = found_so_far(transcript, inherited)
    return f"{sentence}\nFound so far:\n{found}" if found else sentence
