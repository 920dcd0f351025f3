"""A workspace in a temporary folder, the plugin over it, and tools called as the host calls them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import trivet_search
from trivet_sdk import ToolResult, Workspace
from trivet_sdk.testing import StandaloneCall, StandaloneContext, activated, call
from trivet_sdk.testing.plugin import manifest_of, settings_for

Ask = Callable[..., Awaitable[ToolResult]]
Open = Callable[..., AbstractAsyncContextManager[Ask]]

CONCEPTS = ("car automobile vehicle sedan", "dog hound puppy", "pay money price invoice", "rain storm weather 雨")


class Concepts:
    """An embedder that knows four things by their names; `seen` are the texts that it was given."""

    name = "concepts"
    dimensions = 5

    def __init__(self) -> None:
        self.seen: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.seen += texts
        return [self._vector(text.casefold()) for text in texts]

    def _vector(self, text: str) -> list[float]:
        row = [float(sum(text.count(word) for word in words.split())) for words in CONCEPTS] + [0.1]
        length = sum(each * each for each in row) ** 0.5
        return [each / length for each in row]


@pytest.fixture
def concepts() -> type[Concepts]:
    return Concepts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    made.mkdir()
    return made


@pytest.fixture
def put(folder: Path) -> Callable[[str, str | bytes], Path]:
    """Write a file of the workspace."""

    def write(name: str, content: str | bytes) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def opened(tmp_path: Path, folder: Path) -> Open:
    """The plugin over the workspace, for a scope: `ask("search", query="…")`. What it keeps lies in `tmp_path / "own"`."""

    @asynccontextmanager
    async def open_plugin(
        embedder: Any = None,
        *,
        secrets: Mapping[str, str] | None = None,
        attachments: Mapping[str, Path] | None = None,
        **settings: Any,
    ) -> Any:
        every = settings_for(trivet_search, manifest_of(trivet_search), settings)
        context = StandaloneContext("search", tmp_path / "own", settings=every, secrets=secrets, embedder=embedder)
        async with activated(trivet_search, context=context) as contributions:
            tools = {tool.spec.name: tool for tool in contributions.tools}

            async def ask(tool: str, ctx: StandaloneCall | None = None, **arguments: Any) -> ToolResult:
                context = ctx or StandaloneCall(Workspace(folder, attachments))
                return await call(tools[tool], arguments, context=context, timeout=60)

            yield ask

    return open_plugin
