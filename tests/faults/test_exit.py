"""A tool that never returns must not keep the program from ending."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys, threading
from pathlib import Path
import anyio
from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, household, step
from trivet.app import RunOptions
from trivet_sdk import Accept, GiveUp, tool

@tool(effect="pure")
def hang() -> str:
    '''Never return.'''
    threading.Event().wait()
    return ""

async def main(home: Path) -> None:
    reflector = ScriptedReflector(GiveUp("too slow"), after={"s1": [Accept()]})
    async with household(home / "home", ScriptedPlanner([step("s1", "hang")]), reflector, tools=(hang,)) as host:
        print((await host.run(goal(home), RunOptions(tool_seconds=0.1))).answer)

anyio.run(main, Path(sys.argv[1]))
"""


def test_program_ends_though_a_tool_still_hangs_in_its_thread(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "Too slow.\n", "")
