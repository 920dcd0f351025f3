"""Bodies that were packed for the way, unpacked piece by piece: no piece grows beyond what there is room for."""

import zlib
from collections.abc import AsyncIterator

from trivet_sdk import ToolError

ACCEPTED = "gzip, deflate"
_PIECE = 256 * 1024


def unpacked(body: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Pieces of at most 256 KiB. Raises ToolError for a packing that we did not ask for, or a broken one."""
    kind = encoding.strip().lower()
    if kind in ("", "identity"):
        return body
    if kind in ("gzip", "x-gzip", "deflate"):
        return _inflated(body, is_gzip=kind != "deflate")
    raise ToolError("the answer is packed in a way that was not asked for, so it cannot be read.")


async def _inflated(body: AsyncIterator[bytes], *, is_gzip: bool) -> AsyncIterator[bytes]:
    engine = zlib.decompressobj(31) if is_gzip else None
    async for piece in body:
        if engine is None:  # some servers send deflate without the frame that the standard wants
            engine = zlib.decompressobj(15 if piece[:1] in (b"\x78", b"\x58", b"\x08", b"\x18") else -15)
        try:
            rest = piece
            while rest:
                yield engine.decompress(rest, _PIECE)
                rest = engine.unconsumed_tail
                if engine.eof:
                    rest = engine.unused_data if engine.unused_data.startswith(b"\x1f\x8b") else b""
                    if not rest:  # what follows, such as padding, belongs to nothing
                        return
                    engine = zlib.decompressobj(31)
        except zlib.error:
            raise ToolError("the answer is packed, and its packing is broken.", is_transient=True) from None
    if engine is not None and not engine.eof:
        raise ToolError("the answer is packed, and its end is missing.", is_transient=True)
