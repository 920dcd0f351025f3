"""Where the one figure of a call's result will stand, for the next call to refer to."""

from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call


def figure_at(calls: Sequence[Call]) -> str:
    """A reference to the one value that the last call brings: a figure of all rows, a sum worked out, a quantity, a span of
    days, the one cell of one row; empty if it brings more than one, or nobody can tell."""
    if not calls:
        return ""
    arguments, step = calls[-1].arguments, f"s{len(calls)}"
    if arguments.get("function"):
        return "" if arguments.get("group_by") or "first" in arguments else f"{step}#/value"
    if any(name in arguments for name in ("expression", "unit", "start")):
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
