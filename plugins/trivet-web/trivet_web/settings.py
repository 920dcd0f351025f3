"""The plugin's settings as data, and what their schema cannot say."""

import ipaddress
import re
from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from trivet_sdk import PluginError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

USER_AGENT = "trivet/0.1 (reads for a person; trivet-web)"
_NAME = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*")
_PRIVATE = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<four>[0-9.]+))(?P<length>/\d+)?(?P<port>:(?:\d+|\*))?")


class Opening(msgspec.Struct, frozen=True):
    """A part of the user's own network that may be visited, at the ports that it names."""

    network: Network
    port: int | Literal["*"] | None = None
    """None for the ports that may be visited anywhere."""

    def names(self, port: int) -> bool:
        return self.port in (port, "*")

    def covers(self, address: Address, port: int, ports: Collection[int]) -> bool:
        return address in self.network and (self.names(port) or (self.port is None and port in ports))


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[plugins.web.config]`; `config.schema.json` says what each field means."""

    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    private: tuple[str, ...] = ()
    ports: tuple[int, ...] = (80, 443)
    robots: bool = True
    user_agent: str = ""
    max_bytes: int = 10_000_000
    max_seconds: float = 30.0
    download_max_bytes: int = 200_000_000
    download_max_seconds: float = 300.0
    cache_bytes: int = 100_000_000

    @property
    def openings(self) -> tuple[Opening, ...]:
        return tuple(opening_of(text) for text in self.private)

    def has_port(self, port: int) -> bool:
        """Whether it may be visited anywhere; where, the address tells."""
        return port in self.ports or any(opening.names(port) for opening in self.openings)


def settings_of(plugin: str, table: Mapping[str, Any]) -> Settings:
    """Raises PluginError with the first thing that is wrong."""
    try:
        found = msgspec.convert(dict(table), Settings)
    except msgspec.ValidationError as error:
        raise PluginError(plugin, f"cannot take these settings: {error}") from None
    for name in (*found.allow, *found.deny):
        if not _NAME.fullmatch(name):
            raise PluginError(plugin, f"cannot take the host '{name}': write a name in lower case like 'example.org'")
    for text in found.private:
        try:
            opening_of(text)
        except ValueError as error:
            raise PluginError(plugin, f"cannot take the private network '{text}': {error}") from None
    if any(mark in found.user_agent for mark in "\r\n\0") or not found.user_agent.isascii():
        raise PluginError(plugin, "cannot take its user_agent: it must be one line of ASCII characters")
    return found


def opening_of(text: str) -> Opening:
    """Of `10.1.0.0/16`, `127.0.0.1:8000`, `127.0.0.1:*`, `[fd00::]/8` or `[::1]:8000`. Raises ValueError."""
    found = _PRIVATE.fullmatch(text)
    if found is None:
        raise ValueError("write it like 10.1.0.0/16, 127.0.0.1:8000 or [fd00::]/8")
    network = ipaddress.ip_network(f"{found['six'] or found['four']}{found['length'] or ''}")
    port = found["port"]
    return Opening(network, None if not port else "*" if port == ":*" else int(port[1:]))
