"""Bus events on their way between processes, where the other side may not know their class."""

from functools import lru_cache
from typing import Any

import msgspec

from ..events import Event


class Occurrence(msgspec.Struct, frozen=True, array_like=True):
    topic: str
    version: int
    payload: dict[str, Any]


def occurrence(event: Event) -> Occurrence:
    return Occurrence(event.topic, event.version, msgspec.to_builtins(event))


def event_of(sent: Occurrence) -> Event:
    """The event, of its own class where that is known here, else of one with the same topic and fields."""
    for kind in _kinds(Event):
        if (getattr(kind, "topic", None), kind.version) == (sent.topic, sent.version):
            try:
                return msgspec.convert(sent.payload, kind)
            except msgspec.ValidationError:
                break
    return _made(sent.topic, sent.version, tuple(sent.payload))(**sent.payload)


def _kinds(kind: type[Event]) -> list[type[Event]]:
    return [each for below in kind.__subclasses__() for each in (below, *_kinds(below)) if "__made__" not in vars(each)]


@lru_cache(256)
def _made(topic: str, version: int, fields: tuple[str, ...]) -> type[Event]:
    name = "".join(part.capitalize() for part in topic.replace(".", "_").split("_"))
    namespace = {"topic": topic, "version": version, "__made__": True}
    return msgspec.defstruct(  # type: ignore[return-value]
        name, [(field, Any) for field in fields], bases=(Event,), namespace=namespace, frozen=True, kw_only=True
    )
