"""A call that this side made, until the other side has ended it."""

import asyncio
from collections import deque
from typing import Any


class Outgoing:
    """`doing` names it for people. `is_abandoned` once nobody waits for it here."""

    __slots__ = ("doing", "future", "is_abandoned")

    def __init__(self, doing: str, future: "asyncio.Future[Any]") -> None:
        self.doing = doing
        self.future = future
        self.is_abandoned = False

    def ended(self, value: Any, error: BaseException | None) -> None:
        if self.future.done():
            return
        if error is None or self.is_abandoned:
            self.future.set_result(value)
        elif isinstance(error, StopIteration | StopAsyncIteration):
            self.future.set_exception(RuntimeError(f"{type(error).__name__}: {error}"))
        else:
            self.future.set_exception(error)


class OutgoingStream(Outgoing):
    """`allowed` is how many items may still come."""

    __slots__ = ("allowed", "items", "news")

    def __init__(self, doing: str, future: "asyncio.Future[Any]", credit: int) -> None:
        super().__init__(doing, future)
        self.allowed = credit
        self.items: deque[Any] = deque()
        self.news = asyncio.Event()

    def arrived(self, item: Any) -> None:
        self.items.append(item)
        self.news.set()

    def ended(self, value: Any, error: BaseException | None) -> None:
        super().ended(value, error)
        self.news.set()
