"""Messages as chat completions have them, encoded."""

import base64
from typing import Any

import msgspec

from trivet_sdk import Image, Message, Text, ToolAnswer, ToolUse, UnsupportedRequest
from trivet_sdk.prompting import to_wire

_ENCODER = msgspec.json.Encoder()


def encoded(message: Message, model: str, *, takes_images: bool = True) -> bytes:
    """JSON objects, comma between them: a message that answers several calls becomes one for each.

    Raises UnsupportedRequest for a picture without its bytes, or for any where the model takes none.
    """
    if not takes_images and any(isinstance(part, Image) for part in message.parts):
        raise UnsupportedRequest(model, "was asked for images, which its settings say it cannot do.")
    try:
        return b",".join(map(_ENCODER.encode, _objects(message, model)))
    except UnicodeEncodeError:  # half of a surrogate pair, as file names and broken models have them
        return b",".join(_ENCODER.encode(_whole(each)) for each in _objects(message, model))


def _objects(message: Message, model: str) -> list[dict[str, Any]]:
    answers = [part for part in message.parts if isinstance(part, ToolAnswer)]
    if answers:
        return [{"role": "tool", "tool_call_id": answer.id, "content": answer.text} for answer in answers]
    calls = [_call(part) for part in message.parts if isinstance(part, ToolUse)]
    if calls:
        return [{"role": "assistant", "content": message.text or None, "tool_calls": calls}]
    if any(isinstance(part, Image) for part in message.parts):
        return [{"role": message.role, "content": [_content(part, model) for part in message.parts]}]
    return [{"role": message.role, "content": message.text}]


def _call(use: ToolUse) -> dict[str, Any]:
    try:
        arguments = _ENCODER.encode(use.arguments)
    except UnicodeEncodeError:
        arguments = _ENCODER.encode(_whole(use.arguments))
    return {
        "id": use.id,
        "type": "function",
        "function": {"name": to_wire(use.tool), "arguments": arguments.decode()},
    }


def _content(part: Any, model: str) -> dict[str, Any]:
    if isinstance(part, Text):
        return {"type": "text", "text": part.text}
    if not part.content:
        raise UnsupportedRequest(model, f"was given the picture {part.blob} without its bytes.")
    picture = base64.b64encode(part.content).decode()
    return {"type": "image_url", "image_url": {"url": f"data:{part.media_type};base64,{picture}"}}


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_whole(key): _whole(inner) for key, inner in value.items()}
    return [_whole(inner) for inner in value] if isinstance(value, list | tuple) else value
