"""The HTTP client to a server at an address: as the SDK's own, but no answer grows without bound."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2

SECONDS = 30.0
SILENCE = 300.0
"""Seconds between two pieces of a stream that is held open."""


class TooLong(Exception):
    """An answer of more bytes than the settings allow."""


class BoundedStream(httpx2.AsyncByteStream):
    """A response's body, up to so many bytes."""

    def __init__(self, body: httpx2.AsyncByteStream, most: int) -> None:
        self._body = body
        self._most = most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._body:
            seen += len(chunk)
            if seen > self._most:
                raise TooLong(f"it sent an answer of more than {self._most:,} bytes")
            yield chunk

    async def aclose(self) -> None:
        await self._body.aclose()


def http_client(headers: dict[str, str], most: int, **more: Any) -> httpx2.AsyncClient:
    """`most` bounds an answer that is one message; of a stream of events the SDK bounds each event."""

    async def bounded(response: httpx2.Response) -> None:
        is_stream = response.headers.get("content-type", "").startswith("text/event-stream")
        if not is_stream and isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = BoundedStream(response.stream, most)

    # Uncompressed: what is counted is then what has to be held.
    return httpx2.AsyncClient(
        headers={"accept-encoding": "identity", **headers},
        timeout=httpx2.Timeout(SECONDS, read=SILENCE),
        event_hooks={"response": [bounded]},
        **more,
    )
