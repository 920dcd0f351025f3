"""What a worker costs: its start, a call, a large array, each beside the bare thing in the same run."""

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import anyio

from tests.bench import worker_plugin
from trivet.kernel import Kernel, open_kernel
from trivet.kernel.workers.output import Output
from trivet.kernel.workers.process import WorkerProcess, sdk_folder
from trivet.kernel.workers.sandboxing import Sandbox
from trivet.packages.trust import FIRST_PARTY
from trivet.settings import load_settings
from trivet_sandbox import Enclosure, worker_readiness
from trivet_sdk.testing import StandaloneCall
from trivet_sdk.workspace import Workspace

CALLS = 2000
ROWS, WIDTH = 25_000, 1000
"""100 MB of float32."""
ECHO = """
import os
while (piece := os.read(0, 65536)):
    os.write(1, piece)
"""


def bare_round_trips() -> float:
    """Seconds of one message of 1 KB there and back over two bare pipes, between two Pythons; the median."""
    message = b"x" * 1024
    with subprocess.Popen([sys.executable, "-c", ECHO], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as echo:
        assert echo.stdin is not None
        assert echo.stdout is not None
        there, back = echo.stdin.fileno(), echo.stdout.fileno()
        times: list[float] = []
        for _ in range(CALLS):
            begun = time.perf_counter()
            os.write(there, message)
            got = 0
            while got < len(message):
                got += len(os.read(back, 65536))
            times.append(time.perf_counter() - begun)
        echo.stdin.close()
    return statistics.median(times)


async def round_trips(kernel: Kernel, folders: Sequence[Path] = (Path("."),), calls: int = CALLS) -> float:
    """With several folders each call is for another workspace than the one before."""
    tool = await kernel.tool("say")
    contexts = itertools.cycle(StandaloneCall(Workspace(folder)) for folder in folders)
    arguments = {"text": "x" * 1024}
    times: list[float] = []
    for _ in range(calls):
        ctx = next(contexts)
        begun = time.perf_counter()
        await tool.call(arguments, ctx)
        times.append(time.perf_counter() - begun)
    return statistics.median(times)


def least(action: Callable[[], float], times: int = 9) -> float:
    """The smallest of many: what the machine can do when it does nothing else."""
    return min(action() for _ in range(times))


def bare_start() -> float:
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", "print(1, flush=True)"], stdout=subprocess.PIPE) as python:
        assert python.stdout is not None
        python.stdout.read(1)
        seconds = time.perf_counter() - begun
        python.stdout.read()
    return seconds


def sandbox(home: Path) -> Sandbox | None:
    """What any plugin's worker would see."""
    found = worker_readiness(home)
    if not found.is_usable or found.bubblewrap is None:
        print(f"no sandbox here: {found.reason}")
        return None
    readable = tuple(Path(each) for each in (sys.base_prefix, sys.prefix, sdk_folder()))
    return Sandbox(bubblewrap=found.bubblewrap, enclosure=Enclosure(readable=readable, writable=(home,)))


async def started(*, until_ready: bool, sandbox: Sandbox | None = None) -> float:
    """Seconds until a worker is there, alone in its namespace; or until it can import a plugin, all imports of the SDK done."""
    process = WorkerProcess(lambda status: None)
    outputs = (Output(lambda line: None), Output(lambda line: None))
    begun = time.perf_counter()
    await process.start(sys.executable, 0, dict(os.environ), sdk_folder(), *outputs, sandbox)
    if until_ready:
        await anyio.wait_readable(process.channel)
    else:
        await process.known.wait()
    seconds = time.perf_counter() - begun
    process.kill()
    await process.wait()
    process.channel.close()
    process.asks.close()
    return seconds


def bare_copy() -> float:
    content = bytes(ROWS * WIDTH * 4)
    begun = time.perf_counter()
    copy = bytearray(content)
    seconds = time.perf_counter() - begun
    assert len(copy) == len(content)
    return seconds


async def large_array(kernel: Kernel) -> float:
    embedder = await kernel.embedder()
    assert embedder is not None
    await embedder.embed(["once, so that its dimensions are known"])
    times: list[float] = []
    for _ in range(5):
        begun = time.perf_counter()
        rows = await embedder.embed([f"large:{ROWS}"])
        assert (len(rows), rows[ROWS - 1][WIDTH - 1]) == (ROWS, 1.5)
        times.append(time.perf_counter() - begun)
    return min(times)


async def _measured(home: Path, use: str) -> tuple[float, float, float]:
    """A call, a call each for another workspace, and a large array."""
    flags = {f"plugins.{id}.enabled": False for id in FIRST_PARTY}
    more = {"roles.embedder": "rows", "host.worker_sandbox": use}
    folders = [home / "one", home / "two"]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
    async with open_kernel(load_settings(home / use, {**flags, **more}, environ={}), (worker_plugin,)) as kernel:
        return await round_trips(kernel), await round_trips(kernel, folders, 200), await large_array(kernel)


async def _main(home: Path) -> None:
    bare, copy = bare_round_trips(), least(bare_copy)
    kept = sandbox(home)
    alone, _, plain = await _measured(home, "off")
    ours, moving, array = await _measured(home, "auto")
    python = least(bare_start)
    there, ready, inside, inside_ready = [
        min([await started(until_ready=until_ready, sandbox=where) for _ in range(9)])
        for where in (None, kept)
        for until_ready in (False, True)
    ]
    print("\na tool call of 1 KB in a worker, median")
    print(
        f"  bare pipe {bare * 1e6:.0f} us  without a sandbox {alone * 1e6:.0f} us, {alone / bare:.2f} of the bare pipe"
        f"  in one {ours * 1e6:.0f} us, {ours / bare:.2f}  each for another workspace {moving * 1e6:.0f} us"
    )
    print("a worker's start")
    for where, begun, whole in (("without a sandbox", there, ready), ("in one", inside, inside_ready)):
        print(
            f"  bare python {python * 1e3:.0f} ms  {where} {begun * 1e3:.0f} ms, {begun / python:.2f} of bare python"
            f"  ready for a plugin {whole * 1e3:.0f} ms, {whole / python:.2f}"
        )
    print("an array of 100 MB from a worker")
    print(
        f"  bare copy {copy * 1e3:.0f} ms  without a sandbox {plain * 1e3:.0f} ms, {plain / copy:.2f} of the bare copy"
        f"  in one {array * 1e3:.0f} ms, {array / copy:.2f}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="trivet-bench-") as home:
        anyio.run(_main, Path(home))


if __name__ == "__main__":
    main()
