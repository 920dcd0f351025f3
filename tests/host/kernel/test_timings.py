"""What `trivet plugins trace` shows: measured while a host lives, kept when it ends, added up over hosts."""

from pathlib import Path

import pytest

from trivet.app import open_host
from trivet.kernel.timings import Timing, Timings, Trace
from trivet.settings import load_settings
from trivet_sdk import Contributions, ToolCall, ToolError, hookimpl, tool
from trivet_sdk.events import ToolFailed, ToolReturned
from trivet_sdk.testing import EmbeddedPlugin

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("seconds", [3e-6, 4.2e-4, 0.017, 2.0, 100.0])
def test_quantile_is_right_within_a_tenth(seconds: float) -> None:
    timing = Timing()
    for _ in range(99):
        timing.add(seconds)
    timing.add(1000 * seconds)
    assert timing.quantile(0.5) == pytest.approx(seconds, rel=0.1)
    assert timing.quantile(0.99) == pytest.approx(seconds, rel=0.1)
    assert timing.slowest == 1000 * seconds
    assert timing.calls == 100


def test_call_shorter_or_longer_than_any_bucket_is_counted() -> None:
    timing = Timing()
    timing.add(0.0)
    timing.add(1e9)
    assert timing.calls == 2
    assert timing.quantile(0.0) <= 1e-6


def test_figures_of_many_hosts_add_up(tmp_path: Path) -> None:
    for seconds in (0.001, 0.004):
        timings = Timings()
        timings["a", "redact"].add(seconds)
        timings["a", "redact"].failures += 1
        Trace(tmp_path).add(timings)
    kept = Trace(tmp_path).read()["a", "redact"]
    assert (kept.calls, kept.failures, kept.slowest) == (2, 2, 0.004)
    assert kept.seconds == pytest.approx(0.005)
    Trace(tmp_path).clear()
    assert Trace(tmp_path).read() == {}


@pytest.mark.parametrize("content", [b"", b"[", b'{"a": 1}', b"[[1]]"])
def test_unreadable_figures_are_forgotten(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "trace.json").write_bytes(content)
    assert Trace(tmp_path).read() == {}


@tool(effect="pure")
async def say(text: str) -> str:
    """Say a text again."""
    return text


class Strict(EmbeddedPlugin):
    @hookimpl
    def veto_tool_call(self, call: ToolCall) -> str | None:
        if call.arguments["text"] == "boom":
            raise ValueError("what a word")
        return None


async def test_host_keeps_what_it_measured_when_it_ends(tmp_path: Path) -> None:
    home, settings = tmp_path / "home", load_settings(tmp_path / "home", environ={})
    async with open_host(settings, (Strict("echo", Contributions(tools=(say,))),)) as host:
        await host.call_tool("echo.say", {"text": "你好"})
        with pytest.raises(ToolError):
            await host.call_tool("echo.say", {"text": "boom"})
        host.kernel.timings.heard(ToolReturned(tool="echo.say", seconds=0.5))
        host.kernel.timings.heard(ToolFailed(tool="echo.say", error="no", seconds=0.25))
    kept = Trace(home).read()
    veto, calls, start = kept["echo", "veto_tool_call"], kept["echo", "tool say"], kept["echo", "start"]
    assert (veto.calls, veto.failures) == (2, 1)
    assert (calls.calls, calls.failures, calls.slowest) == (2, 1, 0.5)
    assert start.calls == 1
