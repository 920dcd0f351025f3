"""A plugin whose planner reads the plan out of the goal, so that runs on the command line need no model."""

import json
from typing import Any

MANIFEST = """
[[contributes.tools]]
name = "say"
summary = "Say a text again"
effect = "pure"

[[contributes.tools]]
name = "wait"
summary = "Wait until a file appears"
effect = "pure"

[[contributes.tools]]
name = "send"
summary = "Send a letter"
effect = "effectful"

[[contributes.tools]]
name = "note"
summary = "Write a file"
effect = "idempotent"

[[contributes.planners]]
name = "scripted"

[[contributes.reflectors]]
name = "easy"
"""

SOURCE = '''
import json
from contextlib import asynccontextmanager

import anyio
from trivet_sdk import Contributions, Plan, PlannerAbstained, Step, ToolContext, hookimpl, result, tool
from trivet_sdk.testing import ScriptedReflector


class Planner:
    async def plan(self, request, services):
        if request.transcript.plan is not None:
            raise PlannerAbstained("there is no other plan")
        if request.goal.text == "What was said?":
            said = "; ".join(f"{each.status}: {each.answer}" for each in request.transcript.earlier)
            return Plan(steps=(Step(id="s1", tool="answer", arguments={"text": said or "nothing"}),))
        try:
            steps = json.loads(request.goal.text)
        except ValueError:
            raise PlannerAbstained("this goal is no plan")
        return Plan(steps=tuple(Step(id=f"s{i}", **step) for i, step in enumerate(steps, 1)), note="A test wrote this plan.")


@tool(effect="pure")
async def say(text: str):
    """Say a text again."""
    return result(text)


@tool(effect="pure")
async def wait(path: str, ctx: ToolContext):
    """Wait until a file appears."""
    (ctx.workspace.root / "waiting").touch()
    while not (ctx.workspace.root / path).exists():
        await anyio.sleep(0.02)
    return result("there it is")


@tool(effect="effectful")
async def send(text: str, ctx: ToolContext):
    """Send a letter."""
    with (ctx.workspace.root / "sent").open("a") as box:
        box.write(text)
    return result("sent")


@tool(effect="idempotent")
async def note(path: str, text: str, ctx: ToolContext):
    """Write a file."""
    ctx.workspace.writable(path).write_text(text, encoding="utf-8")
    return result("written", artifacts=(path,))


@hookimpl
@asynccontextmanager
async def activate(context):
    yield Contributions(
        tools=(say, wait, send, note), planners={"scripted": Planner()}, reflectors={"easy": ScriptedReflector()}
    )
'''


def goal(*steps: tuple[str, dict[str, Any]]) -> str:
    """A goal that is its own plan."""
    return json.dumps([{"tool": tool, "arguments": arguments} for tool, arguments in steps], ensure_ascii=False)
