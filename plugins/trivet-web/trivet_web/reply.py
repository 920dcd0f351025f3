"""One request and what came back: no redirect is followed here, and nothing is believed of the answer's size."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any

import httpcore2
import msgspec

from trivet_sdk import ToolError
from trivet_web.addresses import is_public
from trivet_web.decompression import ACCEPTED, unpacked
from trivet_web.location import Location

REDIRECTS = (301, 302, 303, 307, 308)
_TIMEOUTS = {"connect": 10.0, "read": 20.0, "write": 10.0, "pool": 20.0}


class Reply(msgspec.Struct, frozen=True):
    """An answer whose body has not been read yet. Header names are in lower case; of several equal ones the first counts."""

    location: Location
    status: int
    headers: Mapping[str, str]
    is_public: bool
    """It came from an address that anybody can reach."""
    body: AsyncIterator[bytes]
    """Unpacked, in small pieces."""

    async def read(self, most: int, setting: str) -> bytes:
        """The whole body. Raises ToolError if it has more than `most` bytes, which `setting` says."""
        content = bytearray()
        async for piece in bounded(self, most, setting):
            content += piece
        return bytes(content)


async def bounded(reply: Reply, most: int, setting: str) -> AsyncIterator[bytes]:
    """The body's pieces. Raises ToolError as soon as there are more than `most` bytes, or are going to be."""
    seen = 0
    announced = reply.headers.get("content-length", "")
    if announced.isascii() and announced.isdigit() and int(announced[:20]) > most:
        raise too_long(reply.location, most, setting)
    async for piece in reply.body:
        seen += len(piece)
        if seen > most:
            raise too_long(reply.location, most, setting)
        yield piece


def too_long(location: Location, most: int, setting: str) -> ToolError:
    return ToolError(
        f"{location.url} is longer than {most:,} bytes, the most that is taken (`{setting}` in the settings of the plugin web)."
    )


@asynccontextmanager
async def asked(
    pool: httpcore2.AsyncConnectionPool, location: Location, headers: Mapping[str, str]
) -> AsyncIterator[Reply]:
    """GET it. Raises ToolError if there is no answer, in words that are ours and not the server's."""
    sent = {"Host": _authority(location), "Accept-Encoding": ACCEPTED, **headers}
    try:
        async with pool.stream(
            "GET", location.url, headers=list(sent.items()), extensions={"timeout": _TIMEOUTS}
        ) as response:
            yield Reply(
                location=location,
                status=response.status,
                headers=_headers(response.headers),
                is_public=_came_from_public(response.extensions["network_stream"]),
                body=unpacked(response.aiter_stream(), _headers(response.headers).get("content-encoding", "")),
            )
    except httpcore2.TimeoutException:
        raise ToolError(f"{location.origin} does not answer.", is_transient=True) from None
    except (httpcore2.ConnectError, httpcore2.ReadError, httpcore2.WriteError) as error:
        raise ToolError(f"{location.origin} cannot be reached: {_reason(error)}.", is_transient=True) from None
    except (httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, ValueError):
        raise ToolError(f"{location.origin} sent something that is no HTTP, or broke off.", is_transient=True) from None


def _authority(location: Location) -> str:
    return location.origin.partition("://")[2]


def _headers(raw: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in raw:
        found.setdefault(name.decode("latin-1").lower(), _text(value).strip())
    return found


def _text(value: bytes) -> str:
    """ASCII by the standard, UTF-8 in practice."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _came_from_public(stream: Any) -> bool:
    peer = stream.get_extra_info("server_addr")
    return is_public(ip_address(peer[0]))


def _reason(error: Exception) -> str:
    """The system's or the TLS library's word, which the server cannot choose."""
    told = str(error.__cause__ or error)
    if "CERTIFICATE_VERIFY_FAILED" in told:
        return "its certificate is not to be trusted"
    return "the connection was refused or broke off"


def failure_of(location: Location, status: int) -> ToolError:
    """What a status means that is no success."""
    try:
        phrase = f" ({HTTPStatus(status).phrase})"
    except ValueError:
        phrase = ""
    return ToolError(
        f"{location.url} answered {status}{phrase}.", is_transient=status in (408, 425, 429) or status >= 500
    )
