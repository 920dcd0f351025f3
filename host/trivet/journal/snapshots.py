"""A run's state written down now and then, so that a long run is taken up without reading it from its start.

A snapshot is worth nothing but time: one that another fold made, or that is damaged, is left aside, and the events are read.
"""

import sys
from functools import cache
from zlib import crc32

import msgspec

from trivet.journal.fold import Fold

EVERY = 200
"""Events at least between two snapshots of a run."""
GROWTH = 4
"""And a quarter of the run: all snapshots together take five times what the last one does, so that a run of any length
pays a constant for each event, and at most a fifth of it has to be folded again."""

_FOLDING = (
    "trivet.journal.events",
    "trivet.journal.fold",
    "trivet.journal.likeness",
    "trivet.journal.state",
    "trivet_sdk.events",
    "trivet_sdk.goal",
    "trivet_sdk.message",
    "trivet_sdk.plan",
    "trivet_sdk.tool",
    "trivet_sdk.transcript",
    "trivet_sdk.verdict",
)
_encoder = msgspec.json.Encoder()  # as events are: what is read back is equal to what was folded from them
_decoder = msgspec.json.Decoder(Fold)
_CHECK = 4
"""Bytes of the checksum in front."""


def is_due(seq: int, last: int) -> bool:
    """Whether after event `seq` a snapshot is worth its bytes; `last` is the newest one's, 0 if there is none."""
    return seq >= last + max(EVERY, last // GROWTH)


@cache
def version() -> int:
    """Differs wherever state is made in another way: a checksum over the sources that make it, which nobody can forget to
    raise. 0 where Python runs without sources; then there are no snapshots."""
    sum = 0
    for name in _FOLDING:
        spec = sys.modules[name].__spec__
        try:
            sum = crc32(spec.loader.get_data(spec.origin), sum)  # type: ignore[union-attr]  # a loader without it raises, too
        except (AttributeError, TypeError, OSError):
            return 0
    return sum


def encoded(fold: Fold) -> bytes:
    state = _encoder.encode(fold)
    return crc32(state).to_bytes(_CHECK, "big") + state


def decoded(payload: bytes) -> Fold | None:
    """None if it is not what was written."""
    state = payload[_CHECK:]
    if crc32(state).to_bytes(_CHECK, "big") != payload[:_CHECK]:
        return None
    try:
        return _decoder.decode(state)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
