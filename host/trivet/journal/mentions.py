"""Which blobs an event names: found in its encoded payload, so that no kind of event has to be known here."""

from collections.abc import Iterator

from trivet.journal.blobs import BlobStore

_LENGTH = 64
_DIGITS = bytes(ord("x") if chr(byte) in "0123456789abcdef" else ord(".") for byte in range(256))
_ADDRESS = b"x" * _LENGTH
_STRIDE = 8
_SAMPLES = b"x" * (_LENGTH // _STRIDE)
"""What an address leaves of itself when only every eighth byte is looked at; hardly anything else does."""
_KEY = b'"blob":"'


def mentioned(payload: bytes, blobs: BlobStore) -> list[str]:
    """Addresses under a key `blob`, whether or not the store has them, and wherever else (a tool's value, an address in a
    text) those that the store has: a digest of something else looks just the same."""
    if _SAMPLES not in payload[_STRIDE - 1 :: _STRIDE].translate(_DIGITS):
        return []
    return [address for address, is_named in _addresses(payload) if is_named or blobs.has(address)]


def _addresses(payload: bytes) -> Iterator[tuple[str, bool]]:
    """Every stretch of exactly 64 hexadecimal digits, and whether a key says that it is a blob. A regular expression would
    take ten times as long."""
    shape = payload.translate(_DIGITS)
    begin = shape.find(_ADDRESS)
    while begin >= 0:
        end = shape.find(b".", begin)
        end = len(shape) if end < 0 else end
        if end - begin == _LENGTH:
            yield payload[begin:end].decode("ascii"), payload.endswith(_KEY, 0, begin)
        begin = shape.find(_ADDRESS, end)
