"""How one plugin stands: its state, why, and what is wrong with it though it runs."""

from collections.abc import Callable
from time import perf_counter

import anyio

from trivet.kernel.lifecycle import TRANSITIONS, USABLE, State

Moved = Callable[[str, State, State, str, float], None]
"""Told of every transition: plugin, before, after, reason, seconds in the state before."""


class Standing:
    """Goes from state to state by the one table, tells each step, and wakes those who wait for one."""

    def __init__(self, id: str, state: State, reason: str, moved: Moved) -> None:
        self.id = id
        self.state = state
        self.reason = reason
        self.note = ""
        """Worth telling about a plugin that runs well."""
        self._told = moved
        self._news = anyio.Event()
        self._since = perf_counter()
        self._complaints: dict[str, str] = {}

    @property
    def is_usable(self) -> bool:
        return self.state in USABLE

    def is_in(self, *states: State) -> bool:
        """Asked by call where the state may have changed meanwhile."""
        return self.state in states

    def move(self, state: State, reason: str = "") -> None:
        """Go on to a state that the table allows, and tell; anything else is our own bug."""
        assert state in TRANSITIONS[self.state], f"plugin '{self.id}': {self.state} -> {state}"
        before, self.state, self.reason = self.state, state, reason
        now = perf_counter()
        seconds, self._since = now - self._since, now
        self.wake()
        self._told(self.id, before, state, reason, seconds)

    def tell(self, reason: str) -> None:
        """Tell what is no transition, e.g. that a newer life goes on in the same state."""
        self._told(self.id, self.state, self.state, reason, perf_counter() - self._since)

    def remark(self, note: str) -> None:
        """Tell once what is worth knowing though it runs well."""
        if note != self.note:
            self.note = note
            self.weigh()
            self.tell(note)

    def complain(self, about: str, sentence: str) -> None:
        """Note what is wrong around it, or with an empty sentence that it no longer is."""
        if sentence:
            self._complaints[about] = sentence
        else:
            self._complaints.pop(about, None)
        self.weigh()

    def weigh(self) -> None:
        """Running or degraded, by what is wrong."""
        if not self.is_usable:
            return
        complaints = self.complaints()
        state: State = "degraded" if complaints else "running"
        if state != self.state:
            self.move(state, complaints)
        else:
            self.reason = complaints or self.note

    def complaints(self) -> str:
        return "; ".join((*self.own_complaints(), *self._complaints.values()))

    def own_complaints(self) -> tuple[str, ...]:
        """Those of the present life."""
        return ()

    def wake(self) -> None:
        """Let those who wait look again."""
        self._news.set()
        self._news = anyio.Event()

    async def news(self) -> None:
        await self._news.wait()
