"""When a person must agree to a call, and to exactly what."""

import hashlib
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolSpec

Mode: TypeAlias = Literal["ask", "always", "never"]

_canonical = msgspec.json.Encoder(order="deterministic")


def reason_to_ask(spec: ToolSpec, *, is_tainted: bool) -> str:
    """Why this call needs a person's agreement, or nothing if it needs none.

    Writing files of the workspace can be undone and repeated, and needs none unless text from outside might be behind it.
    """
    if spec.egress:
        return "data may leave this machine"
    if spec.effect == "effectful":
        return "it cannot be undone or repeated"
    if spec.effect == "idempotent" and is_tainted:
        return "it changes something, and this run has read text from outside"
    return ""


def digest_of(tool: str, arguments: Mapping[str, Json]) -> str:
    """SHA-256 of the tool's name and the arguments' canonical JSON: an approval holds for exactly these."""
    return hashlib.sha256(tool.encode() + b"\n" + _canonical.encode(arguments)).hexdigest()
