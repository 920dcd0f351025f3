"""Events as they lie in the journal: one JSON document each, decoded by topic, old versions raised to today's."""

from collections.abc import Callable
from typing import Any

import msgspec

from trivet_sdk.events import BY_TOPIC, Event, Record

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(topic, version) -> the payload as the next version has it. Applied one after the other until today's version."""


class Unreadable(Exception):
    """An event that lies in the journal and cannot be understood; `str()` says why."""


_encoder = msgspec.json.Encoder()
_decoders: dict[str, msgspec.json.Decoder[Event]] = {}

encode: Callable[[Event], bytes] = _encoder.encode
"""Raises TypeError for a payload that is no JSON, UnicodeEncodeError for one with half a surrogate pair: see `readable`."""


def readable(value: Any) -> Any:
    """The same with everything that is no UTF-8 written out as in a Python literal. Half surrogate pairs come from file
    names that are no UTF-8, and from models; no file, database or terminal takes them."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, msgspec.Struct):
        return msgspec.convert(readable(msgspec.to_builtins(value)), type(value))
    if isinstance(value, dict):
        return {readable(key): readable(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [readable(inner) for inner in value]
    return value


def decode(topic: str, version: int, payload: str | bytes) -> Event:
    """Raises Unreadable for a topic or a version that this trivet does not know, and for a payload that is not what its
    topic and version promise."""
    kind = BY_TOPIC.get(topic)
    if kind is None:
        raise Unreadable(f"no '{topic}' is known here; a newer trivet may have written it")
    if version > kind.version:
        raise Unreadable(f"a newer trivet wrote it ('{topic}' in version {version}; this one knows {kind.version})")
    try:
        return _decoded(kind, topic, version, payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, LookupError) as error:
        raise Unreadable(f"it is damaged ({str(error) or type(error).__name__})") from error


def _decoded(kind: type[Event], topic: str, version: int, payload: str | bytes) -> Event:
    if version != kind.version:
        table: dict[str, Any] = msgspec.json.decode(payload)
        for step in range(version, kind.version):
            table = UPCASTERS[topic, step](table)
        return msgspec.convert(table, kind)
    decoder = _decoders.get(topic)
    if decoder is None:
        decoder = _decoders[topic] = msgspec.json.Decoder(kind)
    return decoder.decode(payload)


def record_of(row: tuple[str, int, str, int, float, str | bytes]) -> Record:
    """A record from `(run, seq, topic, v, time, payload)`."""
    run, seq, topic, version, time, payload = row
    return Record(run=run, seq=seq, time=time, event=decode(topic, version, payload))
