"""A conversation: a chain of runs, each of which is told in brief what was said before it. Pure, but for `told_before`."""

from collections.abc import Collection, Sequence

import msgspec

from trivet.journal import Journal
from trivet.journal.fold import Fold
from trivet.runs.typed import typed_origins
from trivet_sdk.tool import BlobPart, DataPart, ResultPart, TextPart, ToolResult
from trivet_sdk.transcript import Answered, Exchange, Observed

EXCHANGES = 40
"""Earlier runs that a run is told of at most, the newest."""
WITH_RESULTS = 6
"""Of these the newest, of which it is also told what tools returned."""
ANSWER, TEXT, DATA = 4_000, 2_000, 8_000
"""Characters of a goal or an answer and of a result's text, bytes of a result's data: more is cut or left out."""
TOTAL = 48_000
"""Bytes of all that a run is told, so that the hundredth goal of a conversation costs what the tenth does."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a new run is told of its conversation."""

    after: str = ""
    earlier: tuple[Exchange, ...] = ()
    left_out: int = 0
    typed_origins: tuple[str, ...] = ()
    """Servers that the user named in the goals of `earlier`."""


async def told_before(journal: Journal, conversation: str) -> Told:
    """For the next run of this conversation: what its newest run was told, and that run itself. What was deleted meanwhile
    is passed on no more."""
    newest = await journal.runs(limit=1, conversation=conversation)
    if not newest:
        return Told()
    fold = await journal.folded(newest[0].id)
    submitted = fold.submitted
    if submitted is None:
        return Told()
    known = await journal.known([exchange.run for exchange in submitted.earlier])
    foreign = {str(run) for (run,) in await journal.look("SELECT run FROM imports")}
    return told_after(fold, known, foreign)


def told_after(fold: Fold, known: Collection[str], foreign: Collection[str] = ()) -> Told:
    """`known`: those of the earlier runs that the journal still has; `foreign`: runs of another home, whose goals this user did
    not type."""
    submitted = fold.submitted
    assert submitted is not None
    kept = [exchange for exchange in submitted.earlier if exchange.run in known]
    earlier = bounded((*kept, exchange_of(fold)))
    typed = typed_origins(*(exchange.goal for exchange in reversed(earlier) if exchange.run not in foreign))
    left_out = submitted.left_out + len(kept) + 1 - len(earlier)
    return Told(after=fold.run, earlier=earlier, left_out=left_out, typed_origins=typed)


def exchange_of(fold: Fold) -> Exchange:
    """The run in brief, whether or not it has ended."""
    finished = fold.finished
    turns = (brief for turn in fold.turns if (brief := _in_brief(turn)) is not None)
    return Exchange(
        run=fold.run,
        goal=_cut(fold.goal.text, ANSWER),
        status="interrupted" if finished is None else finished.status,
        answer=_cut(finished.answer if finished is not None else "", ANSWER),
        artifacts=fold.transcript.artifacts,
        turns=tuple(turns),
        is_tainted=fold.is_tainted,
    )


def bounded(exchanges: Sequence[Exchange]) -> tuple[Exchange, ...]:
    """The newest of them: results of the last few, and no more in all than `TOTAL`. The very last is always there."""
    newest = exchanges[-EXCHANGES:]
    room = TOTAL
    kept: list[Exchange] = []
    for age, exchange in enumerate(reversed(newest)):
        brief = exchange if age < WITH_RESULTS else msgspec.structs.replace(exchange, turns=())
        while (size := len(msgspec.json.encode(brief))) > room and brief.turns:
            brief = msgspec.structs.replace(brief, turns=brief.turns[1:])
        if size > room and kept:
            break
        room -= size
        kept.append(brief)
    return tuple(reversed(kept))


def _in_brief(turn: object) -> Observed | Answered | None:
    match turn:
        case Observed(step=step) if step.tool != "answer":
            result = None if turn.result is None else _result(turn.result)
            return msgspec.structs.replace(turn, result=result, error=_cut(turn.error, TEXT))
        case Answered():
            return turn
        case _:
            return None


def _result(result: ToolResult) -> ToolResult:
    parts: list[ResultPart] = []
    for part in result.parts:
        match part:
            case TextPart(text=text):
                parts.append(TextPart(_cut(text, TEXT)))
            case DataPart(value=value):
                if len(msgspec.json.encode(value)) <= DATA:
                    parts.append(part)
            case BlobPart():
                pass
    if not parts:  # data alone, and too much of it
        parts.append(TextPart(_cut(result.text, TEXT)))
    return msgspec.structs.replace(result, parts=tuple(parts))


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[:length]}… ({len(text)} characters in all)"
