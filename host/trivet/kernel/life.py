"""One life of a plugin: a body from its start to its end, in a task of its own.

The task is bare, in no group with others: a plugin that leaves its cancel scopes in disorder, or raises what ends whole
programs, damages only the task that it lives in.
"""

import asyncio
import traceback
from collections.abc import Callable
from time import perf_counter

import anyio

from trivet.errors import PluginDied
from trivet.kernel.admission import missing_tools
from trivet.kernel.bodies import Body
from trivet.kernel.lifecycle import described
from trivet.kernel.registry import Share
from trivet.kernel.watchdog import Entered
from trivet_sdk.contributions import Contributions
from trivet_sdk.errors import PluginError, TrivetError
from trivet_sdk.manifest import Manifest

GRACE = 1.0
"""Seconds that a plugin's task has beyond a deadline to notice that it was cancelled."""


class Life:
    """Lived once. `embody` makes the body, or raises PluginError; `over` is told when the life ends without having been
    asked to, as soon as that is known; `ailing` when its `complaints` change. What it contributes is in its `share` from
    when it `is_up`, for its supervisor to show."""

    def __init__(
        self,
        manifest: Manifest,
        embody: Callable[[], Body],
        share: Share,
        is_inside: bool,
        over: "Callable[[Life], None]",
        ailing: "Callable[[Life], None]",
    ) -> None:
        self.manifest = manifest
        self.share = share
        self.is_inside = is_inside
        """Whether it lives in the host's process, where no second life of the same module fits beside it."""
        self.is_up = False
        self.is_over = False
        self.reason = ""
        """Why it failed; empty for a life that ended as it should."""
        self.traceback = ""
        self.is_lasting = False
        """Whether it would fail again the same way until somebody changes something: a contract's own error said so."""
        self.seconds = 0.0
        """From start to up."""
        self.complaints: dict[str, str] = {}
        """What is wrong with it though it runs, by who says so."""
        self._embody = embody
        self._body: Body | None = None
        self._task: asyncio.Task[None] | None = None
        self._over = over
        self._ailing = ailing
        self._begun = perf_counter()
        self._settled = anyio.Event()
        self._leave = anyio.Event()
        self._gone = anyio.Event()

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def pid(self) -> int | None:
        return self._body.pid if self._body is not None else None

    @property
    def is_gone(self) -> bool:
        """Whether its task has ended; a body that lets nobody stop it stays."""
        return self._gone.is_set()

    async def start(self) -> None:
        """Wait until it is up or over."""
        self._task = asyncio.get_running_loop().create_task(self._live(), name=f"plugin {self.id}")
        with anyio.move_on_after(self.manifest.plugin.start_timeout + GRACE):
            await self._settled.wait()
        if not self._settled.is_set():
            self._end(f"{self._overrun()}, nor let itself be stopped")
            self._kill()

    async def stop(self) -> None:
        """Ask the plugin to leave, and wait until it has, or its time is over."""
        self._leave.set()
        with anyio.move_on_after(self.manifest.plugin.stop_timeout + GRACE, shield=True):
            await self._gone.wait()
        if not self._gone.is_set():
            self._end(f"{self._overrun()}, nor let itself be stopped")
            self._kill()

    def complain(self, who: str, sentence: str) -> None:
        """Note what is wrong, or with an empty sentence that it no longer is."""
        if sentence:
            self.complaints[who] = sentence
        else:
            self.complaints.pop(who, None)
        self._ailing(self)

    async def _live(self) -> None:
        scope = anyio.CancelScope(deadline=anyio.current_time() + self.manifest.plugin.start_timeout)
        # Foreign code, also in the form of `sys.exit()`, or of a cancellation that nobody asked for: named, left out, and
        # the house stands.
        try:
            with scope:
                await self._through(scope)
            if scope.cancelled_caught:
                self._end(self._overrun())
        except PluginError as error:
            reason = error.reason if error.plugin == self.id else str(error)
            self._end(reason, is_lasting=not isinstance(error, PluginDied))
        except BaseException as error:
            self._end(f"{self._doing()}: {described(error)}", error, is_lasting=isinstance(error, TrivetError))
        finally:
            self._end("" if self._leave.is_set() else "ended by itself")
            if scope.cancelled_caught:
                self._kill()
            self._settled.set()
            self._gone.set()

    async def _through(self, scope: anyio.CancelScope) -> None:
        entered = Entered(self.id, "hook 'activate'")  # for the watchdog, which reads it here
        body = self._body = self._embody()
        async with body.open() as contributions:
            if not isinstance(contributions, Contributions):
                raise PluginError(entered.plugin, f"yielded {type(contributions).__name__} instead of Contributions")
            if anyio.current_time() > scope.deadline:
                self._end(self._overrun())
                return
            refused = self.share.add(contributions)
            if sentences := (*refused, *missing_tools(self.manifest, contributions)):
                self.complaints["registry"] = "; ".join(sentences)
            scope.deadline = float("inf")
            if self.is_over:
                return  # the starter gave up waiting and said so
            self.seconds = perf_counter() - self._begun
            self.is_up = True
            self._settled.set()
            try:
                await self._until_over(body)
            finally:
                scope.deadline = anyio.current_time() + self.manifest.plugin.stop_timeout

    async def _until_over(self, body: Body) -> None:
        async with anyio.create_task_group() as tasks:

            async def watch() -> None:
                self._end(await body.ended())
                self._leave.set()

            tasks.start_soon(watch)
            await self._leave.wait()
            tasks.cancel_scope.cancel()

    def _kill(self) -> None:
        if self._body is not None:
            self._body.kill(self.reason)
        if self._task is not None:
            self._task.cancel()  # whether it obeys or not: nobody waits for it any more

    def _end(self, reason: str, error: BaseException | None = None, *, is_lasting: bool = False) -> None:
        """Note the first that is known of the end, and tell it where nobody has asked for an end."""
        if self.is_over:
            return
        self.is_over = True
        self.reason, self.is_lasting = reason, is_lasting
        if error is not None:
            self.traceback = "".join(traceback.format_exception(error))
        if self.is_up and not self._leave.is_set():
            self._over(self)

    def _doing(self) -> str:
        if not self.is_up:
            return "raised while starting"
        return "raised while stopping" if self._leave.is_set() else "broke down"

    def _overrun(self) -> str:
        about = self.manifest.plugin
        if self.is_up:
            return f"did not stop within {about.stop_timeout:g} seconds"
        return f"did not start within {about.start_timeout:g} seconds"
