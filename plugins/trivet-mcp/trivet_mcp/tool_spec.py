"""What a server says of a tool, as a ToolSpec; what the user says of it comes first."""

import re
from collections.abc import Mapping
from typing import Any

from trivet_mcp.names import tool_name
from trivet_mcp.parameters import parameters_of
from trivet_mcp.settings import ServerSettings, ToolSettings
from trivet_mcp.visible import one_line, visible
from trivet_sdk import ToolSpec
from trivet_sdk.tool import Effect

_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|$)|[。！？])", re.DOTALL)


def spec_of(tool: Mapping[str, Any], server: ServerSettings) -> ToolSpec:
    """`tool` is one entry of `tools/list`. Raises Unusable."""
    name = str(tool["name"])
    said = server.tools.get(name, ToolSettings())
    claims: Mapping[str, Any] = tool.get("annotations") or {}
    description = visible(str(tool.get("description") or ""))
    first = _SENTENCE.match(description)
    summary = (first[0] if first else description) or str(tool.get("title") or claims.get("title") or name)
    return ToolSpec(
        name=tool_name(server.name, name),
        summary=one_line(summary),
        description=description,
        parameters=parameters_of(tool.get("inputSchema")),
        effect=said.effect or server.effect or effect_claimed(claims),
        egress=_first(said.egress, server.egress, server.is_remote or claims.get("openWorldHint") is not False),
        untrusted_output=True,
        examples=said.examples,
    )


def effect_claimed(claims: Mapping[str, Any]) -> Effect:
    """What the annotations come to; unsaid, a tool may do anything (the protocol's own defaults).

    A repetition that does no harm does not make a deletion harmless: `idempotent` needs no approval here, so a tool that
    may destroy something is `effectful` even if it may be repeated.
    """
    if claims.get("readOnlyHint") is True:
        return "pure"
    if claims.get("idempotentHint") is True and claims.get("destructiveHint") is False:
        return "idempotent"
    return "effectful"


def _first(*options: bool | None) -> bool:
    return next(option for option in options if option is not None)
