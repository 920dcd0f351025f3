"""Many runs of one home: `crowd.py begin FOLDER COUNT` dies with all of them at work; `crowd.py resume FOLDER` goes on with
what is interrupted once a line comes in, and prints the runs that it pursued and why it left others, as JSON."""

import sys
from pathlib import Path

import anyio
import msgspec

from tests.faults.scenarios import CROWD, plugin_of, world_of
from tests.faults.victim import die
from tests.walks.household import settings_for
from trivet.app import open_host
from trivet_sdk import Goal


class Resumed(msgspec.Struct, frozen=True):
    pursued: dict[str, str]
    """Status and answer, by run."""
    left: dict[str, str]


async def begin(folder: Path, count: int) -> None:
    def reach(place: str) -> None:
        if place == "before two":  # the first of them, so that none has ended
            die()

    async with open_host(settings_for(folder / "home"), (plugin_of(CROWD, world_of(folder), reach),)) as host:
        runs = [await host.submit(Goal(text=f"run {number}", workspace=str(folder))) for number in range(count)]
        async with anyio.create_task_group() as group:
            for run in runs:
                group.start_soon(host.pursue, run)
    raise AssertionError("it should have died")


async def resume(folder: Path) -> Resumed:
    plugin = plugin_of(CROWD, world_of(folder), lambda place: None)
    async with open_host(settings_for(folder / "home"), (plugin,)) as host:
        print("ready", flush=True)
        await anyio.to_thread.run_sync(sys.stdin.readline)
        resumption = await host.resume_interrupted()
    pursued = {outcome.run: f"{outcome.status}: {outcome.answer}" for outcome in resumption.outcomes}
    return Resumed(pursued, {run: str(error) for run, error in resumption.left.items()})


if __name__ == "__main__":
    if sys.argv[1] == "begin":
        anyio.run(begin, Path(sys.argv[2]), int(sys.argv[3]))
    else:
        print(msgspec.json.encode(anyio.run(resume, Path(sys.argv[2]))).decode(), flush=True)
