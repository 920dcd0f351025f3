"""Tools and results as MCP writes them."""

import base64
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from trivet_sdk.prompting import to_wire
from trivet_sdk.tool import BlobPart, DataPart, TextPart, ToolResult, ToolSpec

LARGEST = 10_000_000
"""Bytes of a picture or file that is put into an answer."""


def tool(spec: ToolSpec) -> dict[str, Any]:
    """One entry of `tools/list`, its effect as annotations."""
    told = spec.description if spec.description.startswith(spec.summary) else f"{spec.summary}\n\n{spec.description}"
    return {
        "name": to_wire(spec.name),
        "title": spec.name,
        "description": told.strip(),
        "inputSchema": {"type": "object", **spec.parameters},
        "annotations": {
            "readOnlyHint": spec.effect == "pure",
            "destructiveHint": spec.effect == "effectful",
            "idempotentHint": spec.effect != "effectful",
            "openWorldHint": spec.egress or spec.untrusted_output,
        },
    }


async def returned(result: ToolResult, workspace: Path, blob: Callable[[str], Awaitable[bytes]]) -> dict[str, Any]:
    """The result of `tools/call`."""
    content: list[dict[str, Any]] = []
    structured: Any = None
    for part in result.parts:
        if isinstance(part, TextPart):
            content.append({"type": "text", "text": part.text})
        elif isinstance(part, DataPart):
            structured = part.value
        else:
            content.append(await _blob(part, blob))
    if not any(isinstance(part, TextPart) for part in result.parts) and result.text:
        content.append({"type": "text", "text": result.text})
    for path in result.artifacts:
        uri = (workspace / path).absolute().as_uri()
        content.append({"type": "resource_link", "uri": uri, "name": path})
    answer: dict[str, Any] = {"content": content, "isError": False}
    if structured is not None:
        answer["structuredContent"] = structured if isinstance(structured, dict) else {"value": structured}
    return answer


def failed(sentence: str) -> dict[str, Any]:
    """A tool's failure is a result, so that the model reads it."""
    return {"content": [{"type": "text", "text": sentence}], "isError": True}


async def _blob(part: BlobPart, blob: Callable[[str], Awaitable[bytes]]) -> dict[str, Any]:
    if part.size > LARGEST:
        return {"type": "text", "text": f"({part.name or part.media_type}, {part.size} bytes, is too large to be sent)"}
    encoded = base64.b64encode(await blob(part.blob)).decode()
    kind = part.media_type.partition("/")[0]
    if kind in ("image", "audio"):
        return {"type": kind, "data": encoded, "mimeType": part.media_type}
    uri = f"trivet-blob:{part.blob}"
    return {"type": "resource", "resource": {"uri": uri, "mimeType": part.media_type, "blob": encoded}}
