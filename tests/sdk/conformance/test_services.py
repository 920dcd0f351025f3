"""Services against their contract."""

import re
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio
import pytest

from trivet_sdk.conformance import check_service


class Working:
    def __init__(self, work: Callable[[], Awaitable[None]], name: str = "x") -> None:
        self.name = name
        self.work = work

    async def run(self) -> None:
        await self.work()


class Once:
    """Works the first time only."""

    name = "x"
    has_run = False

    async def run(self) -> None:
        if self.has_run:
            raise RuntimeError("the port is taken")
        self.has_run = True
        await anyio.sleep_forever()


class Plain:
    name = "x"

    def run(self) -> None: ...


async def done() -> None: ...


async def broken() -> None:
    raise OSError("no port")


async def blocking() -> None:
    time.sleep(1.2)  # noqa: ASYNC251 - the very mistake
    await anyio.sleep_forever()


async def swallowing() -> None:
    with suppress(anyio.get_cancelled_exc_class()):
        await anyio.sleep_forever()


async def untidy() -> None:
    try:
        await anyio.sleep_forever()
    finally:
        raise OSError("half closed")


async def stubborn() -> None:
    with anyio.CancelScope(shield=True):
        await anyio.sleep(0.6)


@pytest.mark.parametrize("work", [anyio.sleep_forever, done])
async def test_a_service_that_keeps_its_contract(work: Callable[[], Awaitable[None]]) -> None:
    assert await check_service(Working(work), seconds=0.02) == ()


@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        (3, "service 'int' needs `name`, as its manifest declares it, and `async def run(self)`"),
        (Working(done, ""), "service 'Working' has a `name` that is no text; use the one in its manifest"),
        (Plain(), "service 'x' has a `run` that is no `async def`; the host awaits it"),
        (Working(broken), "service 'x' raises OSError when it is started: no port"),
        (Once(), "service 'x' raises RuntimeError when it is started a second time: the port is taken"),
        (Working(blocking), "service 'x' blocks the event loop for … seconds; use `anyio.to_thread.run_sync` for work that blocks"),
        (Working(swallowing), "service 'x' swallows its cancellation; let it through, so that the host sees it end"),
        (Working(untidy), "service 'x' raises OSError when it is cancelled: half closed"),
        (Working(stubborn), "service 'x' does not end within 0.1 seconds of its cancellation"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(service: object, sentence: str) -> None:
    found = await check_service(service, seconds=0.02, timeout=0.1)
    assert sentence in [re.sub(r"\d\.\d seconds;", "… seconds;", fault) for fault in found]
