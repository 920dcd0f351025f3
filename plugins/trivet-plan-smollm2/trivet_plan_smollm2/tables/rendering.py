"""A reading of a goal as calls of whatever tools there are: recognised by their parameters, not by their names."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.tables.reading import Reading

WRITTEN = (".csv", ".tsv", ".json", ".jsonl", ".parquet", ".md", ".txt")
"""Files that rows can be written to."""


def rendered(reading: Reading, tools: Sequence[ToolCard], new_paths: Sequence[str] = ()) -> tuple[Call, ...]:
    """The calls; none if no tool can do it, or if more than one file shall be written."""
    if new_paths:  # who saves the orders wants all of them, not their numbers alone
        is_all = not reading.is_distinct and set(reading.columns) <= reading.rows_called | reading.rows_shared
        reading = msgspec.structs.replace(reading, columns=() if is_all else reading.columns)
    call = _call(reading, tools)
    if call is not None and reading.share_of is not None:
        return () if new_paths else _shared(reading, tools) or _share(reading, call, tools)
    if call is None or len(new_paths) > 1 or not all(path.lower().endswith(WRITTEN) for path in new_paths):
        return ()
    if reading.over is not None:
        return () if new_paths else _over(reading.over, call, tools)
    if not new_paths:
        return (call,)
    writer = next((tool for tool in tools if {"rows", "path"} <= _properties(tool).keys()), None)
    if writer is None or (reading.function and not reading.group_by):
        return ()
    return call, Call(tool=writer.name, arguments={"rows": {"$ref": "s1#/rows"}, "path": new_paths[0]})


def _over(over: tuple[str, float], groups: Call, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The figures of all groups, and of these the ones that meet the comparison."""
    selector = next((tool for tool in tools if _selects(_properties(tool).keys())), None)
    if selector is None:
        return ()
    test = {"column": {"$ref": "s1#/columns/1"}, "op": over[0], "value": over[1]}
    return groups, Call(tool=selector.name, arguments={"path": {"$ref": "s1#/rows"}, "where": [test]})


def _selects(names: Collection[str]) -> bool:
    return {"path", "columns", "where", "sort_by"} <= set(names) and "other" not in names


def _shared(reading: Reading, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The same by a tool that tells shares; it also does so for each group."""
    tool = next((tool for tool in tools if {"path", "part", "where", "group_by"} <= _properties(tool).keys()), None)
    base = reading.share_of or ()
    part = [dict(test) for test in reading.where if test not in base]
    if tool is None or not part or reading.function not in ("count", "sum"):
        return ()
    given = {"path": reading.path, "part": part, "column": reading.column, "group_by": reading.group_by}
    arguments = {**given, "where": [dict(test) for test in base], "decimals": reading.decimals}
    return (
        Call(
            tool=tool.name, arguments={name: value for name, value in arguments.items() if value not in ("", [], None)}
        ),
    )


def _share(reading: Reading, part: Call, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The figure of the rows, that of all of which they are a share, and the one in percent of the other."""
    if reading.group_by:
        return ()
    whole = _call(msgspec.structs.replace(reading, where=reading.share_of or ()), tools)
    reckoner = next((tool for tool in tools if {"expression", "values"} <= _properties(tool).keys()), None)
    if whole is None or reckoner is None:
        return ()
    values = {"part": {"$ref": "s1#/value"}, "whole": {"$ref": "s2#/value"}}
    return part, whole, Call(tool=reckoner.name, arguments={"expression": "100 * part / whole", "values": values})


def _call(reading: Reading, tools: Sequence[ToolCard]) -> Call | None:
    arguments: dict[str, Any]
    for tool in tools:
        names = _properties(tool).keys()
        if reading.pair is not None and reading.function and {"path", "function", "by", "first", "second"} <= names:
            by, first, second = reading.pair
            arguments = {
                "function": reading.function,
                "column": reading.column,
                "by": by,
                "first": first,
                "second": second,
            }
        elif reading.pair is None and reading.function and {"path", "function", "group_by", "where"} <= names:
            arguments = {"function": reading.function, "column": reading.column, "group_by": reading.group_by}
            if reading.group_by:
                arguments |= {"descending": reading.descending, "limit": reading.limit}
        elif (
            reading.pair is None
            and not reading.function
            and {"path", "columns", "where", "sort_by"} <= names - {"other"}
        ):
            if "other" in names:
                continue
            arguments = {"columns": list(reading.columns), "sort_by": reading.sort_by, "limit": reading.limit}
            arguments |= {
                "descending": reading.descending or None,
                "distinct": reading.is_distinct or _is_enumeration(reading),
            }
        else:
            continue
        if reading.function and reading.function not in _properties(tool)["function"].get("enum", ()):
            continue
        given = {"path": reading.path, **arguments, "where": [dict(test) for test in reading.where]}
        return Call(tool=tool.name, arguments={name: value for name, value in given.items() if _is_said(name, value)})
    return None


def _is_said(name: str, value: Any) -> bool:
    return name == "descending" if value is False else value not in ("", [], 0, None)


def _is_enumeration(reading: Reading) -> bool:
    """`list my genres`: one column of all rows, so each value once."""
    return len(reading.columns) == 1 and not reading.where and not reading.sort_by


def _properties(tool: ToolCard) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = tool.parameters.get("properties", {})
    return properties
