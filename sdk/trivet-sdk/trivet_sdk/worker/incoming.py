"""A call that the other side made, while it is being served."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import anyio


class Incoming:
    """`scope` is cancelled when nobody waits for the call any more."""

    __slots__ = ("_credit", "_more", "id", "method", "scope")

    def __init__(self, id: int, method: str, credit: int) -> None:
        self.id = id
        self.method = method
        self.scope = anyio.CancelScope()
        self._credit = credit
        self._more: asyncio.Event | None = None

    @property
    def is_cancelled(self) -> bool:
        return self.scope.cancel_called

    def credited(self, items: int) -> None:
        self._credit += items
        if self._more is not None:
            self._more.set()

    async def permit(self) -> None:
        """Wait until one more item may be sent."""
        while self._credit <= 0:
            self._more = asyncio.Event()
            await self._more.wait()
        self._credit -= 1


Work: TypeAlias = Awaitable[Any] | AsyncIterator[Any]


class Served(NamedTuple):
    """How calls of one method are served: `begin` is called as the call arrives, in the order of arrival, and what it
    returns is awaited (or, for a stream, iterated) in a task."""

    kind: Any
    begin: Callable[[Any, Incoming], Work]


Methods: TypeAlias = Mapping[str, Served]
