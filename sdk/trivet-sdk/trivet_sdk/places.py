"""Places for calls: how many may be at work at once, by resource, by run and in all, and whose turn it is.

For executors, whose contract says how places are given; `Places` keeps it.
"""

from collections import Counter, deque
from collections.abc import Mapping
from types import TracebackType
from typing import TypeAlias

import anyio

from .contributions import Invocation

_Queue: TypeAlias = tuple[str, tuple[str, ...]]
"""A run and the resources that its call occupies: those who wait for the same, in the order in which they came."""


class Places:
    """`sizes` are those of named resources, one each where nothing is said; `at_once` and `per_run` bound all calls and those
    of one run, its sub-goals included. Belongs to one event loop.

    Whoever was served least recently comes next: each queue (a run, and the resources it asks for) is served once before
    another is served twice. A call that needs several resources gets all of them at the same moment, so that no two wait for each
    other; from when its turn has come they are kept free for it. Nobody is thus overtaken for ever.
    """

    def __init__(
        self, sizes: Mapping[str, int] | None = None, *, at_once: int | None = None, per_run: int | None = None
    ) -> None:
        self._sizes = dict(sizes or {})
        self._at_once = at_once
        self._per_run = per_run
        self._taken: Counter[str] = Counter()
        self._of_run: Counter[str] = Counter()
        self._all = 0
        self._queues: dict[_Queue, deque[Place]] = {}
        self._turns: dict[_Queue, int] = {}
        """When each was last served; when it came, until then."""
        self._clock = 0

    def place(self, invocation: Invocation) -> "Place":
        """What `Executor.place` returns."""
        return Place(self, invocation)

    def __len__(self) -> int:
        """Places that are taken."""
        return self._all

    @property
    def waiting(self) -> int:
        """Calls that wait for one."""
        return sum(map(len, self._queues.values()))

    def _ask(self, place: "Place") -> None:
        """Take the place, or stand in its queue."""
        if not self._queues and self._has_room(place.run) and self._are_free(place.resources):
            self._take(place)
            return
        key = (place.run, place.resources)
        if key not in self._queues:
            self._queues[key] = deque()
            self._turns[key] = self._tick()
        self._queues[key].append(place)
        self._serve()

    def _withdraw(self, place: "Place") -> None:
        """Leave the queue, or give back what was taken in the meantime."""
        if place.is_taken:
            self._give_back(place)
            return
        key = (place.run, place.resources)
        self._queues[key].remove(place)
        self._close_if_empty(key)
        self._serve()  # resources that were kept free for it

    def _give_back(self, place: "Place") -> None:
        place.is_taken = False
        self._all -= 1
        for name in place.resources:
            self._taken[name] -= 1
        if self._of_run[place.run] == 1:
            del self._of_run[place.run]
        else:
            self._of_run[place.run] -= 1
        if self._queues:
            self._serve()

    def _serve(self) -> None:
        while (key := self._next()) is not None:
            place = self._queues[key].popleft()
            self._turns[key] = self._tick()
            self._close_if_empty(key)
            self._take(place)
            if place.given is not None:
                place.given.set()

    def _next(self) -> _Queue | None:
        """Whose turn it is of those that can have a place."""
        if self._at_once is not None and self._all >= self._at_once:
            return None
        kept: set[str] = set()
        for key in sorted(self._queues, key=self._turns.__getitem__):
            run, resources = key
            if not self._has_room(run):
                continue
            if kept.isdisjoint(resources) and self._are_free(resources):
                return key
            kept.update(resources)
        return None

    def _has_room(self, run: str) -> bool:
        return (self._at_once is None or self._all < self._at_once) and (
            self._per_run is None or self._of_run[run] < self._per_run
        )

    def _are_free(self, resources: tuple[str, ...]) -> bool:
        return all(self._taken[name] < self._sizes.get(name, 1) for name in resources)

    def _take(self, place: "Place") -> None:
        place.is_taken = True
        self._all += 1
        self._of_run[place.run] += 1
        for name in place.resources:
            self._taken[name] += 1

    def _close_if_empty(self, key: _Queue) -> None:
        if not self._queues[key]:
            del self._queues[key], self._turns[key]

    def _tick(self) -> int:
        self._clock += 1
        return self._clock


class Place:
    """One call's place: `async with` waits for it, and gives it back."""

    def __init__(self, places: Places, invocation: Invocation) -> None:
        self.run = invocation.call.run.partition(".")[0]
        """The id of a sub-goal's run begins with that of the run it belongs to."""
        self.resources = tuple(sorted(set(invocation.spec.resources)))
        self.is_taken = False
        self.given: anyio.Event | None = None
        self._places = places

    async def __aenter__(self) -> None:
        self._places._ask(self)
        if self.is_taken:
            return
        self.given = anyio.Event()
        try:
            await self.given.wait()
        except BaseException:
            self._places._withdraw(self)
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._places._give_back(self)
