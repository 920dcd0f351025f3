"""Two channels over one real pipe, both in this process."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import anyio

from trivet_sdk.worker.channel import Channel
from trivet_sdk.worker.frames import BOUND
from trivet_sdk.worker.incoming import Served


class Pair(NamedTuple):
    here: Channel
    there: Channel
    raw: socket.socket
    """Of `there`, to write what it would not."""
    lost: list[str]
    """What `here` said of the other side."""
    noted: list[tuple[str, Any]]
    stubborn: list[str]
    over: anyio.Event


@asynccontextmanager
async def paired(methods: Mapping[str, Served], *, bound: int = BOUND, patience: float = 10.0) -> AsyncIterator[Pair]:
    """`methods` are those that `there` serves."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    lost: list[str] = []
    noted: list[tuple[str, Any]] = []
    stubborn: list[str] = []
    over = anyio.Event()

    def ended(reason: str) -> None:
        lost.append(reason)
        here.close(reason or "ended")
        over.set()

    async with anyio.create_task_group() as tasks:
        here = Channel(
            "x",
            {},
            tasks,
            noted=lambda name, value: noted.append((name, bytes(value))),
            lost=ended,
            stubborn=lambda doing, seconds: stubborn.append(doing),
            patience=patience,
            bound=bound,
        )
        there = Channel("x", methods, tasks, noted=lambda name, value: None, lost=lambda reason: None, bound=bound)
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: here, sock=ours)
        await loop.create_connection(lambda: there, sock=theirs)
        try:
            yield Pair(here, there, theirs, lost, noted, stubborn, over)
        finally:
            here.close("test over")
            there.close("test over")
            tasks.cancel_scope.cancel()
