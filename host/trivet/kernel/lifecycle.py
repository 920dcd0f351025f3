"""The life of one plugin: a table of states, and a task in which it starts, runs and stops."""

import importlib
import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from time import perf_counter
from typing import Literal, TypeAlias

import anyio
import anyio.from_thread
import anyio.lowlevel
from anyio.abc import TaskGroup

from trivet.kernel.bodies import Body
from trivet.kernel.discovery import Candidate
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import PluginError, TrivetError
from trivet_sdk.manifest import Manifest

State: TypeAlias = Literal[
    "discovered", "resolved", "starting", "running", "degraded", "stopping", "stopped",
    "disabled", "incompatible", "failed", "quarantined",
]  # fmt: skip

TRANSITIONS: dict[State, frozenset[State]] = {
    "discovered": frozenset({"resolved", "disabled", "incompatible"}),
    "resolved": frozenset({"starting", "disabled", "incompatible", "stopped"}),
    "starting": frozenset({"running", "degraded", "failed"}),
    "running": frozenset({"degraded", "stopping", "failed"}),
    "degraded": frozenset({"running", "stopping", "failed"}),
    "stopping": frozenset({"stopped", "failed"}),
    "stopped": frozenset({"starting", "disabled"}),
    "disabled": frozenset({"discovered"}),
    "incompatible": frozenset({"discovered"}),
    "failed": frozenset({"starting", "quarantined", "disabled"}),
    "quarantined": frozenset({"discovered", "disabled"}),
}
"""The one table: what may follow what."""

USABLE: frozenset[State] = frozenset({"running", "degraded"})
GRACE = 1.0
"""Seconds that a plugin's task has beyond a deadline to notice that it was cancelled."""


class Life:
    """One plugin from `resolved` on. `enter` registers contributions and yields sentences about refused ones;
    `activate` makes the plugin's context manager out of its module; `left` undoes what `activate` registered; `body` makes
    the worker it lives in, or None for this process."""

    def __init__(
        self,
        candidate: Candidate,
        manifest: Manifest,
        *,
        activate: Callable[[object], AbstractAsyncContextManager[Contributions]],
        enter: Callable[[Contributions], AbstractContextManager[tuple[str, ...]]],
        left: Callable[[], None],
        body: Callable[[], Body | None],
        moved: Callable[[str, State, State, str, float], None],
    ) -> None:
        self.candidate = candidate
        self.manifest = manifest
        self.state: State = "resolved"
        self.reason = ""
        self.traceback = ""
        self.start_seconds = 0.0
        self._activate = activate
        self._enter = enter
        self._left = left
        self._body = body
        self._moved = moved
        self._settled = anyio.Event()
        self._leave = anyio.Event()
        self._ended = anyio.Event()
        self._moved_at = perf_counter()

    @property
    def id(self) -> str:
        return self.manifest.id

    def move(self, state: State, reason: str = "") -> None:
        """Go on to a state that the table allows, and tell; anything else is our own bug."""
        assert state in TRANSITIONS[self.state], f"plugin '{self.id}': {self.state} -> {state}"
        before, self.state, self.reason = self.state, state, reason
        now = perf_counter()
        self._moved(self.id, before, state, reason, now - self._moved_at)
        self._moved_at = now

    def is_in(self, *states: State) -> bool:
        """Asked by call where the state may have changed meanwhile."""
        return self.state in states

    async def start(self, tasks: TaskGroup) -> None:
        """Wait until it runs or has failed; everyone who asks at the same time waits for the same start."""
        if self.state == "resolved":
            self.move("starting")
            tasks.start_soon(self._live, name=f"plugin {self.id}")
        elif self.state != "starting":
            return
        with anyio.move_on_after(self.manifest.plugin.start_timeout + GRACE):
            await self._settled.wait()
        if self.state == "starting":
            self.move(
                "failed",
                f"did not start within {self.manifest.plugin.start_timeout:g} seconds, nor let itself be stopped",
            )

    async def stop(self) -> None:
        """Ask the plugin to leave, and wait until it has. Contributions vanish first."""
        if self.state == "starting":
            await self._settled.wait()
        if self.state in USABLE:
            self._leave.set()
            with anyio.move_on_after(self.manifest.plugin.stop_timeout + GRACE, shield=True):
                await self._ended.wait()

    async def _live(self) -> None:
        # Shielded: a run that is cancelled must not tear the plugin down under others; only its own deadlines do.
        scope = anyio.CancelScope(shield=True, deadline=anyio.current_time() + self.manifest.plugin.start_timeout)
        # Foreign code, also in the form of `sys.exit()` at import: named, left out, and the house stands.
        try:
            with scope:
                await self._through(scope)
            if scope.cancelled_caught:
                self._fail(self._overrun())
        except PluginError as error:
            self._fail(error.reason if error.plugin == self.id else str(error))
        except (Exception, SystemExit) as error:
            self._fail(f"{self._doing()}: {described(error)}", error)
        finally:
            self._left()
            self._settled.set()
            self._ended.set()

    async def _through(self, scope: anyio.CancelScope) -> None:
        body = self._body()
        async with await self._opened() if body is None else body.open() as contributions:
            if not isinstance(contributions, Contributions):
                raise PluginError(self.id, f"yielded {type(contributions).__name__} instead of Contributions")
            if anyio.current_time() > scope.deadline:
                raise PluginError(self.id, self._overrun())
            with self._enter(contributions) as refused:
                scope.deadline = float("inf")
                if not self.is_in("starting"):
                    return  # the starter gave up waiting and said so
                self.start_seconds = perf_counter() - self._moved_at
                self.move("degraded" if refused else "running", "; ".join(refused))
                self._settled.set()
                await self._until_left(body)
                self.move("stopping")
            scope.deadline = anyio.current_time() + self.manifest.plugin.stop_timeout
        if self.is_in("stopping"):
            self.move("stopped")
        elif self.is_in(*USABLE):
            self._fail("ended by itself")

    async def _opened(self) -> AbstractAsyncContextManager[Contributions]:
        plugin = self.candidate.embedded
        if plugin is None:
            plugin = await imported(self.candidate.target)
        return self._activate(plugin)

    async def _until_left(self, body: Body | None) -> None:
        """Raises PluginError if the worker dies before it is asked to leave."""
        died: list[str] = []

        async def watch(body: Body) -> None:
            died.append(await body.ended())
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            if body is not None:
                tasks.start_soon(watch, body)
            await self._leave.wait()
            tasks.cancel_scope.cancel()
        if died:
            raise PluginError(self.id, died[0])

    def _fail(self, reason: str, error: BaseException | None = None) -> None:
        if error is not None:
            self.traceback = "".join(traceback.format_exception(error))
        if "failed" in TRANSITIONS[self.state]:
            self.move("failed", reason)

    def _doing(self) -> str:
        return {"starting": "raised while starting", "stopping": "raised while stopping"}.get(self.state, "broke down")

    def _overrun(self) -> str:
        if self.state == "stopping":
            return f"did not stop within {self.manifest.plugin.stop_timeout:g} seconds"
        return f"did not start within {self.manifest.plugin.start_timeout:g} seconds"


def described(error: BaseException) -> str:
    """`KeyError: 'x'`, for a group the first that is in it; a contract's own error speaks for itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    first = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, TrivetError) and first:
        return first
    return f"{type(error).__name__}: {first}" if first else type(error).__name__


async def imported(target: str) -> object:
    """Import `package.module` or `package.module:object` in a thread of its own.

    A thread that nobody waits for at exit: a plugin that sleeps at import is cancelled by its deadline and then
    abandoned, and must not keep the program alive.
    """
    module, _, attribute = target.partition(":")
    token = anyio.lowlevel.current_token()
    done = anyio.Event()
    outcome: list[object] = []
    failure: list[BaseException] = []

    def work() -> None:
        try:
            plugin: object = importlib.import_module(module)
            for name in filter(None, attribute.split(".")):
                plugin = getattr(plugin, name)
            outcome.append(plugin)
        except BaseException as error:  # also SystemExit: it is the plugin that ends, not the host
            failure.append(error)
        try:
            anyio.from_thread.run_sync(done.set, token=token)
        except RuntimeError:
            return  # the loop is gone: nobody waits any more

    threading.Thread(target=work, name=f"import {target}", daemon=True).start()
    await done.wait()
    if failure:
        error = failure[0]
        raise error if isinstance(error, Exception) else RuntimeError(f"{type(error).__name__}({error})")
    return outcome[0]
