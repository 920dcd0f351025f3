"""The event bus: a shared log of recent events and a cursor for each subscriber.

Publishing appends once, however many listen; a subscriber reads at its own pace from its cursor, and what it was too
slow for is counted in `missed`. Subscribers with the same pattern share one log. The bus may lose events; a run's
journal does not.
"""

import fnmatch
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

import anyio
import anyio.from_thread
import anyio.lowlevel

from trivet_sdk.events import Event

Overflow: TypeAlias = Literal["drop_oldest", "coalesce", "disconnect", "block"]
"""What happens to a subscriber that has more than `bound` events before it: forget the oldest, keep only the newest of
each topic, end its subscription, or make publishers wait for it (up to its `deadline`, then forget the oldest)."""


class _Log:
    """Events that one pattern matches; `end` is the number of all there ever were."""

    __slots__ = ("blocking", "bound", "end", "events", "news", "start", "subscribers", "waiting")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.start = 0
        self.end = 0
        self.bound = 0
        self.subscribers = 0
        self.blocking: list[Subscription] = []
        self.news = anyio.Event()
        self.waiting = 0

    def append(self, event: Event) -> None:
        self.events.append(event)
        self.end += 1
        if len(self.events) >= 2 * self.bound + 64:
            surplus = len(self.events) - self.bound
            del self.events[:surplus]
            self.start += surplus
        if self.waiting:
            self.news.set()
            self.news = anyio.Event()
            self.waiting = 0


class Subscription:
    """Iterate it for events. `missed` counts those that its bound made it lose."""

    def __init__(self, log: _Log, bound: int, policy: Overflow, deadline: float) -> None:
        self.bound = bound
        self.policy = policy
        self.deadline = deadline
        self.missed = 0
        self.is_open = True
        self._log = log
        self._cursor = log.end
        self._room = anyio.Event()
        self._is_awaited = False

    @property
    def pending(self) -> int:
        return self._log.end - self._cursor

    def close(self) -> None:
        """End the iteration, once what is pending has been read."""
        self.is_open = False
        self._room.set()
        self._log.news.set()
        self._log.news = anyio.Event()

    async def __aiter__(self) -> AsyncIterator[Event]:
        log = self._log
        while True:
            while (lag := log.end - self._cursor) > 0:
                if lag > self.bound:
                    if self.policy == "disconnect":
                        self.missed += lag
                        self.is_open = False
                        return
                    for event in self._caught_up(lag):
                        yield event
                    continue
                event = log.events[self._cursor - log.start]
                self._cursor += 1
                if self._is_awaited:
                    self._is_awaited = False
                    self._room.set()
                yield event
            if not self.is_open:
                return
            log.waiting += 1
            await log.news.wait()

    def _caught_up(self, lag: int) -> list[Event]:
        """Skip what is beyond the bound; coalescing, the newest of each topic comes instead of the whole backlog."""
        log = self._log
        first = max(log.end - self.bound, log.start)
        if self.policy != "coalesce":
            self.missed += first - self._cursor
            self._cursor = first
            return []
        newest = {event.topic: event for event in log.events[max(self._cursor, log.start) - log.start :]}
        self.missed += lag - len(newest)
        self._cursor = log.end
        return list(newest.values())

    async def has_room(self) -> None:
        """Wait until this subscriber has room for one more, at most `deadline` seconds."""
        with anyio.move_on_after(self.deadline):
            while self.is_open and self.pending >= self.bound:
                if not self._is_awaited:
                    self._room, self._is_awaited = anyio.Event(), True
                await self._room.wait()


class Bus:
    """Typed events by topic; `*` in a pattern stands for any part of it. Order holds per publisher."""

    def __init__(self) -> None:
        self._logs: dict[str, _Log] = {}
        self._routes: dict[str, tuple[_Log, ...]] = {}
        self._thread = threading.get_ident()
        self._token: anyio.lowlevel.EventLoopToken | None = None

    def emit(self, event: Event) -> None:
        """Publish at once, from any thread. Subscribers that block are not waited for: they miss what they must."""
        if threading.get_ident() != self._thread and self._token is not None:
            anyio.from_thread.run_sync(self._append, event, token=self._token)
        else:
            self._append(event)

    async def publish(self, event: Event) -> None:
        """Publish as soon as every blocking subscriber has room, or has used up its deadline."""
        for log in self._logs_of(event.topic):
            for subscription in log.blocking:
                if log.end - subscription._cursor >= subscription.bound:
                    await subscription.has_room()
        self._append(event)

    @contextmanager
    def subscribe(
        self, pattern: str = "*", *, bound: int = 1024, policy: Overflow = "drop_oldest", deadline: float = 1.0
    ) -> Iterator[Subscription]:
        """Events from now on whose topic matches. `deadline` (seconds) is for `block`."""
        if self._token is None:
            self._token, self._thread = anyio.lowlevel.current_token(), threading.get_ident()
        log = self._logs.get(pattern)
        if log is None:
            log = self._logs[pattern] = _Log()
            self._routes.clear()
        subscription = Subscription(log, bound, policy, deadline)
        log.bound = max(log.bound, bound)
        log.subscribers += 1
        if policy == "block":
            log.blocking.append(subscription)
        try:
            yield subscription
        finally:
            subscription.close()
            log.subscribers -= 1
            if policy == "block":
                log.blocking.remove(subscription)
            if not log.subscribers:
                del self._logs[pattern]
                self._routes.clear()

    def _append(self, event: Event) -> None:
        for log in self._logs_of(event.topic):
            log.append(event)

    def _logs_of(self, topic: str) -> tuple[_Log, ...]:
        if (known := self._routes.get(topic)) is not None:
            return known
        route = tuple(log for pattern, log in self._logs.items() if fnmatch.fnmatchcase(topic, pattern))
        self._routes[topic] = route
        return route
