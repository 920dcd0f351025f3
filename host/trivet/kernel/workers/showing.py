"""Which workspaces a worker in a sandbox sees: those that somebody works on with it, and the last one for a while longer."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio

from trivet.kernel.workers.process import WorkerProcess
from trivet_sdk.errors import PluginError
from trivet_sdk.workspace import Workspace


class Showing:
    """A workspace stays shown after its last call until another one is called for, since the next call is mostly of the same
    run. `is_seen` says what the sandbox shows anyway, to be read, or to be written as well."""

    def __init__(
        self, plugin: str, process: WorkerProcess, *, may_write: bool, is_seen: Callable[[Path, bool], bool]
    ) -> None:
        self._plugin = plugin
        self._process = process
        self._may_write = may_write
        self._is_seen = is_seen
        self._users: dict[Path, int] = {}
        self._seen: dict[Path, bool] = {}
        self._lock = anyio.Lock()

    @asynccontextmanager
    async def shown(self, workspace: Workspace) -> AsyncIterator[None]:
        """Raises PluginError if it cannot be."""
        wanted = {workspace.root: self._may_write} | dict.fromkeys(workspace.attachments.values(), False)
        wanted = {path: may_write for path, may_write in wanted.items() if not self._shows(path, may_write)}
        if not wanted.keys() <= self._users.keys():
            async with self._lock:
                await self._exchange(wanted)
        for path in wanted:
            self._users[path] += 1
        try:
            yield
        finally:
            for path in wanted:
                self._users[path] -= 1

    def _shows(self, path: Path, may_write: bool) -> bool:
        if path not in self._seen:
            self._seen[path] = self._is_seen(path, may_write)
        return self._seen[path]

    async def _exchange(self, wanted: dict[Path, bool]) -> None:
        """Afterwards all that is wanted is shown; whoever else is at work meanwhile keeps what he has."""
        while idle := sorted(path for path, users in self._users.items() if not users and path not in wanted):
            del self._users[idle[-1]]  # what lies below another one first
            if refusal := await self._process.ask("hide", idle[-1]):
                self._process.kill()  # it has moved what is above it, for instance
                raise PluginError(
                    self._plugin, f"was ended, since a workspace could not be taken out of its sight: {refusal}"
                )
        for path, may_write in wanted.items():
            if path in self._users:
                continue
            if may_write and not path.exists():  # as the plugin might have made it, which in there would be lost
                with suppress(OSError):
                    path.mkdir(parents=True)
            if path.exists():
                refusal = await self._process.ask("lend" if may_write else "show", path)
                if refusal:
                    raise PluginError(
                        self._plugin,
                        f"cannot be shown its workspace: {refusal}; or let it work without a sandbox: "
                        f'[plugins.{self._plugin}] sandbox = "off"',
                    )
            self._users[path] = 0
