"""Tools and services without a host."""

import hashlib
from pathlib import Path

import pytest

from trivet_sdk import (
    InvalidArguments,
    ModelError,
    PluginError,
    Services,
    ToolContext,
    ToolError,
    ToolFunction,
    Workspace,
    tool,
)
from trivet_sdk.message import user
from trivet_sdk.testing import MemoryBlobs, ScriptedModel, StandaloneCall, StandaloneServices, call, faults


@tool(name="demo.save", effect="idempotent")
async def save(text: str, ctx: ToolContext) -> dict[str, str]:
    """Save a text."""
    ctx.workspace.writable("note.txt").write_text(text)
    ctx.progress(1, 1, "saved")
    return {"blob": await ctx.blobs.put(text.encode()), "key": ctx.key, "secret": ctx.secrets.get("KEY", "")}


@tool(name="demo.length", effect="pure")
def length(text: str) -> int:
    """Count characters."""
    return len(text)


@tool(name="demo.post", effect="pure", egress=True)
def post() -> str:
    """Ask a server."""
    return "answer"


async def test_a_tool_is_called_with_a_context_of_its_own(tmp_path: Path) -> None:
    context = StandaloneCall(Workspace(tmp_path), secrets={"KEY": "k"})
    returned = await call(save, {"text": "hi"}, context=context)
    blob = hashlib.sha256(b"hi").hexdigest()
    assert returned.value == {"blob": blob, "key": "test/s1/1", "secret": "k"}
    assert await context.blobs.get(blob) == b"hi"
    assert context.reports == [(1, 1, "saved")]
    assert (tmp_path / "note.txt").read_text() == "hi"


async def test_a_workspace_is_a_folder_or_one_that_goes_away(tmp_path: Path) -> None:
    await call(save, {"text": "hi"}, workspace=tmp_path)
    assert (tmp_path / "note.txt").exists()
    assert (await call(save, {"text": "hi"})).value["secret"] == ""


async def test_arguments_are_checked() -> None:
    with pytest.raises(InvalidArguments):
        await call(length, {})
    assert (await call(length, {"text": "小猫"})).value == 2


async def test_what_a_tool_raises_comes_out() -> None:
    with pytest.raises(ToolError, match="no such"):
        await call(faults.raising(ToolError("no such file")))


@pytest.mark.parametrize("fault", [faults.hanging(), faults.Blocking(2.0)])
async def test_a_tool_that_does_not_return_is_left(fault: ToolFunction[..., object]) -> None:
    context = StandaloneCall(Workspace(Path()))
    with pytest.raises(TimeoutError, match=r"did not return within 0\.05 seconds"):
        await call(fault, context=context, timeout=0.05)
    assert context.is_cancelled
    if isinstance(fault, faults.Blocking):
        fault.release()


async def test_a_tool_must_return_a_result() -> None:
    class Odd:
        spec = length.spec

        def call(self, arguments: object, ctx: object) -> int:
            return 3

    with pytest.raises(TypeError) as refused:
        await call(Odd())
    assert str(refused.value) == "tool 'demo.length' returned a int instead of a ToolResult"


async def test_blobs_that_are_not_there() -> None:
    with pytest.raises(KeyError):
        await MemoryBlobs().get("0")


async def test_services_reach_models_and_pure_tools() -> None:
    model, judge = ScriptedModel(), ScriptedModel()
    services: Services = StandaloneServices({"model": model, "judge": judge}, tools=[length, save])
    assert services.model("judge") is judge
    assert await services.measure([user("one two")]) == 2
    assert services.embedder() is None
    assert (await services.call("demo.length", {"text": "abc"})).value == 3
    with pytest.raises(PluginError, match="idempotent, not pure"):
        await services.call("demo.save", {"text": "abc"})
    with pytest.raises(PluginError, match="may send data elsewhere"):
        await StandaloneServices(tools=[post]).call("demo.post", {})
    with pytest.raises(PluginError, match=r"has no tool 'demo\.gone'"):
        await services.call("demo.gone", {})
    with pytest.raises(ModelError, match="model 'writer' is not configured"):
        services.model("writer")
