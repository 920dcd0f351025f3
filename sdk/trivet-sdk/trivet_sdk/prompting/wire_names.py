"""Tool names as endpoints take them.

A tool is `<plugin>.<tool>`; wire formats allow `[a-zA-Z0-9_-]{1,64}`. A dot becomes `-` (`table.select` is `table-select`),
any other foreign character, `-` itself among them, becomes `-x<hex>-`. The rare name that is still too long keeps its
beginning and ends in a digest, and can be read back only by those who know the tool.
"""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache

LONGEST = 64
_ESCAPED = re.compile(r"-x([0-9a-f]+)-|-")


@lru_cache(maxsize=4096)  # asked for every tool at every call
def to_wire(name: str) -> str:
    """The name for the wire; equal names only for equal tools."""
    wire = "".join(
        character if character.isascii() and (character.isalnum() or character == "_")
        else "-" if character == "." and not name.startswith("x", index + 1)  # "-x" always begins an escape
        else f"-x{ord(character):x}-"
        for index, character in enumerate(name)
    )  # fmt: skip
    if 0 < len(wire) <= LONGEST:
        return wire
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{wire[: LONGEST - 18]}_h{digest}"


def from_wire(wire: str, names: Iterable[str] = ()) -> str:
    """The tool's name. `names` are those that were offered; a name among them is taken as it is, however it was written."""
    for name in names:
        if wire in (name, to_wire(name)):
            return name

    def unescaped(match: re.Match[str]) -> str:
        code = int(match[1], 16) if match[1] else ord(".")
        return chr(code) if code <= 0x10FFFF else match[0]

    return _ESCAPED.sub(unescaped, wire)
