"""Tools against their contract."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from trivet_sdk import Column, NewPath, ToolContext, ToolError, ToolResult, ToolSpec, WorkspacePath, result, tool
from trivet_sdk.conformance import check_tool
from trivet_sdk.testing import faults

NOTE = {"path": "note.txt", "text": "hi"}


@tool(effect="idempotent")
def save(path: NewPath, text: str, ctx: ToolContext) -> ToolResult:
    """Write a file."""
    ctx.workspace.writable(path).write_text(text)
    return result("written", artifacts=(path,))


@tool(effect="pure")
def read(path: WorkspacePath, ctx: ToolContext) -> str:
    """Read a file."""
    return ctx.workspace.readable(path).read_text()


async def test_a_tool_that_keeps_its_contract(tmp_path: Path) -> None:
    assert await check_tool(save, NOTE, workspace=tmp_path) == ()
    assert await check_tool(read, {"path": "note.txt"}, workspace=tmp_path) == ()


async def test_what_is_no_tool() -> None:
    class Unfinished:
        spec = "tool"

        def call(self) -> None: ...

    for thing in (3, Unfinished()):
        (sentence,) = await check_tool(thing)
        assert sentence.endswith("is no tool: it needs `spec`, a ToolSpec, and `call`")


async def test_purity_is_watched() -> None:
    assert await check_tool(faults.lying(), {}) == ("tool 'lying' says it is pure but changed lie.txt",)


async def test_files_are_listed_as_artifacts() -> None:
    @tool(effect="idempotent")
    def scribble(ctx: ToolContext) -> ToolResult:
        """Scribble."""
        ctx.workspace.writable("a.txt").write_text("a")
        return result("done", artifacts=("b.txt",))

    assert await check_tool(scribble, {}) == (
        "tool 'scribble' wrote a.txt without listing it in `artifacts`",
        "tool 'scribble' lists b.txt in `artifacts`, but there is no such file",
    )


async def test_idempotence_is_watched() -> None:
    @tool(effect="idempotent")
    def append(ctx: ToolContext) -> ToolResult:
        """Append."""
        with ctx.workspace.writable("a.txt").open("a") as file:
            file.write("a")
        return result("done", artifacts=("a.txt",))

    assert await check_tool(append, {}) == (
        "tool 'append' says it is idempotent, but repeating {} changed the files again",
    )


async def test_effectful_tools_are_called_once() -> None:
    calls: list[int] = []

    @tool
    def send(ctx: ToolContext) -> str:
        """Send."""
        calls.append(1)
        return "sent"

    assert await check_tool(send, {}) == ()
    assert len(calls) == 1


class Handmade:
    def __init__(self, spec: ToolSpec) -> None:
        self.spec = spec

    async def call(self, arguments: Mapping[str, Any], ctx: ToolContext) -> ToolResult:
        return result(str(arguments["text"]))


async def test_arguments_that_do_not_fit_must_be_refused() -> None:
    schema = {"type": "object", "properties": {"text": {}}, "required": ["text"], "additionalProperties": False}
    assert await check_tool(Handmade(ToolSpec(name="echo", summary="Echo.", parameters=schema))) == (
        """tool 'echo' raises KeyError for {"surely-no-argument":1}, where it must raise InvalidArguments""",
        "tool 'echo' raises KeyError for {}, where it must raise InvalidArguments",
    )

    class Careless(Handmade):
        async def call(self, arguments: Mapping[str, Any], ctx: ToolContext) -> ToolResult:
            return result("whatever")

    assert (await check_tool(Careless(ToolSpec(name="echo", summary="Echo.", parameters=schema))))[1] == (
        "tool 'echo' takes {}, which does not fit its schema"
    )


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        (faults.raising(ToolError("no such file")), "tool 'raising' cannot do {}: no such file"),
        (faults.raising(ValueError("oh")), "tool 'raising' breaks on {}: ValueError: oh"),
        (
            faults.hanging(),
            "tool 'hanging' does not come back from {}: 0.1 seconds were not enough",
        ),
        (
            faults.unspeakable(),
            "tool 'unspeakable' breaks on {}: TypeError: tool 'unspeakable' returned a object that JSON cannot carry: "
            "Encoding objects of type object is unsupported",
        ),
    ],
)
async def test_samples_must_work(fault: object, sentence: str) -> None:
    assert await check_tool(fault, {}, timeout=0.1) == (sentence,)


@pytest.mark.parametrize(
    ("spec", "sentences"),
    [
        (
            ToolSpec(name="Echo!", summary="", parameters={"type": "object"}),
            [
                "has a name that is not lower case letters, digits, _ and -, with at most one dot after the plugin's id",
                "needs a summary of one line",
            ],
        ),
        (
            ToolSpec(name="a.b", summary="-", parameters={"type": "object"}, describes="column"),
            ["lists values for 'column', so it must be pure, not effectful"],
        ),
        (
            ToolSpec(name="a.b", summary="-", parameters={"properties": []}),
            ['has parameters that are no schema of an object: they need `"type": "object"` and `properties`'],
        ),
        (
            ToolSpec(name="a.b", summary="-", parameters={"type": object()}),
            ["has parameters that JSON cannot carry: Encoding objects of type object is unsupported"],
        ),
    ],
)
async def test_a_spec_must_be_usable(spec: ToolSpec, sentences: list[str]) -> None:
    assert await check_tool(Handmade(spec)) == tuple(f"tool '{spec.name}' {sentence}" for sentence in sentences)


async def test_columns_need_their_table() -> None:
    @tool(effect="pure")
    def count(file: WorkspacePath, column: Column = "") -> int:
        """Count."""
        return 0

    assert await check_tool(count) == (
        "tool 'count' takes a column as 'column', but has no argument 'path' for its table: name it with `x-of`",
    )
