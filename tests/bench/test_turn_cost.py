"""What must not creep in: a turn late in a run costs what an early one does. Counted, not timed, so noise does not matter."""

import asyncio
import itertools
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench import body, ours
from tests.bench.fake_endpoint import Connection
from trivet.app import RunOptions, open_host
from trivet.settings import load_settings
from trivet_openai import wire_messages
from trivet_sdk import Budget, Contributions, Goal, Message
from trivet_sdk.testing import EmbeddedPlugin

TURNS = 120
WINDOW = 30
"""Turns at each end that are compared."""


class CallCounter:
    """Python calls made on this thread so far."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            self.count += 1


@asynccontextmanager
async def endpoint() -> AsyncIterator[str]:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Python calls at each call of the tool."""
    counter, marks = CallCounter(), list[int]()

    async def mark(a: int, b: int) -> int:
        marks.append(counter.count)
        if len(marks) == 1:
            sys.setprofile(counter)
        if len(marks) == TURNS:
            sys.setprofile(None)
        return a + b

    monkeypatch.setattr(body, "ahook", mark)
    return marks


async def test_late_turns_cost_what_early_ones_do(
    tmp_path: Path, counted: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    encoded: list[Message] = []
    encode = wire_messages._objects

    def noted(message: Message, model: str) -> list[dict[str, Any]]:
        encoded.append(message)
        return encode(message, model)

    monkeypatch.setattr(wire_messages, "_objects", noted)
    async with endpoint() as url:
        settings = load_settings(tmp_path, ours.flags(url, f"turns-{TURNS}"), environ={})
        plugin = EmbeddedPlugin("bench", Contributions(tools=(ours.add_tool("async"),)))
        async with open_host(settings, (plugin,)) as host:
            options = RunOptions(approve="never", budget=Budget(max_steps=None))
            outcome = await host.run(Goal(text=body.PROMPT, workspace=str(tmp_path)), options)
    assert outcome.answer == f"done {TURNS}"
    assert len(encoded) == 2 + 2 * TURNS, "a message was encoded twice"
    turns = [later - earlier for earlier, later in itertools.pairwise(counted)]
    early, late = sum(turns[:WINDOW]), sum(turns[-WINDOW:])
    print(f"{early / WINDOW:.0f} Python calls in an early turn, {late / WINDOW:.0f} in a late one: {late / early:.2f}")
    assert late / early < 1.3
    assert early / WINDOW < 1600, "a turn has become much dearer than it was"
