"""Events as they lie in the journal: one JSON document each, decoded by topic, old versions raised to today's."""

from collections.abc import Callable
from typing import Any

import msgspec

from trivet_sdk.events import BY_TOPIC, Event, Record

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[tuple[str, int], Upcaster] = {}
"""(topic, version) -> the payload as the next version has it. Applied one after the other until today's version."""

_encoder = msgspec.json.Encoder()
_decoders: dict[str, msgspec.json.Decoder[Event]] = {}

encode: Callable[[Event], bytes] = _encoder.encode
"""Raises TypeError for a payload that is no JSON."""


def decode(topic: str, version: int, payload: str | bytes) -> Event:
    """Raises KeyError for a topic that no version of trivet so far has written, msgspec.ValidationError for a payload
    that is not what its topic and version promise."""
    kind = BY_TOPIC[topic]
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
