"""The channel: calls in both directions over one private pipe, each with its own id, many at a time.

A stream sends only what its reader has given credit for, so a slow reader holds up neither other calls nor heartbeats nor
cancellation. Whatever the other side sends that the rules do not allow ends the channel, and nothing else.
"""

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup

from ..errors import PluginError
from .failures import Failures
from .frames import BOUND, BrokenFrame, FrameReader, FrameTooLarge, FrameWriter
from .incoming import Methods
from .outgoing import Outgoing, OutgoingStream
from .payload import decoded, encoded, unpacked
from .protocol import CREDIT, Call, Cancel, Credit, Failed, Hello, Item, Message, Note, Ping, Pong, Result
from .reception import Reception, too_large

INBOX = 128 * 1024
"""Bytes read at once."""
LEAVE = 0.4
"""Seconds that a cancelled call is waited for, so that what it cleans up is clean when its caller goes on."""
STUBBORN = 10.0
"""Seconds after which a call that goes on although it was cancelled is reported."""


class ChannelClosed(Exception):
    """The other side is gone; `doing` is what was asked of it, or, if not `was_begun`, could not be asked any more."""

    def __init__(self, reason: str, doing: str, *, was_begun: bool) -> None:
        super().__init__(reason, doing, was_begun)
        self.reason, self.doing, self.was_begun = reason, doing, was_begun


class Channel(asyncio.BufferedProtocol):
    """`plugin` is whose worker this is, for sentences. `noted` gets what is said in passing, `lost` why nothing more will
    come: empty at the end of the pipe, else what the other side did against the rules. `stubborn` gets what does not stop, and
    after how many seconds."""

    def __init__(
        self,
        plugin: str,
        methods: Methods,
        tasks: TaskGroup,
        *,
        noted: Callable[[str, Any], None],
        lost: Callable[[str], None],
        stubborn: Callable[[str, float], None] = lambda doing, seconds: None,
        patience: float = STUBBORN,
        bound: int = BOUND,
    ) -> None:
        self.plugin = plugin
        self.heard = 0
        """Pieces that arrived: as long as it rises, the other side lives."""
        self._hello: asyncio.Future[Hello] = asyncio.get_running_loop().create_future()
        self._noted = noted
        self._lost = lost
        self._stubborn = stubborn
        self._patience = patience
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._transport: asyncio.WriteTransport | None = None
        self._inbox = memoryview(bytearray(INBOX))
        self._reader = FrameReader(bound)
        self._writer = FrameWriter(bound)
        self.failures = Failures()
        self._outgoing: dict[int, Outgoing] = {}
        self._reception = Reception(methods, tasks, self.failures, self._send, self._has_room, lambda: self.plugin)
        self._sent = 0
        self._room = asyncio.Event()
        self._room.set()
        self._closed: str | None = None

    # What this side asks

    async def request(
        self,
        method: str,
        value: Any,
        kind: Any = Any,
        *,
        doing: str = "",
        leave: float = LEAVE,
        patience: float | None = None,
    ) -> Any:
        """Call, and wait for what comes back, read as `kind`. A callable `value` is made at the moment of sending; `leave`
        are the seconds for which the other side is waited for once this call was cancelled, and `patience` those after
        which it is reported as stubborn, if not the channel's.

        Raises what the other side raised, ChannelClosed, and PluginError if it is too large for one message.
        """
        await self._has_room(doing or method)
        call = Outgoing(doing or method, self._loop.create_future())
        id = self._begin(method, value, call, credit=0)
        try:
            answer = await call.future
        except asyncio.CancelledError:
            if id in self._outgoing:
                await self._abandoned(id, call, leave, self._patience if patience is None else patience)
            raise
        return self._read(answer, kind, method)

    async def stream(
        self, method: str, value: Any, kind: Any = Any, *, doing: str = "", credit: int = CREDIT
    ) -> AsyncGenerator[Any, None]:
        """The items as they come. Closing it, or being cancelled, ends the work on the other side."""
        await self._has_room(doing or method)
        call = OutgoingStream(doing or method, self._loop.create_future(), credit)
        id = self._begin(method, value, call, credit=credit)
        taken = 0
        try:
            while True:
                while call.items:
                    item = self._read(call.items.popleft(), kind, method)
                    taken += 1
                    if 2 * taken >= credit and id in self._outgoing:
                        call.allowed += taken
                        self._send(Credit(id, taken))
                        taken = 0
                    yield item
                if call.future.done():
                    call.future.result()
                    return
                call.news.clear()
                await call.news.wait()
        finally:
            if id in self._outgoing:
                self._give_up(id, call, self._patience)
            elif not call.future.cancelled() and call.future.done():
                call.future.exception()  # seen, also where the reader left before the end

    def note(self, name: str, value: Any = None) -> None:
        """Say something that needs no answer, from any thread; lost if the other side is gone."""
        if threading.get_ident() == self._thread:
            self._send(Note(name, value))
        else:
            self._loop.call_soon_threadsafe(self._send, Note(name, value))

    def later(self, seconds: float, callback: Callable[[], None]) -> None:
        self._loop.call_later(seconds, callback)

    def greet(self, hello: Hello) -> None:
        self._send(hello)

    async def greeted(self) -> Hello:
        """The other side's first message. Raises ChannelClosed."""
        try:
            return await asyncio.shield(self._hello)
        except asyncio.CancelledError:
            if self._hello.cancelled():
                raise ChannelClosed(self._closed or "", "hello", was_begun=True) from None
            raise

    def ping(self) -> None:
        self._send(Ping(self.heard & 0xFFFF))

    # Its end

    @property
    def is_closed(self) -> bool:
        return self._closed is not None

    def close(self, reason: str) -> None:
        """Let go. What waits for an answer fails with this reason."""
        if self._closed is not None:
            return
        self._closed = reason
        if self._transport is not None:
            self._transport.abort()
        self._reception.close()
        outgoing, self._outgoing = self._outgoing, {}
        for call in outgoing.values():
            call.ended(None, ChannelClosed(reason, call.doing, was_begun=True))
        self._room.set()
        self._hello.cancel()

    # asyncio.BufferedProtocol: into one buffer, where a Protocol would get 256 KB of fresh memory for each piece

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:
        return self._inbox

    def buffer_updated(self, nbytes: int) -> None:
        self.heard += 1
        try:
            for payload in self._reader.feed(self._inbox[:nbytes]):
                self._arrived(decoded(payload))
                if self._closed is not None:
                    return
        except BrokenFrame as broken:
            self._lost(str(broken))
        except (msgspec.DecodeError, RecursionError) as error:
            self._lost(f"sent what is no message: {error}")

    def connection_lost(self, exc: Exception | None) -> None:
        if self._closed is None:
            self._lost("" if self._reader.is_between else "stopped in the middle of a frame")

    def pause_writing(self) -> None:
        self._room.clear()

    def resume_writing(self) -> None:
        self._room.set()

    # Messages out

    async def _has_room(self, doing: str) -> None:
        if not self._room.is_set():
            await self._room.wait()
        if self._closed is not None:
            raise ChannelClosed(self._closed, doing, was_begun=False)

    def _begin(self, method: str, value: Any, call: Outgoing, credit: int) -> int:
        id = self._sent + 1
        try:
            self._send(Call(id, method, value() if callable(value) else value, credit))
        except FrameTooLarge as error:
            cure = "Pass large things as blobs or files."
            raise PluginError(
                self.plugin, f"cannot be asked for '{call.doing}': {too_large('the request', error)} {cure}"
            ) from None
        self._sent = id
        self._outgoing[id] = call
        return id

    def _send(self, message: Message) -> None:
        if self._closed is None and self._transport is not None:
            self._transport.write(self._writer.finish(encoded(message)))

    def _give_up(self, id: int, call: Outgoing, patience: float) -> None:
        call.is_abandoned = True
        self._send(Cancel(id))
        self._loop.call_later(patience, self._is_it_stubborn, id, patience)

    async def _abandoned(self, id: int, call: Outgoing, leave: float, patience: float) -> None:
        self._give_up(id, call, patience)
        call.future = self._loop.create_future()
        with anyio.move_on_after(leave, shield=True):
            await call.future

    def _is_it_stubborn(self, id: int, seconds: float) -> None:
        if (call := self._outgoing.get(id)) is not None:
            self._stubborn(call.doing, seconds)

    def _read(self, value: Any, kind: Any, method: str) -> Any:
        try:
            return unpacked(value, kind)
        except msgspec.DecodeError as error:
            raise PluginError(self.plugin, f"answered '{method}' with what cannot be read: {error}") from None

    # Messages in

    def _arrived(self, message: Message) -> None:
        match message:
            case Call():
                self._reception.call(message)
            case Result():
                self._open(message.id, is_end=True).ended(message.value, None)
            case Failed():
                self._open(message.id, is_end=True).ended(None, self.failures.raised(message.problem))
            case Item():
                stream = self._open(message.id, is_end=False)
                if not isinstance(stream, OutgoingStream) or stream.allowed <= 0:
                    raise BrokenFrame("sent an item that nobody had asked for")
                stream.allowed -= 1
                stream.arrived(message.value)
            case Credit():
                self._reception.credit(message.id, message.items)
            case Cancel():
                self._reception.cancel(message.id)
            case Note():
                self._noted(message.name, message.value)
            case Ping():
                if self._room.is_set():  # else it has more to hear from us already than it takes
                    self._send(Pong(message.number))
            case Pong():
                pass  # that something was heard is all that counts
            case Hello():
                if self._hello.done():
                    raise BrokenFrame("said hello twice")
                self._hello.set_result(message)

    def _open(self, id: int, *, is_end: bool) -> Outgoing:
        call = self._outgoing.get(id)
        if call is None:
            raise BrokenFrame(f"answered call {id}, which is not open")
        if is_end:
            del self._outgoing[id]
        return call
