"""What a plugin's life lives in: this process, or a worker of its own."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from trivet_sdk.contributions import Contributions


class Body(Protocol):
    pid: int | None
    """Of the worker."""

    def open(self) -> AbstractAsyncContextManager[Contributions]:
        """Entering starts the plugin, leaving stops it in peace."""
        ...

    async def ended(self) -> str:
        """Wait until it died by itself; a sentence (exit code or signal, heartbeat lost, protocol broken). In process it
        never returns."""
        ...

    def kill(self, reason: str) -> None:
        """At once, with all descendants. In process it does nothing."""
        ...
