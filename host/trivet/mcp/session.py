"""What one client asks, answered: transport-free, so that a pipe and a daemon can share it."""

import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from importlib import metadata
from pathlib import Path
from typing import Any

import anyio
import msgspec
from anyio.abc import TaskGroup

from trivet.app import Host
from trivet.logs import LateLogger
from trivet.mcp import wire
from trivet.mcp.consent import Consent, Question
from trivet.mcp.protocol import (
    CAPABILITIES_KEY,
    HANDSHAKE_VERSIONS,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    MODERN_VERSIONS,
    SERVER_KEY,
    UNKNOWN_METHOD,
    UNSUPPORTED_VERSION,
    VERSION_KEY,
    Refused,
    failure,
)
from trivet.runs.approvals import Mode
from trivet.runs.foreign import tells_of_outside
from trivet_sdk.errors import TrivetError
from trivet_sdk.events import ToolProgressed
from trivet_sdk.prompting import from_wire
from trivet_sdk.tool import ToolSpec

Message = Mapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Tell = Callable[[dict[str, Any]], None]
SERVER = {"name": "trivet", "version": metadata.version("trivet")}
INSTRUCTIONS = (
    "Paths are relative to the workspace, the folder in which trivet serves; no tool touches a file outside of it."
)
AT_ONCE = 64
"""Requests in work; more are refused."""

log = LateLogger()


class Session:
    """`send` takes what goes to the client, in order; `tell` as well, but at once, or drops it. Requests are worked on in
    `tasks`. `patterns` choose among the tools."""

    def __init__(
        self,
        host: Host,
        tasks: TaskGroup,
        send: Send,
        tell: Tell,
        *,
        workspace: Path,
        mode: Mode,
        patterns: tuple[str, ...] = (),
    ) -> None:
        self._host = host
        self._tasks = tasks
        self._send = send
        self._tell = tell
        self._workspace = workspace
        self._patterns = patterns
        self._consent = Consent(mode, host.settings.approvals, self._ask)
        self._working: dict[str | int, anyio.CancelScope] = {}
        self._replies: dict[str, Callable[[Message], None]] = {}
        self._capabilities: Message | None = None
        """Of a client of the older era, once it has said `initialize`."""
        self.is_idle = anyio.Event()

    @property
    def working(self) -> int:
        return len(self._working)

    async def take(self, message: object) -> None:
        """One message of the client. Requests are answered later, in any order."""
        if not isinstance(message, dict):
            await self._send(failure(None, Refused(INVALID_REQUEST, "A message is one JSON object.")))
            return
        method, id = message.get("method"), message.get("id")
        params = message.get("params") or {}
        if method is None:
            if waiting := self._replies.pop(str(id), None):
                waiting(message)
            elif "result" not in message and "error" not in message:
                await self._send(failure(_id(id), Refused(INVALID_REQUEST, "A request names its method.")))
        elif id is None:
            if method == "notifications/cancelled" and isinstance(params, dict):
                self._cancel(params.get("requestId"))
        elif not isinstance(id, str | int) or not isinstance(method, str) or not isinstance(params, dict):
            refused = Refused(INVALID_REQUEST, "A request has a method, an id that is a text or a number, and params.")
            await self._send(failure(None, refused))
        elif id in self._working or len(self._working) >= AT_ONCE:
            why = "This id is in use." if id in self._working else f"More than {AT_ONCE} requests at once."
            await self._send(failure(id, Refused(INVALID_REQUEST, why)))
        else:
            self._working[id] = anyio.CancelScope()
            self._tasks.start_soon(self._work, id, method, params)

    def _cancel(self, id: Any) -> None:
        if isinstance(id, str | int) and id in self._working:
            self._working[id].cancel()

    async def _work(self, id: str | int, method: str, params: Message) -> None:
        scope = self._working[id]
        answer: dict[str, Any] | None = None
        with scope:
            try:
                answer = {"jsonrpc": "2.0", "id": id, "result": await self._answered(method, params)}
            except Refused as error:
                answer = failure(id, error)
            except Exception as error:  # our own bug must not end the connection
                log.error("a request of the client broke", error=traceback.format_exc())
                answer = failure(id, Refused(INTERNAL_ERROR, f"trivet broke down: {type(error).__name__}"))
        try:
            if answer is not None:  # else it was cancelled, and wants no answer
                await self._send(answer)
        finally:
            del self._working[id]
        if not self._working:
            self.is_idle.set()
            self.is_idle = anyio.Event()

    async def _answered(self, method: str, params: Message) -> dict[str, Any]:
        meta = _object(params, "_meta")
        if VERSION_KEY in meta:
            if meta[VERSION_KEY] not in MODERN_VERSIONS:
                data = {"supported": [*HANDSHAKE_VERSIONS, *MODERN_VERSIONS], "requested": str(meta[VERSION_KEY])}
                raise Refused(UNSUPPORTED_VERSION, "Unsupported protocol version", data)
            answer = await self._modern(method, params, _object(meta, CAPABILITIES_KEY))
            return {"resultType": "complete", "_meta": {SERVER_KEY: SERVER}, **answer}
        return await self._of_old(method, params)

    async def _modern(self, method: str, params: Message, capabilities: Message) -> dict[str, Any]:
        fresh = {"ttlMs": 0, "cacheScope": "private"}
        if method == "server/discover":
            offered = [*HANDSHAKE_VERSIONS, *MODERN_VERSIONS]
            told = {"supportedVersions": offered, "capabilities": {"tools": {}}, "instructions": INSTRUCTIONS}
            return {**told, **fresh}
        if method == "tools/list":
            return {"tools": [wire.tool(spec) for spec in self._tools()], **fresh}
        if method == "tools/call":
            return await self._called(params, capabilities, is_modern=True)
        raise Refused(UNKNOWN_METHOD, "Method not found", method)

    async def _of_old(self, method: str, params: Message) -> dict[str, Any]:
        if method == "initialize":
            wanted = params.get("protocolVersion")
            self._capabilities = _object(params, "capabilities")
            version = wanted if wanted in HANDSHAKE_VERSIONS else HANDSHAKE_VERSIONS[-1]
            told = {"protocolVersion": version, "serverInfo": SERVER, "instructions": INSTRUCTIONS}
            return {**told, "capabilities": {"tools": {"listChanged": False}}}
        if method == "ping":
            return {}
        if method not in ("tools/list", "tools/call"):
            raise Refused(UNKNOWN_METHOD, "Method not found", method)
        if self._capabilities is None:
            raise Refused(INVALID_REQUEST, "Say `initialize` first, or name your protocol version in `_meta`.")
        if method == "tools/list":
            return {"tools": [wire.tool(spec) for spec in self._tools()]}
        return await self._called(params, self._capabilities, is_modern=False)

    def _tools(self) -> list[ToolSpec]:
        """By full name; with patterns, those that one of them fits."""
        return [
            spec
            for spec in self._host.tools()
            if not self._patterns or any(fnmatchcase(spec.name, pattern) for pattern in self._patterns)
        ]

    async def _called(self, params: Message, capabilities: Message, *, is_modern: bool) -> dict[str, Any]:
        specs = {spec.name: spec for spec in self._tools()}
        name = from_wire(str(params.get("name", "")), specs)
        arguments = _object(params, "arguments")
        if name not in specs:
            raise Refused(INVALID_PARAMS, f"Unknown tool: {params.get('name')}")
        spec = specs[name]
        can_ask = "elicitation" in capabilities
        verdict = await self._consent.to(spec, arguments, params, can_ask=can_ask, is_modern=is_modern)
        if isinstance(verdict, Question):
            return verdict.answer
        if verdict:
            return wire.failed(verdict)
        try:
            result = await self._host.call_tool(
                name, arguments, workspace=self._workspace, tell=self._progress(_object(params, "_meta"))
            )
        except TrivetError as error:
            if spec.untrusted_output or tells_of_outside(error):  # what it says went wrong may be another's words
                self._consent.taint()
            return wire.failed(str(error))
        except (Exception, SystemExit) as error:  # foreign code: a bug in a tool is the answer of this call
            log.warning("a tool broke", tool=name, error=traceback.format_exc())
            return wire.failed(f"the tool broke: {type(error).__name__}: {error}")
        if spec.untrusted_output or result.is_untrusted:
            self._consent.taint()
        plain = msgspec.json.decode(msgspec.json.encode(result), type=type(result))  # dates and tuples become JSON
        return await wire.returned(plain, self._workspace, self._host.journal.blobs.get)

    def _progress(self, meta: Message) -> Callable[[ToolProgressed], None] | None:
        """What a tool tells of its progress, for a client that gave a token for it."""
        token = meta.get("progressToken")
        if token is None:
            return None

        def tell(progress: ToolProgressed) -> None:
            params: dict[str, Any] = {"progressToken": token, "progress": progress.done}
            if progress.total is not None:
                params["total"] = progress.total
            if progress.message:
                params["message"] = progress.message
            self._tell({"jsonrpc": "2.0", "method": "notifications/progress", "params": params})

        return tell

    async def _ask(self, params: dict[str, Any]) -> Message:
        """A question to the user over a connection of the older era: a request of ours to the client."""
        id = f"trivet-{len(self._replies) + 1}-{anyio.current_time()}"
        answered = anyio.Event()
        got: list[Message] = []

        def take(message: Message) -> None:
            got.append(message)
            answered.set()

        self._replies[id] = take
        try:
            await self._send({"jsonrpc": "2.0", "id": id, "method": "elicitation/create", "params": params})
            await answered.wait()
        finally:
            self._replies.pop(id, None)
        result = got[0].get("result")
        return result if isinstance(result, dict) else {}


def _id(id: Any) -> str | int | None:
    return id if isinstance(id, str | int) else None


def fitting_none(patterns: tuple[str, ...], tools: Sequence[ToolSpec]) -> list[str]:
    return [each for each in patterns if not any(fnmatchcase(spec.name, each) for spec in tools)]


def _object(params: Message, name: str) -> dict[str, Any]:
    """What a client may leave out. Raises Refused if it is something else than an object."""
    value = params.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Refused(INVALID_PARAMS, f"`{name}` is an object.")
    return value
