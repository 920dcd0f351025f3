"""A scripted OpenAI-compatible endpoint on loopback, without state, so that any number of conversations may be interleaved.

The model's name is the script: `turns-20` asks for twenty calls of `add`, one a turn, `turns-1x8` for eight at once, then it
says `done 20`. How far a conversation is, is counted in the request: its tool messages. `/wait-50/v1` answers after 50 ms.

    python tests/bench/fake_endpoint.py        prints {"port": …}, serves until it is terminated
"""

import asyncio
import json
import re
from typing import NamedTuple

_MODEL = re.compile(rb'"model"\s*:\s*"([^"]+)"')
_STREAM = re.compile(rb'"stream"\s*:\s*true')
_TOOL = re.compile(rb'"role"\s*:\s*"tool"')
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_WAIT = re.compile(rb"/wait-(\d+)/")
_USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


class Script(NamedTuple):
    turns: int
    calls: int
    """Of one turn."""


def script_of(model: str) -> Script:
    turns, _, calls = model.removeprefix("turns-").partition("x")
    return Script(int(turns), int(calls or 1))


def response(body: bytes) -> tuple[bytes, bytes]:
    """Content type and content."""
    found = _MODEL.search(body)
    model = found[1].decode() if found else "turns-1"
    script = script_of(model)
    turn = len(_TOOL.findall(body)) // script.calls + 1
    text = None if turn <= script.turns else f"done {script.turns}"
    calls = [
        {
            "index": number,
            "id": f"call_{turn:05d}_{number}",
            "type": "function",
            "function": {"name": "bench-add", "arguments": json.dumps({"a": turn, "b": number + 1})},
        }
        for number in range(script.calls if text is None else 0)
    ]
    finish = "tool_calls" if calls else "stop"
    if not _STREAM.search(body):
        message = {"role": "assistant", "content": text, **({"tool_calls": calls} if calls else {})}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        return b"application/json", json.dumps({"model": model, "choices": [choice], "usage": _USAGE}).encode()
    deltas: list[dict[str, object]] = [{"role": "assistant", "content": None if text is None else ""}]
    deltas += [{"content": word} for word in re.findall(r"\s*\S+", text or "")]
    deltas += [{"tool_calls": [call]} for call in calls]
    chunks: list[dict[str, object]] = [
        {"model": model, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas
    ]
    chunks.append({"model": model, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    chunks.append({"model": model, "choices": [], "usage": _USAGE})
    events = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]
    return b"text/event-stream", b"".join([*events, b"data: [DONE]\n\n"])


class Connection(asyncio.Protocol):
    """HTTP/1.1 with content-length and keep-alive, which is all that clients of an endpoint send."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end]
            length = _LENGTH.search(head)
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self._received) < size:
                return
            body, self._received = self._received[end + 4 : size], self._received[size:]
            kind, content = response(body)
            wait = _WAIT.search(head)
            reply = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n%s" % (
                kind,
                len(content),
                content,
            )
            if wait:
                asyncio.get_running_loop().call_later(int(wait[1]) / 1000, self._send, reply)
            else:
                self._send(reply)

    def _send(self, reply: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(reply)


async def serve() -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=2048)
    print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
