"""Where the one figure of a call's result will stand, for the next call to refer to."""

from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, ToolCard


def figure_at(calls: Sequence[Call]) -> str:
    """A reference to the one value that the last call brings: a figure of all rows, a sum worked out, a quantity, a span of
    days, the one cell of one row; empty if it brings more than one, or nobody can tell."""
    if not calls:
        return ""
    arguments, step = calls[-1].arguments, f"s{len(calls)}"
    if arguments.get("function"):
        return "" if arguments.get("group_by") or "first" in arguments else f"{step}#/value"
    if "part" in arguments and arguments.get("group_by"):
        return ""
    if any(name in arguments for name in ("expression", "unit", "start", "part")):
        return f"{step}#/value"
    columns = arguments.get("columns") or []
    if arguments.get("limit") == 1 and len(columns) == 1 and "path" in arguments:
        return f"{step}#/rows/0/{_pointer(columns[0])}"
    return ""


def thing_at(calls: Sequence[Call]) -> tuple[str, str]:
    """Which column of which row names the one thing that the last call finds, such as the group with the most: the column's
    name and a reference; empty if it finds no one thing."""
    if not calls or calls[-1].arguments.get("limit") != 1:
        return "", ""
    arguments, step = calls[-1].arguments, f"s{len(calls)}"
    group = str(arguments.get("group_by", ""))
    return (group, f"{step}#/rows/0/{_pointer(group)}") if group and "." not in group else ("", "")


def _pointer(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def found_row(calls: Sequence[Call], tools: Sequence[ToolCard]) -> Call | None:
    """The one row that the only call finds, as a call that brings it: that of a highest or lowest figure, or the first of a
    sorted table; None if it finds no one row."""
    if len(calls) != 1:
        return None
    arguments = calls[0].arguments
    if arguments.get("limit") == 1 and arguments.get("sort_by") and not arguments.get("group_by"):
        return calls[0]
    if arguments.get("function") not in ("max", "min") or arguments.get("group_by") or "first" in arguments:
        return None
    selects = {"path", "columns", "where", "sort_by"}
    selector = next(
        (t for t in tools if selects <= (n := t.parameters.get("properties", {}).keys()) and "other" not in n), None
    )
    if selector is None or not isinstance(arguments.get("path"), str):
        return None
    given = {"path": arguments["path"], "where": arguments.get("where"), "sort_by": arguments["column"], "limit": 1}
    given["descending"] = arguments["function"] == "max" or None
    return Call(tool=selector.name, arguments={name: value for name, value in given.items() if value})


def row_of(step: int, column: str) -> str:
    """A reference to this column of the one row that a step brings."""
    return f"s{step}#/rows/0/{_pointer(column)}"
