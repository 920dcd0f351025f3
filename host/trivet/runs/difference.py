"""Two events that should be the same: what is not. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from trivet_sdk import events as happened
from trivet_sdk.events import Event
from trivet_sdk.plan import Json

_VOLATILE = frozenset({"seconds", "host", "traceback", "expires"})
"""Fields that differ from one time to the next: how long it took, who did it, where in which file."""
_ABSENT = "(nothing)"


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The first event that today's code does not make as it was recorded."""

    run: str
    seq: int
    recorded: Json
    """The recorded value of `field`, or the whole event's topic and step."""
    today: Json
    topic: str = ""
    """The event's, where it is the same; else empty."""
    field: str = ""
    """A path such as `plan.steps[1].tool`; empty if another event happened, or none."""
    hint: str = ""
    """More of what happened today instead."""


def kind_of(event: Event) -> tuple[str, str | None]:
    """Topic and step: whether two events may be the same at all."""
    return event.topic, getattr(event, "step", None)


def named(event: Event | None) -> str:
    if event is None:
        return _ABSENT
    topic, step = kind_of(event)
    return f"{topic} of {step}" if step else topic


def differing(recorded: Event, today: Event) -> tuple[str, Json, Json] | None:
    """The first field that differs in substance, with both values; a prompt's words come before its digest."""
    before, after = _plain(recorded), _plain(today)
    return next(_differences(before, after, ""), None)


def hint_of(event: Event | None) -> str:
    """What an event that nobody recorded is about."""
    match event:
        case happened.ModelCalled(messages=messages, options=options):
            words = "\n".join(str(getattr(part, "text", "")) for message in messages for part in message.parts)
            return f"prompt {str(options.get('digest', ''))[:12]}:\n{_beginning(words)}"
        case happened.ToolCalled(tool=tool, arguments=arguments):
            return f"{tool} {msgspec.json.encode(arguments).decode()}"
        case happened.PlanProposed(rejected=rejected) if rejected:
            return "; ".join(rejected)
        case happened.ToolFailed(error=error):
            return error
        case happened.VerdictIssued(verdict=verdict):
            return msgspec.json.encode(verdict).decode()
        case happened.RunFinished(status=status, answer=answer):
            return f"{status}: {answer}"
        case happened.RunWaiting(reason=reason):
            return reason
        case _:
            return ""


def _beginning(text: str) -> str:
    lines = text.splitlines()
    return "\n".join([*lines[:8], *(["…"] if len(lines) > 8 else [])])


def _plain(event: Event) -> dict[str, Any]:
    table: dict[str, Any] = {name: value for name, value in msgspec.to_builtins(event).items() if name not in _VOLATILE}
    if isinstance(usage := table.get("usage"), dict):
        table["usage"] = {name: value for name, value in usage.items() if name != "seconds"}
    if isinstance(key := table.get("key"), str):
        table["key"] = key.partition("/")[2]  # it begins with the run's id, and a replay has none of its own
    return table


def _differences(recorded: Json, today: Json, path: str) -> Iterator[tuple[str, Json, Json]]:
    if isinstance(recorded, Mapping) and isinstance(today, Mapping):
        names = [*recorded, *(name for name in today if name not in recorded)]
        for name in sorted(names, key=lambda name: name == "options"):
            place = f"{path}.{name}" if path else str(name)
            yield from _differences(recorded.get(name, _ABSENT), today.get(name, _ABSENT), place)
    elif isinstance(recorded, list | tuple) and isinstance(today, list | tuple):
        for number in range(max(len(recorded), len(today))):
            before = recorded[number] if number < len(recorded) else _ABSENT
            after = today[number] if number < len(today) else _ABSENT
            yield from _differences(before, after, f"{path}[{number}]")
    elif recorded != today:
        yield path, recorded, today
