"""What messages carry: msgpack, read as the type that the method names."""

from functools import cache
from typing import Any

import msgspec

from .frames import HEADER
from .protocol import Message

_JSON = 1
"""Code of the extension that holds JSON: for whole numbers beyond 64 bits, which msgpack has no form for."""
_EXTENSIONS = frozenset((*range(0xC7, 0xCA), *range(0xD4, 0xD9)))
_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)


def encoded(message: Message) -> bytearray:
    """The message behind room for a frame's header. Raises TypeError for what neither msgpack nor JSON can carry."""
    frame = bytearray(HEADER.size)
    try:
        _encoder.encode_into(message, frame, HEADER.size)
    except OverflowError:
        value = msgspec.msgpack.Ext(_JSON, msgspec.json.encode(getattr(message, "value", None)))
        frame = bytearray(HEADER.size)
        _encoder.encode_into(msgspec.structs.replace(message, value=value), frame, HEADER.size)
    return frame


def decoded(payload: bytes) -> Message:
    """Raises msgspec.DecodeError if this is no message."""
    return _decoder.decode(payload)


def unpacked(value: Any, kind: Any) -> Any:
    """Raises msgspec.ValidationError if the value is not of this type."""
    if memoryview(value)[0] in _EXTENSIONS:
        inner = msgspec.msgpack.decode(value)
        if isinstance(inner, msgspec.msgpack.Ext) and inner.code == _JSON:
            return msgspec.json.decode(inner.data, type=kind)
    return _typed(kind).decode(value)


@cache
def _typed(kind: Any) -> msgspec.msgpack.Decoder[Any]:
    return msgspec.msgpack.Decoder(kind)
