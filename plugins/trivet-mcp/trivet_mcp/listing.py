"""What a server brings: asked of it, and remembered for when it cannot be asked."""

import os
from pathlib import Path
from typing import Any

import msgspec
from mcp import Client

from trivet_mcp.settings import ServerSettings

PAGES = 50
LONGEST = 1000
"""Tools of one server."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    tools: tuple[dict[str, Any], ...] = ()
    """Entries of `tools/list`, as they came."""
    has_resources: bool = False
    has_prompts: bool = False


class _Remembered(msgspec.Struct, frozen=True, kw_only=True):
    server: str
    listing: Listing


async def listed(client: Client) -> Listing:
    """Raises MCPError, or pydantic's error for an answer that is none."""
    tools: list[dict[str, Any]] = []
    capabilities = client.server_capabilities
    cursor: str | None = None
    for _ in range(PAGES if capabilities.tools is not None else 0):
        page = await client.list_tools(cursor=cursor)
        tools += (tool.model_dump(by_alias=True, mode="json", exclude_none=True) for tool in page.tools)
        cursor = page.next_cursor
        if not cursor or len(tools) > LONGEST:
            break
    return Listing(
        tools=tuple(tools[:LONGEST]),
        has_resources=capabilities.resources is not None,
        has_prompts=capabilities.prompts is not None,
    )


class Memory:
    """One file a server in the plugin's cache. Losing it costs a wait at the next start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def recall(self, server: ServerSettings) -> Listing | None:
        """None if this very server was never listed."""
        try:
            known = msgspec.json.decode(self._path(server).read_bytes(), type=_Remembered)
        except (OSError, msgspec.DecodeError):
            return None
        return known.listing if known.server == server.digest else None

    def keep(self, server: ServerSettings, listing: Listing) -> None:
        path = self._path(server)
        try:
            replaced = path.with_suffix(f".{os.getpid()}")
            replaced.write_bytes(msgspec.json.encode(_Remembered(server=server.digest, listing=listing)))
            replaced.replace(path)
        except OSError:
            return  # a full or read-only disk: it is asked again next time

    def _path(self, server: ServerSettings) -> Path:
        return self._folder / f"{server.name}.json"
