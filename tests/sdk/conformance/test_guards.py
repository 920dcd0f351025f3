"""Guards against their contract."""

from collections.abc import Callable
from typing import Any

import anyio
import pytest

from trivet_sdk import ToolCall
from trivet_sdk.conformance import check_guard


class Judging:
    def __init__(self, judge: Callable[[ToolCall], Any]) -> None:
        self.judge = judge

    async def veto(self, call: ToolCall) -> Any:
        return self.judge(call)


class Slow:
    async def veto(self, call: ToolCall) -> Any:
        await anyio.sleep_forever()


async def test_a_guard_that_keeps_its_contract() -> None:
    assert await check_guard(Judging(lambda call: "Nothing leaves." if call.egress else None), name="inside") == ()


@pytest.mark.parametrize(
    ("guard", "sentence"),
    [
        (3, "guard 'x' has no `veto`; it needs `async def veto(self, call)`"),
        (Judging(lambda call: call.effect == "pure"), "guard 'x' answers with a bool; return a sentence that says why not, or None"),
        (Judging(lambda call: " " if call.egress else None), "guard 'x' vetoes without a word; return a sentence that says why not, or None"),
        (Judging(lambda call: "no"), "guard 'x' vetoes the built-in 'answer', so that no run could ever end"),
        (Judging(lambda call: call.arguments["path"] and None), "guard 'x' raises KeyError about a call of 'answer': 'path'; the host counts that as a veto"),
        (Judging(lambda call: call.arguments.clear()), "guard 'x' changes the arguments of the call; a guard only says yes or no"),
        (Slow(), "guard 'x' did not judge a call of 'answer' within 0.05 seconds, and every call waits for it"),
    ],
)  # fmt: skip
async def test_what_breaks_it_is_said(guard: object, sentence: str) -> None:
    assert sentence in await check_guard(guard, name="x", timeout=0.05)
