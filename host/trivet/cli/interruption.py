"""Ctrl-C and SIGTERM while a run goes on."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from trivet.cli import failure

PATIENCE = 5.0
"""Seconds that an orderly end may take once it was asked for."""


class Heard:
    """Which signal came first; 0 as long as none has."""

    sign = 0


@contextmanager
def interruptible(stop: Callable[[], None], last_words: Callable[[], str]) -> Iterator[Heard]:
    """The first signal calls `stop` on the event loop. The second, or `PATIENCE` seconds, end the process at once, with
    `last_words` on stderr: a tool may block the loop, which then hears of nothing.

    Python's own handlers and no receiver on the loop, since those run even then.
    """
    loop = asyncio.get_running_loop()
    first = Heard()

    def leave() -> None:
        with suppress(OSError):
            os.write(2, f"\n{last_words()}\n".encode())
        os._exit(failure.INTERRUPTED)

    timer = threading.Timer(PATIENCE, leave)
    timer.daemon = True

    def heard(number: int, frame: FrameType | None) -> None:
        if first.sign:
            leave()
        first.sign = number
        timer.start()
        loop.call_soon_threadsafe(stop)

    before = {sign: signal.signal(sign, heard) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield first
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
        timer.cancel()
