"""A host in a process of its own whose runs ask, or hang: `elsewhere.py FOLDER COUNT` prints their ids by kind once all of
them stand, and ends with the last of them."""

import sys
from collections import defaultdict
from pathlib import Path

import anyio
import msgspec

from tests.faults.victim import PATIENCE
from tests.walks.household import ScriptedPlanner, goal, household, step
from trivet.app import Host, RunOptions
from trivet_sdk import PlanRequest, Step, tool

STEPS = {
    "answer": (step("s1", "ask", question="哪一个？"), step("s2", "answer", text="{{s1}}")),
    "approval": (step("s1", "send"), step("s2", "answer", text="{{s1}}")),
    "cancel": (step("s1", "hang"), step("s2", "answer", text="{{s1}}")),
}
STANDS = {"answer": "run.waiting", "approval": "run.waiting", "cancel": "tool.called"}


@tool(effect="effectful")
async def send() -> str:
    """Send."""
    return "sent"


@tool(effect="pure")
async def hang() -> str:
    """Never return."""
    await anyio.sleep_forever()
    return ""


def steps_of(request: PlanRequest) -> tuple[Step, ...]:
    return STEPS[request.goal.text]


async def stands(host: Host, run: str, topic: str) -> None:
    async for record in host.watch(run):
        if record.event.topic == topic:
            return


async def main(folder: Path, count: int) -> None:
    options = RunOptions(approve="ask", is_detached=True)
    planner = ScriptedPlanner(steps_of, repeats=True)
    async with household(folder / "home", planner, tools=(send, hang)) as host:
        runs: dict[str, list[str]] = defaultdict(list)
        with anyio.fail_after(2 * PATIENCE):
            async with anyio.create_task_group() as group:
                for kind in STEPS:
                    for _ in range(count):
                        run = await host.submit(goal(folder, kind), options)
                        runs[kind].append(run)
                        group.start_soon(host.pursue, run, options)
                        await stands(host, run, STANDS[kind])
                print(msgspec.json.encode(runs).decode(), flush=True)


if __name__ == "__main__":
    anyio.run(main, Path(sys.argv[1]), int(sys.argv[2]))
