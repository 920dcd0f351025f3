"""One HTTP request to the endpoint, and what its failures mean."""

import asyncio
import io
import ssl
from collections.abc import Mapping
from urllib.request import getproxies, proxy_bypass

import aiohttp
import msgspec
from yarl import URL

from trivet_openai import failures
from trivet_openai.backoff import asked_pause
from trivet_openai.definition import Definition
from trivet_sdk import UnknownModel

LARGE = 1 << 20
"""Bytes from which on aiohttp wants a body as a file."""
LISTED = 8
MOST_LISTED = 1 << 20
"""Bytes of a list of models that are read."""
"""Names of models that an error shows."""


class Endpoint:
    def __init__(
        self,
        session: aiohttp.ClientSession,
        model: str,
        definition: Definition,
        key: str,
        headers: Mapping[str, str],
        proxy: str | None,
    ) -> None:
        self._session = session
        self._model = model
        self._definition = definition
        self.key = key
        self._url = URL(f"{definition.base_url}/chat/completions")
        self._headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json", **headers}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._proxy = proxy

    async def post(self, body: bytes, left: float, seconds: float) -> aiohttp.ClientResponse:
        """The response, its body still to come, for which `left` of the given `seconds` are left. Raises Failure."""
        if left <= 0:
            raise failures.late(seconds)
        try:
            response = await self._session.post(
                self._url,
                data=body if len(body) < LARGE else io.BytesIO(body),
                headers=self._headers,
                allow_redirects=False,
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(
                    total=left,
                    sock_connect=self._definition.connect_timeout,
                    sock_read=self._definition.read_timeout,
                    ceil_threshold=3600,
                ),
            )
        except (aiohttp.ClientError, OSError) as error:
            raise self.failure(error, seconds) from error
        if response.status == 200:
            return response
        async with response:
            try:
                told = await response.content.read(1 << 16)
            except (aiohttp.ClientError, OSError):
                told = b""
        failure = failures.refused(
            self._model,
            self._definition,
            self.key,
            response.status,
            told,
            asked_pause(response.headers),
            response.headers.get("Location", ""),
        )
        if failure.kind is UnknownModel and (names := await self._names()):
            failure.cure = f"It has: {names}. {failure.cure}"
        raise failure

    def failure(self, error: Exception, seconds: float) -> failures.Failure:
        """What an exception of the HTTP library means, before or in the midst of the response."""
        definition = self._definition
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return failures.unreachable(self._model, definition, f"no connection in {definition.connect_timeout:g} s")
        if isinstance(error, aiohttp.SocketTimeoutError):
            return failures.silent(self._model, definition)
        if isinstance(error, asyncio.TimeoutError):
            return failures.late(seconds)
        if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError | ssl.SSLError):
            return failures.untrusted(self._model, definition, _cause(error))
        if isinstance(error, aiohttp.ClientConnectorError):
            return failures.unreachable(self._model, definition, _cause(error))
        if isinstance(error, aiohttp.ClientResponseError):
            return failures.no_json(self._model, definition, str(error.message).encode())
        return failures.lost(definition)

    async def _names(self) -> str:
        """The models that the endpoint says it has; nothing if it does not say."""
        try:
            async with self._session.get(
                URL(f"{self._definition.base_url}/models"),
                headers=self._headers,
                allow_redirects=False,  # the key is for this server only, whatever header it stands in
                proxy=self._proxy,
                timeout=aiohttp.ClientTimeout(total=5),
            ) as response:
                listed = msgspec.json.decode(await capped(response, MOST_LISTED))
            names = sorted(str(entry["id"]) for entry in listed["data"])
        except (aiohttp.ClientError, OSError, msgspec.DecodeError, LookupError, TypeError, RecursionError):
            return ""
        more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
        return ", ".join(names[:LISTED]) + more


async def capped(response: aiohttp.ClientResponse, most: int) -> bytes:
    """The body, decompressed; cut at `most` bytes, where whatever reads it finds that it is none."""
    pieces: list[bytes] = []
    size = 0
    while size < most and (piece := await response.content.readany()):
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)[:most]


def open_endpoint(
    session: aiohttp.ClientSession, model: str, definition: Definition, key: str, headers: Mapping[str, str]
) -> Endpoint:
    """Proxy settings of the environment are read here, once, and not for each request."""
    url = URL(definition.base_url)
    host = url.host or ""
    is_direct = host in ("localhost", "127.0.0.1", "::1") or bool(proxy_bypass(host))
    proxy = None if is_direct else getproxies().get(url.scheme)
    return Endpoint(session, model, definition, key, headers, proxy)


def _cause(error: BaseException) -> str:
    """The operating system's words, without the library's around them."""
    inner = getattr(error, "os_error", None) or getattr(error, "certificate_error", None) or error
    if isinstance(inner, ssl.SSLError):
        return str(getattr(inner, "verify_message", "") or inner.reason or inner)
    words = getattr(inner, "strerror", None) or str(inner)
    if words.startswith("Connect call failed") or getattr(inner, "errno", None) == 111:
        return "connection refused"
    return str(words)
