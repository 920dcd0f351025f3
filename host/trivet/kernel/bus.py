"""The event bus: a shared log of recent events and a cursor for each subscriber.

Publishing appends once, however many listen; a subscriber reads at its own pace from its cursor, and what it was too
slow for is counted in `missed`. Subscribers with the same pattern share one log. The bus may lose events; a run's
journal does not: for a replay that reaches further than this host's memory, ask `Host.watch` or `Host.events`.
"""

import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

import anyio
import anyio.from_thread
import anyio.lowlevel

from trivet_sdk.events import Event, matches

Overflow: TypeAlias = Literal["drop_oldest", "coalesce", "disconnect", "block"]
"""What happens to a subscriber that has more than `bound` events before it: forget the oldest, keep only the newest of
each topic, end its subscription, or make publishers wait for it (up to its `deadline`, then forget the oldest)."""

HISTORY = 1024
"""Events of the past that `since` reaches; transient ones (token deltas, progress) are not kept."""


class _Log:
    """Events that one pattern matches, each with its position on the bus; `end` is the number of all there ever were."""

    __slots__ = ("blocking", "bound", "end", "events", "news", "positions", "start", "subscribers", "waiting")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.positions: list[int] = []
        self.start = 0
        self.end = 0
        self.bound = 0
        self.subscribers = 0
        self.blocking: list[Subscription] = []
        self.news = anyio.Event()
        self.waiting = 0

    def append(self, event: Event, position: int) -> None:
        self.events.append(event)
        self.positions.append(position)
        self.end += 1
        if len(self.events) >= 2 * self.bound + 64:
            surplus = len(self.events) - self.bound
            del self.events[:surplus], self.positions[:surplus]
            self.start += surplus
        if self.waiting:
            self.news.set()
            self.news = anyio.Event()
            self.waiting = 0


class Subscription:
    """Iterate it for events. `missed` counts those that its bound made it lose; `has_gap` says that of what it asked
    for with `since` some is forgotten already."""

    def __init__(self, log: _Log, bound: int, policy: Overflow, deadline: float, position: int) -> None:
        self.bound = bound
        self.policy = policy
        self.deadline = deadline
        self.missed = 0
        self.has_gap = False
        self.is_open = True
        self._log = log
        self._cursor = log.end
        self._position = position
        self._past: deque[tuple[int, Event]] = deque()
        self._room = anyio.Event()
        self._is_awaited = False

    @property
    def pending(self) -> int:
        return len(self._past) + self._log.end - self._cursor

    @property
    def position(self) -> int:
        """Where it stands on the bus: `since` of a later subscription, to go on from here."""
        log, read = self._log, self._cursor - self._log.start
        if self._past or not log.events or log.positions[-1] <= self._position:
            return self._position
        return max(self._position, log.positions[read - 1] if read > 0 else log.positions[0] - 1)

    def close(self) -> None:
        """End the iteration, once what is pending has been read."""
        self.is_open = False
        self._room.set()
        self._log.news.set()
        self._log.news = anyio.Event()

    async def __aiter__(self) -> AsyncIterator[Event]:
        log, bound = self._log, self.bound
        while self._past:
            self._position, event = self._past.popleft()
            yield event
        while True:
            while (lag := log.end - self._cursor) > 0:
                if lag > bound:
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

    def replay(self, since: int, past: list[tuple[int, Event]]) -> None:
        """Let these come first, as far as the bound allows."""
        self._position = since if past else self._position
        kept = past
        if len(past) > self.bound:
            newest = {event.topic: (position, event) for position, event in past}
            kept = list(newest.values()) if self.policy == "coalesce" else past[-self.bound :]
        self.missed += len(past) - len(kept)
        self._past.extend(kept)

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
    """Typed events by topic; order holds per publisher.

    In a pattern `*` stands for any part of a topic: `tool.*`, `*.failed`. A pattern with `@` asks for a version, too:
    `tool.returned@1`; without, every version comes.
    """

    def __init__(self, *taps: Callable[[Event], None]) -> None:
        """`taps` are the host's own ears: told of each event at once, before anyone else, and never behind."""
        self.position = 0
        """How many events there were, in this host's life."""
        self._taps = taps
        self._history: deque[tuple[int, Event]] = deque(maxlen=HISTORY)
        self._forgotten = 0
        self._logs: dict[str, _Log] = {}
        self._routes: dict[tuple[str, int], tuple[_Log, ...]] = {}
        self._thread = threading.get_ident()
        self._token: anyio.lowlevel.EventLoopToken | None = None

    def emit(self, event: Event) -> None:
        """Publish at once, from any thread. Subscribers that block are not waited for: they miss what they must."""
        if self._token is not None and threading.get_ident() != self._thread:
            anyio.from_thread.run_sync(self._append, event, token=self._token)
        else:
            self._append(event)

    async def publish(self, event: Event) -> None:
        """Publish as soon as every blocking subscriber has room, or has used up its deadline."""
        for log in self._logs_of(event):
            for subscription in log.blocking:
                if subscription.pending >= subscription.bound:
                    await subscription.has_room()
        self._append(event)

    @contextmanager
    def subscribe(
        self,
        pattern: str = "*",
        *,
        since: int | None = None,
        bound: int = 1024,
        policy: Overflow = "drop_oldest",
        deadline: float = 1.0,
    ) -> Iterator[Subscription]:
        """Events from now on whose topic matches. `deadline` (seconds) is for `block`.

        With `since`, a `position` of this bus, first those after it, as far as this host remembers; see `has_gap`.
        """
        if self._token is None:
            self._token, self._thread = anyio.lowlevel.current_token(), threading.get_ident()
        log = self._logs.get(pattern)
        if log is None:
            log = self._logs[pattern] = _Log()
            self._routes.clear()
        subscription = Subscription(log, bound, policy, deadline, self.position)
        if since is not None:
            is_of_another_life = since > self.position
            after = 0 if is_of_another_life else since
            subscription.has_gap = is_of_another_life or after < self._forgotten
            subscription.replay(
                after, [(at, event) for at, event in self._history if at > after and matches(pattern, event)]
            )
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
        self.position = position = self.position + 1
        for tap in self._taps:
            tap(event)
        if not event.is_transient:
            history = self._history
            if len(history) == HISTORY:
                self._forgotten = history[0][0]
            history.append((position, event))
        for log in self._logs_of(event):
            log.append(event, position)

    def _logs_of(self, event: Event) -> tuple[_Log, ...]:
        key = event.topic, event.version
        if (known := self._routes.get(key)) is not None:
            return known
        route = tuple(log for pattern, log in self._logs.items() if matches(pattern, event))
        self._routes[key] = route
        return route
