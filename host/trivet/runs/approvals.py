"""When a person must agree to a call, and to exactly what."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolSpec

Mode: TypeAlias = Literal["ask", "always", "never"]

_UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"})
"""Categories of letters that command, turn, or are nothing to look at: controls, bidi, zero width, tags, private use,
unassigned, spaces other than the usual one."""
_ELSE_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
"""Letters and marks by category, with nothing to see: the rest of Unicode's Default_Ignorable_Code_Point, blank braille."""
_PLAIN = re.compile(r"[^\x20-\x7e]")
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


def exactly(arguments: Mapping[str, Json]) -> str:
    """The arguments as JSON on lines of its own, whole, in any language; what cannot be seen is escaped as JSON has it, so
    that two calls which differ look different."""
    text = json.dumps(dict(arguments), ensure_ascii=False, indent=2, default=str)
    return "\n".join(_PLAIN.sub(_visible, line) for line in text.split("\n"))


def _visible(match: re.Match[str]) -> str:
    letter = match[0]
    if unicodedata.category(letter) not in _UNSEEN and not _ELSE_UNSEEN.match(letter):
        return letter
    code = ord(letter)
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
