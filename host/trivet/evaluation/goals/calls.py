"""Whether a plan called the tools that were expected, in order and with these arguments. Pure.

What counts are the steps of the plan. What the planner looked up for itself has no step, built-in tools answer, ask and think,
and a step that is tried again with the same arguments is one call.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from trivet.evaluation.goals.expectation import CallExpectation
from trivet.evaluation.goals.faults import same
from trivet_sdk.events import Record, ToolCalled

BUILT_IN = frozenset({"answer", "ask", "think", "pursue"})


def calls_in(records: Iterable[Record]) -> list[ToolCalled]:
    """In the order in which they began."""
    made: dict[tuple[str | None, str, str], ToolCalled] = {}
    for record in records:
        event = record.event
        if isinstance(event, ToolCalled) and event.step and event.tool not in BUILT_IN:
            made.setdefault((event.step, event.tool, repr(sorted(event.arguments.items()))), event)
    return list(made.values())


def faults_of_calls(expected: Sequence[CallExpectation], made: Sequence[ToolCalled]) -> Iterator[str]:
    wanted, got = [each.tool for each in expected], [each.tool for each in made]
    if wanted != got:
        yield f"called {', '.join(got) or 'nothing'}, not {', '.join(wanted)}"
        return
    for each, call in zip(expected, made, strict=True):
        yield from _faults_of_arguments(each, call.arguments)


def measured(expected: Sequence[CallExpectation], made: Sequence[ToolCalled]) -> dict[str, bool]:
    """Of one expected call `tool` and `arguments`, of several `sequence` and `sequence arguments`."""
    is_right_tools = [each.tool for each in expected] == [each.tool for each in made]
    is_right = is_right_tools and not list(faults_of_calls(expected, made))
    first, second = ("tool", "arguments") if len(expected) == 1 else ("sequence", "sequence arguments")
    return {first: is_right_tools, second: is_right}


def _faults_of_arguments(expected: CallExpectation, arguments: Mapping[str, Any]) -> Iterator[str]:
    given = {name: value for name, value in arguments.items() if value is not None}
    for name, wanted in expected.arguments.items():
        if name not in given:
            yield f"{expected.tool} lacks {name}"
        elif not fits(given[name], wanted):
            yield f"{expected.tool} has {name} {given[name]!r}, not {wanted!r}"
    for name, value in given.items():
        if name in expected.arguments:
            continue
        if name not in expected.optional:
            yield f"{expected.tool} has {name} {value!r}, which nobody asked for"
        elif not fits(value, expected.optional[name]):
            yield f"{expected.tool} has {name} {value!r}, not {expected.optional[name]!r}"


def fits(got: Any, wanted: Any) -> bool:
    """Texts as `normal` has them, paths with or without `./`, numbers as numbers or as texts; lists and tables item by item."""
    if isinstance(wanted, Mapping):
        match wanted:
            case {"any": True}:
                return True
            case {"any_of": choices}:
                return any(fits(got, choice) for choice in choices)
            case {"contains": part}:
                return str(part).casefold() in str(got).casefold()
        return isinstance(got, Mapping) and got.keys() == wanted.keys() and all(fits(got[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list):
        return isinstance(got, list) and len(got) == len(wanted) and all(map(fits, got, wanted))
    if isinstance(wanted, str) and isinstance(got, str):
        return same(got.removeprefix("./"), wanted.removeprefix("./"))
    return same(got, wanted)
