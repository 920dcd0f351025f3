"""The HTTP session that all models share: one pool of connections, one SSL context, no cookies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp

KEEP_ALIVE = 60.0
"""Seconds that an idle connection is kept for the next request."""


@asynccontextmanager
async def open_session() -> AsyncIterator[aiohttp.ClientSession]:
    """No limit on connections: how many runs work at once is the host's decision."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield session
