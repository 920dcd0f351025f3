"""A host in a process of its own, with a plugin in a worker, to be killed: `worker_victim.py HOME MODE [ENTRY]`."""

import sys
from pathlib import Path

import anyio

from tests.host.workers import wrecker
from tests.host.workers.house import kernel_of
from trivet.kernel.workers import process
from trivet_sdk.testing import call


async def main() -> None:
    more = {}
    if sys.argv[3:]:
        process.entry = lambda: sys.argv[3:]
        more["host.worker_sandbox"] = "off"
    async with kernel_of(Path(sys.argv[1]), wrecker, more=more) as kernel, anyio.create_task_group() as tasks:
        say = await kernel.tool("wrecker.say")
        if sys.argv[2] == "scatter":
            await call(await kernel.tool("scatter"), {"children": 20})
        elif sys.argv[2] == "loop":
            tasks.start_soon(call, await kernel.tool("loop"))
        else:
            await call(say, {"text": "x"})
        print("ready", flush=True)
        await anyio.sleep_forever()


if __name__ == "__main__":
    anyio.run(main)
