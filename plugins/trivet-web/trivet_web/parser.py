"""Parsing in another process: see `parsing` for the other side."""

import json
import subprocess
import sys

import anyio
import msgspec

from trivet_sdk import ToolError
from trivet_web.parsing import CPU_SECONDS, Parsed, Task

SECONDS = 30.0
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from trivet_web.parsing import main; main()"


async def parsed(task: Task) -> Parsed:
    """Raises ToolError for what cannot be read: broken, too large, without end."""
    command = [sys.executable, "-I", "-S", "-c", _START, json.dumps(sys.path)]
    with anyio.move_on_after(SECONDS) as scope:
        done = await anyio.run_process(
            command, input=msgspec.msgpack.encode(task), stderr=subprocess.DEVNULL, check=False, env={}, cwd="/"
        )
    if scope.cancelled_caught or done.returncode < 0:
        raise ToolError(f"{task.url} took longer to be understood than {CPU_SECONDS} seconds, or could not be at all.")
    try:
        found = msgspec.msgpack.decode(done.stdout, type=Parsed)
    except msgspec.MsgspecError:
        raise ToolError(f"{task.url} cannot be read as {task.kind.upper()}.") from None
    if found.failure:
        raise ToolError(f"{task.url} {found.failure}.")
    return found
