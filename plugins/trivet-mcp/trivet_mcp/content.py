"""What a server returned, as the parts of a result."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any

from trivet_sdk import BlobPart, DataPart, Json, TextPart, ToolError
from trivet_sdk.tool import Blobs, ResultPart


async def parts_of(content: Sequence[Mapping[str, Any]], structured: Json, blobs: Blobs) -> tuple[ResultPart, ...]:
    """`content` are content blocks or the contents of a resource. Pictures, sound and files go into the blob store.

    Raises ToolError for base64 that is none.
    """
    parts: list[ResultPart] = []
    for block in content:
        inner = block.get("resource", block)
        if "blob" in inner or block.get("type") in ("image", "audio"):
            parts.append(await _blob(inner, blobs))
        elif block.get("type") == "resource_link":
            named = block.get("title") or block.get("name") or ""
            parts.append(TextPart(f"{named} <{block.get('uri', '')}>".strip()))
        elif isinstance(inner.get("text"), str):
            parts.append(TextPart(inner["text"]))
    if structured is None:
        structured = _written_out(parts)
    return tuple(parts) if structured is None else (*parts, DataPart(structured))


def text_of(content: Sequence[Mapping[str, Any]]) -> str:
    """For error messages: all text, a line each."""
    return "\n".join(str(block["text"]) for block in content if isinstance(block.get("text"), str))


async def _blob(block: Mapping[str, Any], blobs: Blobs) -> BlobPart:
    try:
        content = base64.b64decode(block.get("blob") or block.get("data") or "", validate=True)
    except (binascii.Error, ValueError):
        raise ToolError(
            "the server answered with a picture or file that cannot be read (its base64 is broken)"
        ) from None
    media_type = str(block.get("mimeType") or "application/octet-stream")
    name = str(block.get("uri") or "").rpartition("/")[2]
    return BlobPart(blob=await blobs.put(content, media_type), media_type=media_type, size=len(content), name=name)


def _written_out(parts: Sequence[ResultPart]) -> Json:
    """Many servers write their data as JSON into the one text: later steps shall be able to point into it."""
    if len(parts) != 1 or not isinstance(parts[0], TextPart) or not parts[0].text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(parts[0].text)
    except (ValueError, RecursionError):
        return None
