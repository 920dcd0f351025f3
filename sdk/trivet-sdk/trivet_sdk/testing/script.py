"""A script: what something says, one reply a call, in order."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, TypeAlias, TypeVar

Request = TypeVar("Request")
Reply = TypeVar("Reply")
Line: TypeAlias = Reply | Exception | Callable[[Request], Reply | Awaitable[Reply]]
"""A reply, an exception to raise, or a function (plain or async) that makes the reply of the request."""


class Script(Generic[Request, Reply]):
    """Plays its lines in order and keeps every request. The last line repeats if `repeats` is set."""

    def __init__(self, lines: Iterable[Line[Reply, Request]], *, repeats: bool = False) -> None:
        self._lines = list(lines)
        self._repeats = repeats
        self.requests: list[Request] = []

    async def next(self, request: Request) -> Reply:
        """Raises what the line is if it is an exception, and AssertionError after the last line."""
        number = len(self.requests)
        self.requests.append(request)
        if number >= len(self._lines) and not (self._repeats and self._lines):
            raise AssertionError(
                f"the script has {len(self._lines)} lines, and this is request {number + 1}: {request!r}"
            )
        reply: Any = self._lines[min(number, len(self._lines) - 1)]
        if isinstance(reply, Exception):
            raise reply
        if callable(reply):
            reply = reply(request)
            if inspect.isawaitable(reply):
                reply = await reply
        said: Reply = reply
        return said
