"""Tasks in the format of todo.txt: `x` in front of done ones, `+project`, `due:YYYY-MM-DD`."""

import re

from trivet_sdk import ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Date, Span

FILE = "todo.txt"


def _lines(ctx: ToolContext) -> list[str]:
    with ctx.workspace.reading(FILE) as file:
        return [line for line in file.read().decode().splitlines() if line.strip()]


@tool(name="open", effect="pure")
def open_(ctx: ToolContext, project: Span = "") -> ToolResult:
    """List open tasks, of a project or all.

    Args:
        project: Only those of this project; empty for all.
    """
    tag = f"+{project.casefold().removeprefix('+')}"
    tasks = [
        line for line in _lines(ctx) if not line.startswith("x ") and (not project or tag in line.casefold().split())
    ]
    return result("\n".join(tasks) or "nothing is open", {"tasks": tasks, "count": len(tasks)})


@tool(effect="idempotent")
def add_task(task: Span, ctx: ToolContext, due: Date = "") -> ToolResult:
    """Add a task to the to-do list.

    Args:
        task: What is to be done.
        due: Until when; empty if it does not matter.
    """
    line = f"{task} due:{due}" if due else task
    name = ctx.workspace.write(FILE, ("\n".join([*_lines(ctx), line]) + "\n").encode())
    return result(f"added: {line}", {"task": task, "due": due}, artifacts=(name,))


@tool(effect="idempotent")
def done(task: Span, ctx: ToolContext) -> ToolResult:
    """Mark a task as done.

    Args:
        task: Words of it.
    """
    lines, words = _lines(ctx), set(re.findall(r"\w+", task.casefold()))
    fitting = [
        n
        for n, line in enumerate(lines)
        if not line.startswith("x ") and words & set(re.findall(r"\w+", line.casefold()))
    ]
    best = sorted(fitting, key=lambda n: -len(words & set(re.findall(r"\w+", lines[n].casefold()))))
    if not best:
        raise ToolError(f"there is no open task '{task}'")
    lines[best[0]] = f"x {lines[best[0]]}"
    name = ctx.workspace.write(FILE, ("\n".join(lines) + "\n").encode())
    return result(f"done: {lines[best[0]][2:]}", {"task": lines[best[0]][2:]}, artifacts=(name,))
