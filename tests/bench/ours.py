"""trivet, as the peers' harness wants it: `make(variant, base_url, model, tool)` gives an object that runs one conversation.

The whole house: the model behind `trivet-openai`, planned by `trivet-plan`, judged by `trivet-critic` without a model (peers
have no judge), journaled with FULL sync. Variant `memory` has its home in memory, so that a sync costs nothing.
"""

import importlib.util
import os
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from trivet.app import Host, RunOptions, open_host
from trivet.settings import load_settings
from trivet_sdk import Budget, Contributions, Goal, Tool, tool
from trivet_sdk.testing import EmbeddedPlugin

body: Any = importlib.import_module("common" if importlib.util.find_spec("common") else "tests.bench.body")
"""The harness's own, where there is one."""


def add_tool(kind: str) -> Tool:
    if kind == "sync":

        @tool(name="add", effect="pure")
        def add(a: int, b: int) -> int:
            """Add two integers."""
            return int(body.hook(a, b))

        return add

    @tool(name="add", effect="pure")
    async def aadd(a: int, b: int) -> int:
        """Add two integers."""
        return int(await body.ahook(a, b))

    return aadd


def flags(base_url: str, model: str) -> dict[str, Any]:
    """The settings of the home, as dotted keys."""
    return {
        "roles.planner": "plan",
        "roles.reflector": "critic",
        "roles.model": "bench",
        "models.bench.backend": "openai",
        "models.bench.base_url": base_url,
        "models.bench.name": model,
        "plugins.critic.config.judge_model": "never",
        "plugins.plan.config.mode": "tools",
        "plugins.plan.config.instructions": body.SYSTEM,
    }


class Ours:
    mode = "async"

    def __init__(self, variant: str, base_url: str, model: str, kind: str) -> None:
        memory = "/dev/shm" if variant == "memory" and os.path.isdir("/dev/shm") else None
        self._folder = tempfile.TemporaryDirectory(prefix="trivet-bench-", dir=memory)
        home = Path(self._folder.name)
        self._settings = load_settings(home, flags(base_url, model), environ={})
        self._plugin = EmbeddedPlugin("bench", Contributions(tools=(add_tool(kind),)))
        self._options = RunOptions(approve="never", budget=Budget(max_steps=None))
        self._goal = Goal(text=body.PROMPT, workspace=str(home))
        self._life = AsyncExitStack()
        self._host: Host | None = None

    async def run(self) -> str:
        if self._host is None:
            self._host = await self._life.enter_async_context(open_host(self._settings, (self._plugin,)))
        outcome = await self._host.run(self._goal, self._options)
        if outcome.status != "succeeded":
            raise RuntimeError(f"{outcome.status}: {outcome.answer}")
        return outcome.answer

    async def close(self) -> None:
        await self._life.aclose()
        self._folder.cleanup()


def make(variant: str, base_url: str, model: str, tool: str) -> Ours:
    return Ours(variant, base_url, model, tool)
