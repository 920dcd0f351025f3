"""What earlier goals of the conversation did, as this planner needs it: their calls, and what the last one brought."""

from collections.abc import Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call
from trivet_sdk import DataPart, Exchange, Observed
from trivet_sdk.plan import refs_in

_BUILT_IN = frozenset({"ask", "think", "pursue"})


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What one exchange did. Calls refer to each other as `s1`, `s2`, … in their order."""

    calls: tuple[Call, ...]
    rows: tuple[dict[str, Any], ...] | None = None
    """Of the last result that has any; None if there are none, or if they were too many to be told."""
    has_rows: bool = False
    answer: str = ""


def work_of(exchange: Exchange) -> Work | None:
    """None if it did nothing, or if not all that it did can be told."""
    steps = [turn for turn in exchange.turns if isinstance(turn, Observed) and turn.step.tool not in _BUILT_IN]
    places = {turn.step.id: f"s{number}" for number, turn in enumerate(steps, 1)}
    needed = {ref.step for turn in steps for ref in refs_in(turn.step.arguments)}
    if not steps or len(places) < len(steps) or needed - places.keys():
        return None
    calls = tuple(Call(tool=t.step.tool, arguments=_renamed(t.step.arguments, places)) for t in steps)
    rows: tuple[dict[str, Any], ...] | None = None
    has_rows = False
    for turn in reversed(steps):
        if turn.result is None or turn.result.artifacts:
            continue
        is_told = any(isinstance(part, DataPart) for part in turn.result.parts)
        value = turn.result.value
        if records := _records(value):
            rows, has_rows = records, True
        elif not is_told and "path" in turn.step.arguments:
            has_rows = True  # perhaps: whoever does it again will see
        break
    return Work(calls=calls, rows=rows, has_rows=has_rows, answer=exchange.answer)


def last_work(earlier: Sequence[Exchange]) -> Work | None:
    """Of the newest goal that was achieved by finding something out."""
    for exchange in reversed(earlier):
        if exchange.status == "succeeded" and not exchange.artifacts and (work := work_of(exchange)) is not None:
            return work
    return None


def last_path(earlier: Sequence[Exchange]) -> str:
    """The file that was spoken of last; empty if there was none."""
    for exchange in reversed(earlier):
        for turn in reversed(exchange.turns):
            if isinstance(turn, Observed) and isinstance(path := turn.step.arguments.get("path"), str):
                is_written = turn.result is not None and path in turn.result.artifacts
                if turn.result is not None and not is_written:
                    return path
    return ""


def _records(value: Any) -> tuple[dict[str, Any], ...]:
    rows = value.get("rows") if isinstance(value, dict) else None
    return tuple(rows) if isinstance(rows, list) and all(isinstance(row, dict) for row in rows) else ()


def _renamed(value: Any, places: dict[str, str]) -> Any:
    """The same with references to the steps' new names; texts with references in them are left to the host to refuse."""
    if isinstance(value, dict):
        if set(value) == {"$ref"}:
            step, mark, pointer = str(value["$ref"]).partition("#")
            return {"$ref": f"{places.get(step, step)}{mark}{pointer}"}
        return {name: _renamed(inner, places) for name, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, places) for inner in value]
    return value
