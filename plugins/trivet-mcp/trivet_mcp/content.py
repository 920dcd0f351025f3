"""What a server returned, as the parts of a result."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_sdk import BlobPart, DataPart, Json, TextPart, ToolError
from trivet_sdk.tool import Blobs, ResultPart

LARGEST = 4 * 1024 * 1024
"""Bytes of text, and as many of data, in one result; what goes beyond becomes a blob, since a result is one message."""


async def parts_of(content: Sequence[Mapping[str, Any]], structured: Json, blobs: Blobs) -> tuple[ResultPart, ...]:
    """`content` are content blocks or the contents of a resource. Pictures, sound and files go into the blob store,
    and so do texts and data that are too large.

    Raises ToolError for base64 that is none.
    """
    parts: list[ResultPart] = []
    room = LARGEST
    for block in content:
        inner = block.get("resource", block)
        if "blob" in inner or block.get("type") in ("image", "audio"):
            parts.append(await _blob(inner, blobs))
        elif block.get("type") == "resource_link":
            named = block.get("title") or block.get("name") or ""
            parts.append(TextPart(f"{named} <{block.get('uri', '')}>".strip()))
        elif isinstance(inner.get("text"), str):
            text = inner["text"].encode(errors="replace")
            if len(text) > room:
                media_type = str(inner.get("mimeType") or "text/plain")
                parts.append(await _kept(text, media_type, str(inner.get("uri") or ""), blobs))
            else:
                room -= len(text)
                parts.append(TextPart(inner["text"]))
    if structured is None:
        structured = _written_out(parts)
    elif len(data := msgspec.json.encode(structured)) > LARGEST:
        return (*parts, await _kept(data, "application/json", "", blobs))
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
    return await _kept(content, media_type, str(block.get("uri") or ""), blobs)


async def _kept(content: bytes, media_type: str, uri: str, blobs: Blobs) -> BlobPart:
    name = uri.rpartition("/")[2]
    return BlobPart(blob=await blobs.put(content, media_type), media_type=media_type, size=len(content), name=name)


def _written_out(parts: Sequence[ResultPart]) -> Json:
    """Many servers write their data as JSON into the one text: later steps shall be able to point into it."""
    if len(parts) != 1 or not isinstance(parts[0], TextPart) or not parts[0].text.lstrip().startswith(("{", "[")):
        return None
    try:
        data: Json = msgspec.json.decode(parts[0].text)
        msgspec.msgpack.encode(data)  # what cannot be passed on as data, like too large a number, stays a text
        return data
    except (ValueError, msgspec.MsgspecError, OverflowError, RecursionError):
        return None
