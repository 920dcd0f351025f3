"""Connections to checked addresses: a name is looked up once, every address it has is judged, and exactly one of those
judged is connected to. No proxy is asked, whatever the environment says: it would look up the name again."""

import socket
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from ipaddress import ip_address
from typing import Any, TypeAlias

import anyio
import httpcore2

from trivet_sdk import ToolError
from trivet_web.addresses import may_be_named, why_closed
from trivet_web.location import address_in, closed_port
from trivet_web.settings import Address, Opening

Resolve: TypeAlias = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host name, at least one. Raises OSError if it has none."""

_CONNECT_SECONDS = 8.0


async def resolve(host: str, port: int) -> list[str]:
    """As the system looks names up."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


class GuardedNetwork(httpcore2.AsyncNetworkBackend):
    """Where httpcore asks for a connection. TLS is still for the name: that the certificate fits is checked as ever."""

    def __init__(
        self, resolve: Resolve, dial: httpcore2.AsyncNetworkBackend, ports: Collection[int], openings: Sequence[Opening]
    ) -> None:
        self._resolve = resolve
        self._dial = dial
        self._ports = ports
        self._openings = openings

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception | None = None
        for address in await self._judged(host, port):
            try:
                return await self._dial.connect_tcp(
                    str(address),
                    port,
                    min(timeout or _CONNECT_SECONDS, _CONNECT_SECONDS),
                    local_address,
                    socket_options,
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = failure or error
        raise failure or httpcore2.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise ToolError("a socket of this machine is not visited.")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def _judged(self, host: str, port: int) -> list[Address]:
        """All addresses of the host. Raises ToolError if one of them is closed: who gives out one such address is not
        to be trusted with the others."""
        literal = address_in(host)
        try:
            found = [literal] if literal is not None else [ip_address(each) for each in await self._resolve(host, port)]
        except (OSError, UnicodeError):
            raise ToolError(f"there is no host {host}, or its name cannot be looked up.", is_transient=True) from None
        for address in found:
            if any(opening.covers(address, port, self._ports) for opening in self._openings):
                continue
            if reason := why_closed(address):
                named = "" if literal is not None else f" has the address {address}, which"
                raise ToolError(f"{host}{named} is {reason}, and such are not visited{_cure(address)}")
            if port not in self._ports:  # it is open for other addresses only
                raise closed_port(host, port, self._ports)
        return found


def _cure(address: Address) -> str:
    settings = "add it to `private` in the settings of the plugin web."
    if may_be_named(address):
        return f". If it is meant, write the address itself into the goal, or {settings}"
    return f", even if a goal names them. If it is meant, {settings}"
