"""Names of tools: `<server>_<tool>`, and back.

Letters and digits of any script, `_` and `-` stay; any other character becomes `-x<hex>-`. A server's name has no `_`.
"""

import re

_ESCAPED = re.compile(r"-x([0-9a-f]+)-")


def tool_name(server: str, tool: str) -> str:
    """Equal only for equal server and tool."""
    return f"{server}_{escaped(tool)}"


def parts_of(name: str) -> tuple[str, str]:
    """Server and tool of a tool's name, without the plugin's id."""
    server, _, tool = name.partition("_")
    return server, _ESCAPED.sub(lambda match: chr(int(match[1], 16)), tool)


def escaped(name: str) -> str:
    return "".join(
        character
        if character.isalnum() or character == "_" or (character == "-" and not name.startswith("x", index + 1))
        else f"-x{ord(character):x}-"  # "-x" always begins an escape
        for index, character in enumerate(name)
    )
