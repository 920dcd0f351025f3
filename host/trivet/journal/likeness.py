"""Which steps come to the same: the same call, with the same outcome."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec

from trivet_sdk.tool import ToolResult

_BY_CALL = frozenset({"ask", "pursue"})
"""Whatever they come to, who asks for them again goes round in circles; a sub-goal's outcome names its run besides."""
_encoder = msgspec.json.Encoder(order="deterministic")


def likeness(tool: str, arguments: Mapping[str, Any], outcome: ToolResult | str) -> str:
    """Equal for steps that come to the same; `outcome` is a result, or the sentence of an error."""
    what = (tool, arguments) if tool in _BY_CALL else (tool, arguments, outcome)
    try:
        encoded = _encoder.encode(what)
    except UnicodeEncodeError:  # half surrogates; the journal writes them out as well
        encoded = repr(what).encode("utf-8", "backslashreplace")
    return blake2b(encoded, digest_size=12).hexdigest()
