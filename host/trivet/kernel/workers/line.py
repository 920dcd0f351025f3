"""Calls to one worker: what goes wrong on the way becomes an error that names the plugin and what it was doing."""

import itertools
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from typing import Any

from trivet.errors import CallInterrupted
from trivet.kernel.workers.showing import Showing
from trivet_sdk.errors import PluginError
from trivet_sdk.transcript import Transcript
from trivet_sdk.worker.channel import Channel, ChannelClosed
from trivet_sdk.worker.protocol import CREDIT
from trivet_sdk.worker.tool_lists import ToolListSender
from trivet_sdk.worker.transcripts import Growth, TranscriptSender


class Relays:
    """What of the host's a worker may use, each for the time of one call."""

    def __init__(self, plugin: str) -> None:
        self._plugin = plugin
        self._numbers = itertools.count(1)
        self._open: dict[int, Any] = {}
        self.uploads: dict[int, dict[int, bytearray]] = {}
        """What came so far of the blobs that the worker puts during a call; dropped when that ends."""

    @contextmanager
    def opened(self, thing: Any) -> Iterator[int]:
        number = next(self._numbers)
        self._open[number] = thing
        try:
            yield number
        finally:
            del self._open[number]
            self.uploads.pop(number, None)

    def find(self, number: int) -> Any:
        """Raises PluginError."""
        try:
            return self._open[number]
        except KeyError:
            raise PluginError(self._plugin, "uses what it was lent for a call that has ended") from None


class Line:
    def __init__(
        self, plugin: str, channel: Channel, relays: Relays, *, tool_patience: float, showing: Showing | None = None
    ) -> None:
        """`tool_patience`: seconds within which a tool must stop once it was cancelled. `showing`: for a worker in a sandbox
        that may see workspaces."""
        self.plugin = plugin
        self.channel = channel
        self.relays = relays
        self.tool_patience = tool_patience
        self.showing = showing
        self.transcripts = TranscriptSender()
        self.tools = ToolListSender()

    async def request(
        self,
        method: str,
        value: Any,
        kind: Any,
        *,
        doing: str,
        lost: Callable[[CallInterrupted], Exception] | None = None,
        patience: float | None = None,
    ) -> Any:
        """`lost` makes the error of a worker that is gone into the one that this kind of call may raise."""
        try:
            return await self.channel.request(method, value, kind, doing=doing, patience=patience)
        except ChannelClosed as closed:
            interrupted = self._interrupted(closed)
            if lost is None:
                raise interrupted from None
            raise lost(interrupted) from interrupted  # who calls may look whether it was made in vain

    async def stream(
        self,
        method: str,
        value: Any,
        kind: Any,
        *,
        doing: str,
        lost: Callable[[CallInterrupted], Exception] | None = None,
        credit: int = CREDIT,
    ) -> AsyncGenerator[Any, None]:
        try:
            async with aclosing(self.channel.stream(method, value, kind, doing=doing, credit=credit)) as items:
                async for item in items:
                    yield item
        except ChannelClosed as closed:
            interrupted = self._interrupted(closed)
            if lost is None:
                raise interrupted from None
            raise lost(interrupted) from interrupted  # who calls may look whether it was made in vain

    async def about(
        self, transcript: Transcript, method: str, make: Callable[[Growth], Any], kind: Any, *, doing: str
    ) -> Any:
        """A request that brings the transcript up to date on the other side, at the moment of sending."""
        is_sent = False

        def value() -> Any:
            return make(self.transcripts.growth(transcript))

        try:
            answer = await self.request(method, value, kind, doing=doing)
            is_sent = True
            return answer
        finally:
            if not is_sent:  # it may not have arrived, and then everything has to be told again
                self.transcripts.forget(transcript.run)
                self.tools.clear()

    def _interrupted(self, closed: ChannelClosed) -> CallInterrupted:
        return CallInterrupted(self.plugin, closed.reason, closed.doing, has_begun=closed.was_begun)
