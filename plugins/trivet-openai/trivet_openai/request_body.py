"""The body of one request, joined from pieces that are encoded already."""

from collections.abc import Mapping
from typing import Any

import msgspec

from trivet_openai.definition import Definition
from trivet_openai.history import Histories
from trivet_openai.offered_tools import OfferedTools
from trivet_sdk import GenerateRequest, Json, UnsupportedRequest

_ENCODER = msgspec.json.Encoder()


def refuse_unsupported(model: str, definition: Definition, request: GenerateRequest) -> None:
    """Raises UnsupportedRequest for a field that this model cannot honour; pictures are seen when they are encoded."""
    reason = _unsupported(definition, request)
    if reason:
        raise UnsupportedRequest(model, reason)


def _unsupported(definition: Definition, request: GenerateRequest) -> str:
    for field, value in (("grammar", request.grammar), ("choices", request.choices), ("adapter", request.adapter)):
        if value:
            return f"is behind an endpoint, and endpoints take no {field}. Use a local model for it."
    if request.kv == "off":
        return "is behind an endpoint, which decides for itself what it keeps of a prompt (kv = off)."
    asked = {"tools": request.tools, "schema": request.schema, "logprobs": request.logprobs}
    asked["seed"] = request.seed is not None
    missing = [feature for feature, value in asked.items() if value and feature not in definition.features]
    return f"was asked for {' and '.join(missing)}, which its settings say it cannot do." if missing else ""


def request_body(
    definition: Definition, request: GenerateRequest, histories: Histories, tools: OfferedTools | None
) -> bytes:
    """The JSON of the whole request."""
    pieces = histories.encoded(request.run, request.purpose, request.messages)
    head = [b'{"model":', _ENCODER.encode(definition.name), b',"messages":[', b",".join(pieces), b"]"]
    if tools is not None:
        head += [b',"tools":', tools.json]
    rest = _ENCODER.encode(_fields(definition, request))
    return b"".join((*head, b"," if len(rest) > 2 else b"", rest[1:]))


def _fields(definition: Definition, request: GenerateRequest) -> dict[str, Json]:
    """Everything but model, messages and tools."""
    fields: dict[str, Any] = {"temperature": request.temperature}
    if request.top_p != 1.0:
        fields["top_p"] = request.top_p
    if (most := request.max_tokens or definition.max_tokens) is not None:
        fields["max_tokens"] = most
    if request.stop:
        fields["stop"] = request.stop
    if request.seed is not None:
        fields["seed"] = request.seed
    if request.logprobs:
        fields["logprobs"] = True
    if request.schema is not None:
        fields["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": request.schema, "strict": is_strict(request.schema)},
        }
    if definition.stream:
        fields["stream"] = True
        fields["stream_options"] = {"include_usage": True}
    for field in definition.omit:
        fields.pop(field, None)
    for field, other in definition.rename.items():
        if field in fields:
            fields[other] = fields.pop(field)
    return {**fields, **definition.extra, **request.extra}


def is_strict(schema: Json) -> bool:
    """Whether OpenAI enforces this schema as it stands: every object closed, and all its properties required.

    Servers that enforce any schema do not look at the flag.
    """
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        if isinstance(properties, Mapping) and (
            schema.get("additionalProperties") is not False or set(schema.get("required", ())) != set(properties)
        ):
            return False
        if schema.get("type") == "object" and properties is None:
            return False
        return all(map(is_strict, schema.values()))
    return all(map(is_strict, schema)) if isinstance(schema, list | tuple) else True
