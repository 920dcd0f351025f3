"""The plugin that `workers` measures: a tool that says its text again, and rows of numbers."""

import array
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless, tool

manifest = """
[plugin]
id = "bench"
summary = "Measured"
isolation = "process"
start_timeout = 60.0
[[contributes.tools]]
name = "say"
effect = "pure"
[[contributes.embedders]]
name = "rows"
[permissions]
files = ["write:workspace"]
"""
WIDTH = 1000


@tool(effect="pure")
async def say(text: str) -> str:
    """Say a text again."""
    return text


class Rows:
    name = "rows"
    dimensions = WIDTH

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}

    async def embed(self, texts: Sequence[str]) -> Any:
        """For `large:N` N rows in one buffer, made once."""
        rows = int(texts[0].partition(":")[2] or 1)
        if texts[0] not in self._kept:
            numbers = array.array("f", [1.5]) * (rows * WIDTH)
            self._kept[texts[0]] = memoryview(numbers).cast("B").cast("f", (rows, WIDTH))
        return self._kept[texts[0]]


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    return stateless(Contributions(tools=(say,), embedders={"rows": Rows()}))
