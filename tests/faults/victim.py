"""A host in a process of its own, to be killed: `victim.py HOME WORKSPACE MODE [RUN]`.

Five steps each append a line to `effects` and fsync it. Without RUN it submits, prints the run's id, and dies by its own
hand in the third step; with RUN it resumes, and prints the outcome.
"""

import os
import signal
import sys
from pathlib import Path

import anyio

from tests.walks.household import ScriptedPlanner, goal, household, step
from trivet.app import RunOptions
from trivet_sdk import ToolContext, tool

HOME, WORKSPACE, MODE = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
RUN = sys.argv[4] if len(sys.argv) > 4 else ""


def lines() -> list[str]:
    path = WORKSPACE / "effects"
    return path.read_text().splitlines() if path.exists() else []


@tool(effect="effectful" if MODE == "effectful" else "idempotent")
def strike(ctx: ToolContext, n: int) -> str:
    """Append a line."""
    if MODE == "keyed" and any(line.endswith(ctx.key) for line in lines()):
        return f"stroke {n}"
    if not RUN and n == 3 and MODE == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    handle = os.open(WORKSPACE / "effects", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(handle, f"{n} {ctx.key}\n".encode())
    os.fsync(handle)
    os.close(handle)
    if not RUN and n == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return f"stroke {n}"


async def main() -> None:
    steps = [step(f"s{n}", "strike", n=n, needs=(f"s{n - 1}",) if n > 1 else ()) for n in range(1, 6)]
    planner = ScriptedPlanner([*steps, step("s6", "answer", text="{{s1}}, {{s5}}")])
    async with household(HOME, planner, tools=(strike,)) as host:
        if not RUN:
            run = await host.submit(goal(WORKSPACE), RunOptions(approve="always"))
            print(run, flush=True)
            await host.pursue(run)
            raise AssertionError("it should have died")
        outcome = await host.pursue(RUN)
        print(outcome.status, outcome.answer, outcome.reason, sep="|", flush=True)


if __name__ == "__main__":
    anyio.run(main)
