"""The plugin's settings as data, and what their schema cannot say."""

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

import msgspec

from trivet_sdk import PluginError
from trivet_sdk.tool import Effect

_NAME = re.compile(r"[^\W_](?:[^\W_]|-)*")
"""Without `_`, which ends the server's name in the name of a tool."""


class ToolSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the user says about one tool."""

    effect: Effect | None = None
    egress: bool | None = None
    hidden: bool = False
    examples: tuple[str, ...] = ()


class ServerSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One `[plugins.mcp.config.servers.<name>]`; `config.schema.json` says what each field means."""

    name: str
    command: tuple[str, ...] = ()
    url: str = ""
    transport: Literal["", "stdio", "http", "sse"] = ""
    protocol: Literal["auto", "legacy", "2026-07-28"] = "auto"
    env: dict[str, str] = {}
    headers: dict[str, str] = {}
    cwd: str = ""
    roots: tuple[str, ...] = ()
    effect: Effect | None = None
    egress: bool | None = None
    start_timeout: float = 30.0
    timeout: float = 300.0
    max_message: int = 32 * 1024 * 1024
    tools: dict[str, ToolSettings] = {}

    @property
    def is_remote(self) -> bool:
        """Whether it is on another machine, so that every call of it sends something away."""
        host = urlsplit(self.url).hostname or ""
        if not self.url or host == "localhost":
            return False
        try:
            return not ipaddress.ip_address(host).is_loopback
        except ValueError:
            return True

    @property
    def digest(self) -> str:
        """Of all that says which server this is: what was learned of another one is void."""
        identity = msgspec.json.encode([self.command, self.url, self.env, self.headers, self.cwd, self.roots])
        return hashlib.sha256(identity).hexdigest()


def servers_of(plugin: str, settings: Mapping[str, Any]) -> tuple[ServerSettings, ...]:
    """Raises PluginError with the first thing that is wrong."""
    return tuple(_server(plugin, name, table) for name, table in settings.get("servers", {}).items())


def _server(plugin: str, name: str, table: Mapping[str, Any]) -> ServerSettings:
    def wrong(reason: str) -> PluginError:
        return PluginError(plugin, f"cannot use its server '{name}': {reason}")

    if not _NAME.fullmatch(name):
        raise wrong("a server's name has letters, digits and -, like 'my-notes'")
    try:
        server = msgspec.convert({**table, "name": name}, ServerSettings)
    except msgspec.ValidationError as error:
        raise wrong(str(error)) from None
    if bool(server.command) == bool(server.url):
        raise wrong('it needs either a command, like ["npx", "-y", "some-server"], or a url')
    if server.url and urlsplit(server.url).scheme not in ("http", "https"):
        raise wrong(f"'{server.url}' is no address that begins with http:// or https://")
    if server.transport not in (("", "stdio") if server.command else ("", "http", "sse")):
        raise wrong("a command talks over stdio, a url over http or sse")
    return server
