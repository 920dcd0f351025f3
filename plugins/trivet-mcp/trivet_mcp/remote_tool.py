"""A server's tool as one of ours; and what reads its resources and prompts."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from mcp.types import (
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    ElicitRequest,
    InputRequiredResult,
    InputResponses,
    ListRootsRequest,
)
from pydantic import TypeAdapter

from trivet_mcp.arguments import arguments_for
from trivet_mcp.connection import Connection
from trivet_mcp.content import parts_of, text_of
from trivet_mcp.listing import Listing
from trivet_mcp.names import tool_name
from trivet_mcp.parameters import Unusable, parameters_of
from trivet_mcp.visible import one_line, visible
from trivet_sdk import Json, TextPart, Tool, ToolContext, ToolError, ToolResult, ToolSpec, result
from trivet_sdk.fitting import misfits
from trivet_sdk.tool import ResultPart

if TYPE_CHECKING:
    from trivet_mcp.server import Server

R = TypeVar("R")
ROUNDS = 10
"""Answers of the kind 'not yet', and the call has failed."""
PAGES = 20
_CALLED: TypeAdapter[CallToolResult | InputRequiredResult] = TypeAdapter(CallToolResult | InputRequiredResult)


class RemoteTool:
    """`entry` is the server's own word, one of `tools/list`."""

    def __init__(self, server: "Server", entry: Mapping[str, Any], spec: ToolSpec) -> None:
        self.spec = spec
        self._server = server
        self._name = str(entry["name"])
        self._output = _output_of(entry)

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        wanted = arguments_for(self.spec, arguments)

        async def progressed(progress: float, total: float | None, message: str | None) -> None:
            ctx.progress(progress, total, one_line(message or ""))

        async def ask(connection: Connection) -> ToolResult:
            async def once(responses: InputResponses | None, state: str | None) -> CallToolResult | InputRequiredResult:
                # Not `client.call_tool`, which checks the answer against the server's schema with its patterns.
                return await connection.client.session.send_request(
                    CallToolRequest(
                        params=CallToolRequestParams(
                            name=self._name, arguments=wanted, input_responses=responses, request_state=state
                        )
                    ),
                    _CALLED,
                    progress_callback=progressed,
                )

            answer = await _settled(connection, once)
            content = [block.model_dump(by_alias=True, mode="json", exclude_none=True) for block in answer.content]
            if answer.is_error:
                raise ToolError(visible(text_of(content), 2000) or f"MCP tool '{self._name}' failed without a word")
            structured = answer.structured_content
            if structured is not None and (wrong := misfits(self._output, structured)):
                raise ToolError(f"MCP tool '{self._name}' answered what does not fit its own schema: {wrong[0]}")
            return ToolResult(parts=await parts_of(content, structured, ctx.blobs))

        return await self._server.ask(self.spec, ask)


class Beside:
    """A tool that the protocol brings rather than the server: it reads, and changes nothing."""

    def __init__(
        self, server: "Server", name: str, summary: str, parameters: dict[str, Json],
        read: Callable[[Connection, Mapping[str, Json], ToolContext], Awaitable[ToolResult]],
    ) -> None:  # fmt: skip
        settings = server.settings
        self.spec = ToolSpec(
            name=tool_name(settings.name, name),
            summary=summary,
            parameters={"type": "object", "additionalProperties": False, "properties": {}, **parameters},
            effect="pure",
            egress=settings.is_remote if settings.egress is None else settings.egress,
            untrusted_output=True,
        )
        self._server = server
        self._read = read

    async def call(self, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
        wanted = arguments_for(self.spec, arguments)
        return await self._server.ask(self.spec, lambda connection: self._read(connection, wanted, ctx))


def tools_beside(server: "Server", listing: Listing) -> Iterator[Tool]:
    """Only where there is something to read."""
    name = server.settings.name
    text: dict[str, Json] = {"type": "string"}
    if listing.has_resources:
        yield Beside(server, "list-resources", f"List what the MCP server '{name}' has to read", {}, _resources)
        of_uri: dict[str, Json] = {"properties": {"uri": text}, "required": ["uri"]}
        yield Beside(server, "read-resource", f"Read a resource of the MCP server '{name}'", of_uri, _read_resource)
    if listing.has_prompts:
        yield Beside(server, "list-prompts", f"List the prompts of the MCP server '{name}'", {}, _prompts)
        values: dict[str, Json] = {"type": "object", "additionalProperties": text, "default": {}}
        of_name: dict[str, Json] = {"properties": {"name": text, "arguments": values}, "required": ["name"]}
        yield Beside(server, "get-prompt", f"Get a prompt of the MCP server '{name}', filled in", of_name, _prompt)


async def _resources(connection: Connection, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
    found: list[dict[str, Json]] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await connection.client.list_resources(cursor=cursor)
        found += (_entry(each, uri=str(each.uri), type=each.mime_type) for each in page.resources)
        if not (cursor := page.next_cursor):
            break
    templates = await connection.client.list_resource_templates()
    found += (_entry(each, uri=each.uri_template, type=each.mime_type) for each in templates.resource_templates)
    return _listed(found, "uri")


async def _prompts(connection: Connection, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
    found: list[dict[str, Json]] = []
    cursor: str | None = None
    for _ in range(PAGES):
        page = await connection.client.list_prompts(cursor=cursor)
        for prompt in page.prompts:
            wants = [f"{each.name}{'' if each.required else '?'}" for each in prompt.arguments or ()]
            found.append(_entry(prompt, arguments=wants))
        if not (cursor := page.next_cursor):
            break
    return _listed(found, "name")


async def _read_resource(connection: Connection, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
    session = connection.client.session
    answer = await _settled(
        connection,
        lambda responses, state: session.read_resource(
            str(arguments["uri"]), input_responses=responses, request_state=state, allow_input_required=True
        ),
    )
    contents = [each.model_dump(by_alias=True, mode="json", exclude_none=True) for each in answer.contents]
    return ToolResult(parts=await parts_of(contents, None, ctx.blobs))


async def _prompt(connection: Connection, arguments: Mapping[str, Json], ctx: ToolContext) -> ToolResult:
    session = connection.client.session
    answer = await _settled(
        connection,
        lambda responses, state: session.get_prompt(
            str(arguments["name"]), arguments.get("arguments") or {},
            input_responses=responses, request_state=state, allow_input_required=True,
        ),
    )  # fmt: skip
    parts: list[ResultPart] = []
    for message in answer.messages:
        content = message.content.model_dump(by_alias=True, mode="json", exclude_none=True)
        parts += [TextPart(f"{message.role}:"), *await parts_of([content], None, ctx.blobs)]
    return ToolResult(parts=tuple(parts))


async def _settled(
    connection: Connection,
    once: Callable[[InputResponses | None, str | None], Awaitable[R | InputRequiredResult]],
) -> R:
    """Since 2026-07-28 an answer may be a request for more, to be called again with; only roots can be given here.

    Raises ToolError with the questions that only a person can answer.
    """
    responses: InputResponses | None = None
    state: str | None = None
    for attempt in range(ROUNDS):
        answer = await once(responses, state)
        if not isinstance(answer, InputRequiredResult):
            return answer
        requests = answer.input_requests or {}
        questions = [
            one_line(request.params.message, 500) if isinstance(request, ElicitRequest) else "may it use your model?"
            for request in requests.values()
            if not (isinstance(request, ListRootsRequest) and connection.has_roots)
        ]
        if questions:
            asked = "; ".join(f"'{question}'" for question in questions)
            raise ToolError(
                f"the MCP server needs an answer of the user before it goes on: {asked}. "
                "Ask, and call again with the answer in the arguments"
            )
        responses = {key: connection.roots_result() for key in requests} or None
        state = answer.request_state
        if not requests:
            await anyio.sleep(min(0.25, 0.05 * 2**attempt))
    raise ToolError(f"the MCP server still asked for more after {ROUNDS} rounds")


def _output_of(entry: Mapping[str, Any]) -> dict[str, Json]:
    try:
        return parameters_of(entry["outputSchema"]) if "outputSchema" in entry else {}
    except Unusable:
        return {}  # the answer is then taken as it comes


def _entry(item: Any, **more: Json) -> dict[str, Json]:
    told = {"name": item.title or item.name, "description": visible(item.description or "", 300), **more}
    if "uri" not in more:
        told["name"] = item.name
    return {key: value for key, value in told.items() if value}


def _listed(found: list[dict[str, Json]], key: str) -> ToolResult:
    lines = [f"{each[key]}: {each.get('description') or each.get('name', '')}".rstrip(": ") for each in found]
    return result("\n".join(lines) or "There is nothing.", found)
