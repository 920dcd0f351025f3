"""The channel between host and worker: calls and streams that do not get into each other's way, and rules that are kept."""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

import anyio
import pytest

from tests.sdk.worker.pair import paired
from trivet_sdk import ModelUnavailable, PluginError, ToolError
from trivet_sdk.worker.channel import ChannelClosed
from trivet_sdk.worker.failures import RemoteBug
from trivet_sdk.worker.frames import HEADER, FrameWriter
from trivet_sdk.worker.incoming import Incoming, Served
from trivet_sdk.worker.payload import encoded
from trivet_sdk.worker.protocol import Call, Credit, Hello, Item, Message, Pong, Result

pytestmark = pytest.mark.anyio


async def echo(value: Any, incoming: Incoming) -> Any:
    return value


async def raising(value: str, incoming: Incoming) -> None:
    match value:
        case "tool":
            raise ToolError("busy", is_transient=True)
        case "model":
            raise ModelUnavailable("m", "is off")
        case "exit":
            raise SystemExit(3)
        case _:
            raise KeyError(value)


class Counting:
    """A stream of numbers that counts how many were taken from it, and knows when it was closed."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = anyio.Event()

    async def stream(self, end: int, incoming: Incoming) -> AsyncIterator[int]:
        try:
            while self.made < end:
                self.made += 1
                yield self.made
        finally:
            self.closed.set()


class Hanging:
    def __init__(self, *, shielded: bool = False) -> None:
        self.begun = anyio.Event()
        self.cancelled = anyio.Event()
        self.release = anyio.Event()
        self._shielded = shielded

    async def hang(self, value: None, incoming: Incoming) -> None:
        self.begun.set()
        try:
            with anyio.CancelScope(shield=self._shielded):
                await self.release.wait()
        finally:
            self.cancelled.set()


ECHO = {"echo": Served(Any, echo), "raising": Served(str, raising)}


@pytest.mark.parametrize(
    "value", [None, {"企鹅": [1, 2.5, "x", None, True]}, 2**100, [2**70, {"n": -(2**90)}], b"\x00\xff"]
)
async def test_value_comes_back_as_it_was_sent(value: Any) -> None:
    with anyio.fail_after(20):
        async with paired(ECHO) as pair:
            assert await pair.here.request("echo", value) == value


async def test_errors_of_the_contracts_arrive_as_what_they_are() -> None:
    with anyio.fail_after(20):
        async with paired(ECHO) as pair:
            with pytest.raises(ToolError) as busy:
                await pair.here.request("raising", "tool")
            assert (busy.value.message, busy.value.is_transient) == ("busy", True)
            with pytest.raises(ModelUnavailable) as off:
                await pair.here.request("raising", "model")
            assert str(off.value) == "model 'm' is off"


async def test_any_other_error_arrives_as_a_bug_with_the_traceback_from_there() -> None:
    with anyio.fail_after(20):
        async with paired(ECHO) as pair:
            with pytest.raises(RemoteBug) as caught:
                await pair.here.request("raising", "key")
            assert isinstance(caught.value, KeyError)
            assert (type(caught.value).__name__, str(caught.value)) == ("KeyError", "'key'")
            assert "in raising\n    raise KeyError(value)" in str(caught.value.__cause__)
            with pytest.raises(RemoteBug) as left:
                await pair.here.request("raising", "exit")
            assert type(left.value).__name__ == "SystemExit"


async def test_slow_reader_of_one_stream_holds_up_nothing_else() -> None:
    counting = Counting()
    with anyio.fail_after(20):
        async with paired({**ECHO, "count": Served(int, counting.stream)}) as pair:
            async with aclosing(pair.here.stream("count", 1000, int, credit=8)) as numbers:
                assert await anext(numbers) == 1
                for _ in range(50):
                    assert await pair.here.request("echo", "alive") == "alive"
                assert counting.made <= 9  # as many as there was credit for, and one that waits for more
                assert [await anext(numbers) for _ in range(999)] == list(range(2, 1001))


async def test_stream_that_its_reader_leaves_is_closed_on_the_other_side() -> None:
    counting = Counting()
    with anyio.fail_after(20):
        async with paired({"count": Served(int, counting.stream)}) as pair:
            async with aclosing(pair.here.stream("count", 10**9, int)) as numbers:
                assert await anext(numbers) == 1
            await counting.closed.wait()


async def test_cancelled_call_is_cancelled_on_the_other_side_before_its_caller_goes_on() -> None:
    hanging = Hanging()
    with anyio.fail_after(20):
        async with paired({"hang": Served(None, hanging.hang)}) as pair:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pair.here.request, "hang", None)
                await hanging.begun.wait()
                tasks.cancel_scope.cancel()
            assert hanging.cancelled.is_set()


async def test_call_that_goes_on_though_it_was_cancelled_is_reported() -> None:
    hanging = Hanging(shielded=True)
    with anyio.fail_after(20):
        async with paired({"hang": Served(None, hanging.hang)}, patience=0.05) as pair:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(pair.here.request, "hang", None)
                await hanging.begun.wait()
                tasks.cancel_scope.cancel()
            assert pair.stubborn == ["hang"]  # the caller waited longer than the patience
            hanging.release.set()


async def test_many_calls_at_once_get_their_own_answers() -> None:
    answers: dict[int, Any] = {}

    async def ask(number: int) -> None:
        answers[number] = await pair.here.request("echo", number)

    with anyio.fail_after(20):
        async with paired(ECHO) as pair, anyio.create_task_group() as tasks:
            for number in range(500):
                tasks.start_soon(ask, number)
    assert answers == {number: number for number in range(500)}


async def test_what_is_too_large_is_refused_with_size_bound_and_cure() -> None:
    async def flood(size: int, incoming: Incoming) -> str:
        return "x" * size

    with anyio.fail_after(20):
        async with paired({**ECHO, "flood": Served(int, flood)}, bound=200_000) as pair:
            with pytest.raises(PluginError) as result:
                await pair.here.request("flood", 300_000)
            assert str(result.value) == (
                "plugin 'x' cannot answer 'flood': the result has 0.3 MB, and one message holds at most 0.2 MB. "
                "Put large things into the blob store (`ctx.blobs.put`) and return their address."
            )
            with pytest.raises(PluginError) as request:
                await pair.here.request("echo", "x" * 300_000, doing="x.echo")
            assert str(request.value) == (
                "plugin 'x' cannot be asked for 'x.echo': the request has 0.3 MB, and one message holds at most 0.2 MB. "
                "Pass large things as blobs or files."
            )
            assert await pair.here.request("echo", 1) == 1


async def test_value_that_nothing_can_carry_is_a_bug_and_the_channel_goes_on() -> None:
    async def odd(value: None, incoming: Incoming) -> object:
        return object()

    with anyio.fail_after(20):
        async with paired({**ECHO, "odd": Served(None, odd)}) as pair:
            with pytest.raises(RemoteBug) as caught:
                await pair.here.request("odd", None)
            assert str(caught.value) == "Encoding objects of type object is unsupported"
            with pytest.raises(TypeError):
                await pair.here.request("echo", object())
            assert await pair.here.request("echo", 1) == 1


async def test_calls_under_way_fail_when_the_other_side_is_gone_and_later_ones_at_once() -> None:
    hanging = Hanging()
    errors: list[ChannelClosed] = []

    async def ask() -> None:
        try:
            await pair.here.request("hang", None, doing="x.hang")
        except ChannelClosed as closed:
            errors.append(closed)

    with anyio.fail_after(20):
        async with paired({"hang": Served(None, hanging.hang)}) as pair:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(ask)
                await hanging.begun.wait()
                pair.there.close("gone")
            with pytest.raises(ChannelClosed) as later:
                await pair.here.request("hang", None)
    assert [(each.reason, each.doing, each.was_begun) for each in errors] == [("ended", "x.hang", True)]
    assert (later.value.reason, later.value.was_begun) == ("ended", False)
    assert pair.lost == [""]


NO_MESSAGE = "sent what is no message: MessagePack data is malformed: invalid opcode '\\xc1' (byte 0)"


def frames(*messages: Message, first: int = 0) -> bytes:
    writer = FrameWriter()
    for _ in range(first):
        writer.finish(bytearray(HEADER.size))
    return b"".join(bytes(writer.finish(encoded(message))) for message in messages)


@pytest.mark.parametrize(
    ("wire", "reason"),
    [
        (frames(Result(7)), "answered call 7, which is not open"),
        (frames(Item(1, 5)), "answered call 1, which is not open"),
        (frames(Call(1, "rm", None)), "called 'rm', which is nothing that can be called"),
        (frames(Call(5, "rm", None)), "made call 5 where call 1 was due"),
        (frames(Hello(1, "1.0", 1), Hello(1, "1.0", 1)), "said hello twice"),
        (frames(Pong(0)) * 2, "sent frame 0 where frame 1 was due"),
        (frames(Pong(0), first=3), "sent frame 3 where frame 0 was due"),
        (HEADER.pack(2**31, 0), "sent a frame of 2147.5 MB, more than the 16.8 MB allowed"),
        (HEADER.pack(3, 0) + b"\xc1\xc1\xc1", NO_MESSAGE),
        (HEADER.pack(100, 0) + b"\x93", "stopped in the middle of a frame"),
        (frames(Credit(3, 5)), ""),
    ],
)  # fmt: skip
async def test_what_the_rules_do_not_allow_ends_the_channel_by_name(wire: bytes, reason: str) -> None:
    with anyio.fail_after(20):
        async with paired({}) as pair:
            pair.raw.send(wire)
            if reason in ("", "stopped in the middle of a frame"):
                pair.there.close("done")
            await pair.over.wait()
            assert pair.lost == [reason]


async def test_item_beyond_the_credit_ends_the_channel() -> None:
    hanging = Hanging()

    with anyio.fail_after(20):
        async with paired({"hang": Served(None, hanging.hang)}) as pair:
            stream = pair.here.stream("hang", None, credit=2)
            async with anyio.create_task_group() as tasks:

                async def read() -> None:
                    with pytest.raises(ChannelClosed):
                        async for _ in stream:
                            pass

                tasks.start_soon(read)
                await hanging.begun.wait()
                pair.raw.send(frames(Item(1, 1), Item(1, 2), Item(1, 3)))
                await pair.over.wait()
            assert pair.lost == ["sent an item that nobody had asked for"]
            await stream.aclose()
