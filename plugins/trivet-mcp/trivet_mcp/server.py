"""One server of the settings: kept alive, its tools offered as it tells them, its calls bounded."""

import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Literal, TypeVar

import anyio
import anyio.lowlevel
import anyio.to_thread
from mcp import MCPError
from mcp.types import CONNECTION_CLOSED

from trivet_mcp.connection import Connection, open_connection
from trivet_mcp.listing import Listing, Memory, listed
from trivet_mcp.parameters import Unusable
from trivet_mcp.remote_tool import RemoteTool, tools_beside
from trivet_mcp.restarts import LIMIT, WINDOW, pause
from trivet_mcp.server_log import ServerLog
from trivet_mcp.settings import ServerSettings, ToolSettings
from trivet_mcp.tool_spec import spec_of
from trivet_mcp.visible import one_line
from trivet_sdk import Contributions, PluginContext, PluginError, Tool, ToolError, ToolSpec

State = Literal["starting", "running", "waiting", "given up"]
T = TypeVar("T")
RELIST = 0.5
"""Seconds between two listings at least, however often a server says that its tools changed."""
UNANSWERED = 3
"""Calls in a row that ran out of time, and it is started anew."""


class Server:
    """`report` is called when its state has changed."""

    def __init__(
        self, settings: ServerSettings, context: PluginContext, memory: Memory, report: Callable[[], None]
    ) -> None:
        self.settings = settings
        self._report = report
        self.state: State = "starting"
        self.reason = ""
        self.left_out: dict[str, str] = {}
        """Why a tool of the server is not offered, by the server's name for it."""
        self.is_known = anyio.Event()
        """Its tools are offered, or the first attempt to start it has failed."""
        self._context = context
        self._memory = memory
        self._log = ServerLog(context.log, settings.name)
        self._connection: Connection | None = None
        self._settled = anyio.Event()
        self._next = 0.0
        self._unanswered = 0
        self._offered: dict[str, tuple[ToolSpec, AsyncExitStack]] = {}

    @property
    def trouble(self) -> str:
        """Why it does not run; empty while it does, or is being tried again."""
        return f"MCP server '{self.settings.name}' does not run: {self.reason}" if self.reason else ""

    @property
    def tools(self) -> tuple[ToolSpec, ...]:
        return tuple(spec for spec, _ in self._offered.values())

    async def run(self) -> None:
        """Keep it alive until cancelled."""
        failures: list[float] = []
        try:
            known = await anyio.to_thread.run_sync(self._memory.recall, self.settings)
            if known is not None:
                await self._offer(known)
                self.is_known.set()
            while True:
                reason = await self._live()
                now = anyio.current_time()
                failures = [*failures[-LIMIT:], now]
                wait = pause(failures, now)
                self._next = now + (wait or 0.0)
                self._settle("given up" if wait is None else "waiting", reason)
                self.is_known.set()
                self._context.log.warning(self._state_in_words(wait), server=self.settings.name)
                await anyio.sleep(math.inf if wait is None else wait)
                self._unsettle()
        finally:
            with anyio.CancelScope(shield=True):
                for name in list(self._offered):
                    await self._withdraw(name)

    async def ask(self, spec: ToolSpec, ask: Callable[[Connection], Awaitable[T]]) -> T:
        """One request of a tool over the connection, in its time. Raises ToolError, also where the tool is no longer what
        the caller knew: it may have been offered from memory, and the server has another mind since."""
        async with self._connected(spec.effect == "effectful") as connection:
            if spec.name not in self._offered or self._offered[spec.name][0] != spec:
                why = self.left_out.get(spec.name, "its server changed it")
                raise ToolError(f"tool '{spec.name}' cannot be called: {why}")
            with anyio.fail_after(self.settings.timeout):
                answer = await ask(connection)
        self._unanswered = 0
        return answer

    @asynccontextmanager
    async def _connected(self, effectful: bool) -> AsyncIterator[Connection]:
        """Every way in which a request can fail becomes a ToolError that says what is known."""
        await anyio.lowlevel.checkpoint()  # a caller who tries in a loop must not stop the world
        while not self._settled.is_set():
            await self._settled.wait()
        connection = self._connection
        if connection is None:
            raise ToolError(
                self._state_in_words(max(0.0, self._next - anyio.current_time())), is_transient=self.state == "waiting"
            )
        unknown = "; whether it took effect is not known" if effectful else ""
        questions: list[str] = []
        connection.calls.append(questions)
        try:
            yield connection
        except TimeoutError:
            self._unanswered += 1
            if self._unanswered >= UNANSWERED:
                connection.end(f"it left {UNANSWERED} calls in a row without an answer")
            raise ToolError(
                f"MCP server '{self.settings.name}' did not answer within {self.settings.timeout:g} seconds{unknown}",
                is_transient=not effectful,
            ) from None
        except ToolError as error:
            raise _with_questions(error, questions) from None
        except MCPError as error:
            if connection.ended.is_set() or (self.settings.url and _is_lost(error)):
                connection.end("the connection ended")
                raise ToolError(
                    f"MCP server '{self.settings.name}' ended during the call{unknown}", is_transient=not effectful
                ) from None
            told = ToolError(f"MCP server '{self.settings.name}' refused: {one_line(error.error.message, 500)}")
            raise _with_questions(told, questions) from None
        except Exception as error:  # the SDK over a server's nonsense: it costs this call and no more
            if self.settings.url:
                connection.end(_described(error))
            raise ToolError(
                f"MCP server '{self.settings.name}' answered what cannot be read ({_described(error)}){unknown}"
            ) from error
        finally:
            connection.calls.remove(questions)

    async def _live(self) -> str:
        """Connect, serve, and say why it ended."""
        try:
            with anyio.CancelScope(deadline=anyio.current_time() + self.settings.start_timeout) as scope:
                async with open_connection(self.settings, self._resolved, self._log) as connection:
                    await self._relist(connection)
                    scope.deadline = math.inf
                    self._connection = connection
                    self._unanswered = 0
                    self._settle("running")
                    self.is_known.set()
                    try:
                        await self._follow(connection)
                    finally:
                        self._connection = None
                        self._unsettle()  # who asks now waits until it is known how it ended
                return connection.reason
            return f"it did not tell its tools within {self.settings.start_timeout:g} seconds"
        except (
            Exception
        ) as error:  # a foreign program behind a foreign library: whatever it is, it is told and tried again
            return _described(error)

    async def _follow(self, connection: Connection) -> None:
        while not connection.ended.is_set():
            await connection.news.wait()
            if connection.has_changed and not connection.ended.is_set():
                connection.has_changed, connection.news = False, anyio.Event()
                with anyio.fail_after(self.settings.timeout):
                    await self._relist(connection)
                await anyio.sleep(RELIST)

    async def _relist(self, connection: Connection) -> None:
        listing = await listed(connection.client)
        await self._offer(listing)
        await anyio.to_thread.run_sync(self._memory.keep, self.settings, listing)

    async def _offer(self, listing: Listing) -> None:
        """Bring what is offered to what is listed; what did not change stays as it is."""
        wanted: dict[str, Tool] = {}
        self.left_out = {}
        for entry in listing.tools:
            name = str(entry.get("name", ""))
            if self.settings.tools.get(name, ToolSettings()).hidden:
                continue
            try:
                tool: Tool = RemoteTool(self, entry, spec_of(entry, self.settings))
            except Unusable as error:
                self._leave_out(name, f"it {error}")
            else:
                wanted.setdefault(tool.spec.name, tool)
        for tool in tools_beside(self, listing):
            wanted.setdefault(tool.spec.name, tool)
        for name in list(self._offered):
            if name not in wanted or wanted[name].spec != self._offered[name][0]:
                await self._withdraw(name)
        for name, tool in wanted.items():
            if name not in self._offered:
                scope = AsyncExitStack()
                try:
                    await scope.enter_async_context(self._context.contribute(Contributions(tools=(tool,))))
                except PluginError as error:
                    self._leave_out(name, error.reason.removeprefix("contributed what it may not: "))
                else:
                    self._offered[name] = (tool.spec, scope)

    async def _withdraw(self, name: str) -> None:
        _, scope = self._offered.pop(name)
        await scope.aclose()

    def _leave_out(self, name: str, reason: str) -> None:
        self.left_out[name] = reason
        self._context.log.warning(f"tool '{one_line(name)}' is left out: {reason}", server=self.settings.name)

    def _resolved(self, values: Any) -> dict[str, str]:
        return {
            name: self._context.secret(value) if value.partition(":")[0] in ("env", "file", "keyring") else value
            for name, value in values.items()
        }

    def _settle(self, state: State, reason: str = "") -> None:
        self.state, self.reason = state, reason
        self._settled.set()
        self._report()

    def _unsettle(self) -> None:
        self.state, self._settled = "starting", anyio.Event()

    def _state_in_words(self, wait: float | None) -> str:
        who = f"MCP server '{self.settings.name}'"
        if self.state == "given up":
            return (
                f"{who} is left alone after {LIMIT} failures in {WINDOW / 60:g} minutes: {self.reason}. "
                f"`trivet plugins restart {self._context.id}` tries again."
            )
        return f"{who} does not run: {self.reason}. It is started again in {math.ceil(wait or 0)} seconds."


def _with_questions(error: ToolError, questions: list[str]) -> ToolError:
    if not questions:
        return error
    asked = "; ".join(f"'{question}'" for question in dict.fromkeys(questions))
    return ToolError(
        f"{error.message} (it wanted to ask the user: {asked}. Ask, and call again with the answer in the arguments)",
        is_transient=error.is_transient,
    )


def _is_lost(error: MCPError) -> bool:
    """How the SDK says that an HTTP server is gone, or has forgotten the session."""
    return error.error.code == CONNECTION_CLOSED or error.error.message == "Session terminated"


def _described(error: BaseException) -> str:
    """A sentence for a person; of a group, the first that is in it."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, PluginError):
        return error.reason
    if isinstance(error, MCPError):
        return f"it refused: {one_line(error.error.message, 300)}"
    first = one_line(str(error), 300)
    if isinstance(error, OSError) and first:
        return first
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
