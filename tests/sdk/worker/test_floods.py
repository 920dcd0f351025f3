"""A worker that asks and asks and never reads an answer: what the host keeps for it stays small."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import suppress

import anyio
import msgspec
import pytest

from trivet_sdk.worker.asks import AskServer
from trivet_sdk.worker.channel import Channel
from trivet_sdk.worker.failures import Failures
from trivet_sdk.worker.frames import HEADER, FrameReader, FrameWriter
from trivet_sdk.worker.incoming import Incoming, Served
from trivet_sdk.worker.payload import encoded
from trivet_sdk.worker.protocol import Call, Message, Ping

pytestmark = pytest.mark.anyio

LITTLE = 1024 * 1024
"""Bytes of answers that may wait for one worker."""
PATIENCE = 200
"""Turns of the loop without a byte taken, after which nothing more is taken."""


@pytest.fixture
def pipe() -> Iterator[tuple[socket.socket, socket.socket]]:
    host, worker = socket.socketpair()
    with host, worker:
        for end in (host, worker):
            end.setblocking(False)
        yield host, worker


async def poured(worker: socket.socket, content: bytes) -> int:
    """Write as much as the host takes, and never read. How many bytes that was."""
    sent = waited = 0
    while sent < len(content) and waited < PATIENCE:
        try:
            sent += worker.send(content[sent : sent + 65536])
            waited = 0
        except BlockingIOError:
            waited += 1
        except (BrokenPipeError, ConnectionResetError):
            return sent
        await anyio.lowlevel.checkpoint()
    return sent


def frames(*messages: Message) -> bytes:
    writer = FrameWriter(LITTLE)
    return b"".join(bytes(writer.finish(encoded(message))) for message in messages)


async def test_pings_that_nobody_hears_answered_are_not_answered(pipe: tuple[socket.socket, socket.socket]) -> None:
    host, worker = pipe
    async with anyio.create_task_group() as tasks:
        lost: list[str] = []
        channel = Channel("x", {}, tasks, noted=lambda name, value: None, lost=lost.append)
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: channel, sock=host)
        pings = frames(*[Ping(1)] * 500_000)
        assert await poured(worker, pings) == len(pings)
        assert not lost
        assert transport.get_write_buffer_size() < LITTLE
        channel.close("test over")


async def test_calls_that_cannot_be_read_are_bounded_like_all_others(
    pipe: tuple[socket.socket, socket.socket],
) -> None:
    host, worker = pipe
    lost: list[str] = []

    async def echo(value: int, incoming: Incoming) -> int:
        return value

    async with anyio.create_task_group() as tasks:
        channel = Channel("x", {"echo": Served(int, echo)}, tasks, noted=lambda name, value: None, lost=lost.append)
        transport, _ = await asyncio.get_running_loop().create_connection(lambda: channel, sock=host)
        writer = FrameWriter(LITTLE)
        for start in range(1, 100_000, 1000):
            calls = [
                Call(id, "echo", msgspec.Raw(msgspec.msgpack.encode("x" * 50)), 0) for id in range(start, start + 1000)
            ]
            await poured(worker, b"".join(bytes(writer.finish(encoded(call))) for call in calls))
            if lost:
                break
        assert lost[0] == "has more than 4096 calls open at once"
        assert transport.get_write_buffer_size() < 4 * LITTLE
        channel.close("test over")


async def test_questions_are_taken_no_faster_than_their_answers(pipe: tuple[socket.socket, socket.socket]) -> None:
    host, worker = pipe
    broken: list[str] = []
    server = AskServer({"secret": lambda relay, word: "s" * 1000}, Failures(), broken.append)
    transport, _ = await asyncio.get_running_loop().create_connection(lambda: server, sock=host)
    writer, question = FrameWriter(LITTLE), msgspec.msgpack.encode(["secret", 0, "name"])
    questions = b"".join(bytes(writer.finish(bytearray(HEADER.size) + question)) for _ in range(100_000))
    taken = await poured(worker, questions)
    assert taken < len(questions)
    assert transport.get_write_buffer_size() < LITTLE

    reader, answers, sent = FrameReader(LITTLE), 0, taken
    with anyio.fail_after(30):
        while answers < 100_000:  # once it reads, it is heard to the end
            with suppress(BlockingIOError):
                sent += worker.send(questions[sent : sent + 65536])
            try:
                answers += len(reader.feed(worker.recv(1 << 20)))
            except BlockingIOError:
                await anyio.lowlevel.checkpoint()
    assert not broken
    transport.close()
