"""What a run has done to the world: a file outside of the home that no host can take back, and the tools that write to it."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from trivet_sdk import ToolContext, ToolResult, result, tool
from trivet_sdk.plan import Json

Kind = Literal["keyed", "reconciled", "plain"]


class World:
    """Each line is on disk before `note` returns, and survives whoever wrote it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.hears: Callable[[str], None] | None = None

    def note(self, line: str) -> None:
        handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        try:
            os.write(handle, f"{line}\n".encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        if self.hears is not None:
            self.hears(line)

    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    def effects(self) -> list[tuple[str, str, str]]:
        """Kind, name and key of each effect, in order."""
        found = [line.split() for line in self.lines() if line.startswith("effect ")]
        return [(kind, name, key) for _, kind, name, key in found]

    def has(self, key: str) -> bool:
        return any(each[2] == key for each in self.effects())

    def requests(self) -> list[str]:
        """What models were asked, in order."""
        return [line.removeprefix("asked ") for line in self.lines() if line.startswith("asked ")]


class Strike:
    """A tool with an effect: `keyed` honours the key, `reconciled` can tell what became of a call, `plain` can do neither.

    `reach(place)` is told when a call is `before NAME` its effect, and `after NAME`, not having returned yet.
    """

    def __init__(self, world: World, kind: Kind, reach: Callable[[str], None]) -> None:
        self._world, self._kind, self._reach = world, kind, reach
        self.spec = tool(effect="idempotent" if kind == "keyed" else "effectful", name=kind)(self._strike).spec

    async def _strike(self, name: str) -> str:
        """Strike once."""
        raise AssertionError("only its signature is used")

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        name = str(arguments["name"])
        if self._kind == "keyed" and self._world.has(ctx.key):
            return struck(name)
        self._reach(f"before {name}")
        self._world.note(f"effect {self._kind} {name} {ctx.key}")
        self._reach(f"after {name}")
        return struck(name)


class Reconciled(Strike):
    async def reconcile(self, key: str) -> ToolResult | None:
        for _, name, known in self._world.effects():
            if known == key:
                return struck(name)
        return None


def struck(name: str) -> ToolResult:
    return result(f"stroke {name}")
