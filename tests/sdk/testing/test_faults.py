"""Faults do what their names say."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from trivet_sdk import Workspace
from trivet_sdk.conformance import check_tool
from trivet_sdk.testing import StandaloneCall, call, faults


async def test_slow_answers_late_and_says_how_far_it_is(tmp_path: Path) -> None:
    context = StandaloneCall(Workspace(tmp_path))
    assert (await call(faults.slow(0.05), context=context)).text == "done"
    assert [done for done, _, _ in context.reports] == list(range(10))

    with pytest.raises(TimeoutError):
        await call(faults.slow(30), timeout=0.05)


async def test_spinning_lets_nothing_else_run() -> None:
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await anyio.sleep(0)  # noqa: ASYNC115 - a turn of the loop, as short as can be

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tick)
        await anyio.sleep(0.01)
        before = ticks
        await call(faults.spinning(0.05))
        assert ticks - before < 20
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(
    "code", ["await call(faults.crashing())", "async with activated(faults.crashing_at_start()): pass"]
)
def test_crashing_ends_the_process(code: str) -> None:
    program = (
        "import anyio, resource\nfrom trivet_sdk.testing import activated, call, faults\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (0, 0))\n"
        f"async def main():\n    {code}\n"
        "anyio.run(main)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == -signal.SIGSEGV, done.stderr


async def test_hoarding_keeps_what_it_took() -> None:
    hoarding = faults.hoarding(1000)
    await call(hoarding)
    assert (await call(hoarding)).text == "2000 bytes"


async def test_a_spec_that_changes_is_found() -> None:
    assert await check_tool(faults.two_faced(), {}) == (
        "tool 'two_faced' changes its spec by being called; planning relies on the one that was recorded",
    )


def test_every_fault_is_in_the_table() -> None:
    named = set(re.findall(r"`(\w+)\(", faults.__doc__ or ""))
    public = {name for name, value in vars(faults).items() if getattr(value, "__module__", "") == faults.__name__}
    assert {name for name in public if name[0] != "_"} - named == {"TwoFaced"}
