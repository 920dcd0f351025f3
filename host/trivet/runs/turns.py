"""Parallel steps of a run that is lived again, kept in the order in which they were recorded: whoever is not next waits.

Where everybody waits and nobody is next, nothing will ever come; that is noticed without a clock.
"""

import contextvars
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import anyio
import anyio.lowlevel

from trivet_sdk.events import Event

CALM = 20
"""Turns of the event loop without any news after which everybody is taken to wait."""
FOREIGN_CALM = 0.01
"""Seconds of such a turn while a planner or reflector is at work, which may have tasks of its own."""

_in_foreign: contextvars.ContextVar[bool] = contextvars.ContextVar("in_foreign", default=False)


class Waiter:
    """`wanted` is what it is going to write, if that is known. A patient one has nothing to write for sure, and is let go
    where nobody else is next."""

    def __init__(self, wanted: Event | None, *, is_patient: bool) -> None:
        self.wanted = wanted
        self.is_patient = is_patient
        self.news = anyio.Event()
        self.is_let_go = False


class Turns:
    """`stalled` is told when everybody waits for ever."""

    def __init__(self, stalled: Callable[[], None]) -> None:
        self.waiters: list[Waiter] = []
        self.is_over = False
        """Nobody waits any more, whoever is next."""
        self._stalled = stalled
        self._stirred = anyio.Event()
        self._stirs = 0
        self._foreign = 0
        self._foreign_waiting = 0

    async def until(self, is_turn: Callable[[], bool], wanted: Event | None, *, is_patient: bool = False) -> None:
        """Wait until it is somebody's turn."""
        if is_turn() or self.is_over:
            return
        waiter = Waiter(wanted, is_patient=is_patient)
        self.waiters.append(waiter)
        is_foreign = _in_foreign.get()
        self._foreign_waiting += is_foreign
        self._stir()
        try:
            while not (is_turn() or waiter.is_let_go or self.is_over):
                waiter.news = anyio.Event()
                await waiter.news.wait()
        finally:
            self._foreign_waiting -= is_foreign
            self.waiters.remove(waiter)
            self._stir()

    def pass_on(self) -> None:
        """Somebody else is next: all look up."""
        self._stir()
        for waiter in self.waiters:
            waiter.news.set()

    @contextmanager
    def foreign(self) -> Iterator[None]:
        """While a planner or reflector is at work, which may take its time."""
        token = _in_foreign.set(True)
        self._foreign += 1
        try:
            yield
        finally:
            self._foreign -= 1
            _in_foreign.reset(token)
            self._stir()

    async def watch(self) -> None:
        """Notice where everybody waits and nobody is next, until cancelled."""
        while True:
            await self._stirred.wait()
            self._stirred = anyio.Event()
            if await self._is_calm() and not self._is_one_let_go():
                self._stalled()

    async def _is_calm(self) -> bool:
        before = self._stirs
        for _ in range(CALM):
            if not self.waiters or self._foreign > min(self._foreign_waiting, 1):
                return False
            await (anyio.sleep(FOREIGN_CALM) if self._foreign else anyio.lowlevel.checkpoint())
            if self._stirs != before:
                self._stirred.set()
                return False
        return True

    def _is_one_let_go(self) -> bool:
        for waiter in self.waiters:
            if waiter.is_patient and not waiter.is_let_go:
                waiter.is_let_go = True
                waiter.news.set()
                return True
        return False

    def _stir(self) -> None:
        self._stirs += 1
        self._stirred.set()
