"""Visits: an address, where it redirects to, and what comes back in the end."""

import hashlib
import ssl
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeAlias

import anyio
import anyio.to_thread
import httpcore2
import msgspec

from trivet_sdk import ToolError
from trivet_web.cache import Kept, PageCache
from trivet_web.connecting import GuardedNetwork, Resolve, resolve
from trivet_web.location import Location, location_of, shown
from trivet_web.reply import REDIRECTS, Reply, asked, failure_of
from trivet_web.robots import MAX_BYTES as MAX_ROBOTS
from trivet_web.robots import Robots
from trivet_web.settings import USER_AGENT, Opening, Settings
from trivet_web.typed import openings_for, origins_of

MAX_REDIRECTS = 5
_ACCEPT = "text/html,application/xhtml+xml,application/json,application/pdf,text/*;q=0.9,*/*;q=0.5"


MakePool: TypeAlias = Callable[[Collection[int], Sequence[Opening]], httpcore2.AsyncConnectionPool]
"""Connections to public addresses at these ports, and to what is opened."""


class Page(msgspec.Struct, frozen=True):
    """What an address gave."""

    url: str
    """After redirects."""
    content_type: str
    content: bytes
    is_kept: bool = False
    """It was not loaded again."""


class Visitor:
    """Goes where the settings allow. Make one with `open_visitor`."""

    def __init__(
        self,
        settings: Settings,
        cache: PageCache | None,
        make_pool: MakePool,
        anywhere: httpcore2.AsyncConnectionPool,
        outside: httpcore2.AsyncConnectionPool,
    ) -> None:
        self.settings = settings
        self._cache = cache
        self._make_pool = make_pool
        self._anywhere = anywhere
        self._outside = outside
        self._agent = settings.user_agent or USER_AGENT
        self._robots = Robots(self._agent)

    async def page(self, url: str, typed: Collection[str] = ()) -> Page:
        """`typed` are the origins that the user named. Raises ToolError with the reason why there is no page."""
        with _in_time(url, self.settings.max_seconds, "max_seconds"):
            way = Way(url, self.settings, origins_of(typed))
            while True:
                kept = await self._kept(way)
                if kept is not None and self._cache is not None and self._cache.is_fresh(kept):
                    return _page_of(kept)
                async with self._asked(way, kept.questions if kept else {}) as reply:
                    if reply.status in REDIRECTS:
                        way.follow(reply)
                    elif reply.status == 304 and kept is not None and self._cache is not None:
                        await anyio.to_thread.run_sync(self._cache.confirmed, kept, reply.headers)
                        return _page_of(kept)
                    else:
                        return await self._read(reply, way)

    @asynccontextmanager
    async def download(self, url: str, typed: Collection[str] = ()) -> AsyncIterator[Reply]:
        """What an address gives, to be read within the block. Raises ToolError, also from within it when time is up."""
        with _in_time(url, self.settings.download_max_seconds, "download_max_seconds"):
            way = Way(url, self.settings, origins_of(typed))
            while True:
                async with self._asked(way, {}) as reply:
                    if reply.status in REDIRECTS:
                        way.follow(reply)
                    elif reply.status == 200:
                        yield reply
                        return
                    else:
                        raise failure_of(reply.location, reply.status)

    async def _read(self, reply: Reply, way: "Way") -> Page:
        if reply.status != 200:
            raise failure_of(reply.location, reply.status)
        content = await reply.read(self.settings.max_bytes, "max_bytes")
        if self._cache is not None and way.openings is None:
            url = reply.location.url
            await anyio.to_thread.run_sync(self._cache.put, url, reply.status, reply.headers, content, reply.is_public)
        return Page(reply.location.url, reply.headers.get("content-type", ""), content)

    async def _kept(self, way: "Way") -> Kept | None:
        """Nothing of a server that is open for this run alone: other runs must not see what it said."""
        if self._cache is None or way.openings is not None:
            return None
        kept = await anyio.to_thread.run_sync(self._cache.get, way.location.url)
        return kept if kept is None or kept.is_public or not way.was_public else None

    @asynccontextmanager
    async def _asked(self, way: "Way", headers: Mapping[str, str]) -> AsyncIterator[Reply]:
        if self.settings.robots:
            await self._robots.check(way.location, lambda url: self._robots_txt(way.beside(url)))
        async with self._pool(way) as pool, asked(pool, way.location, {**self._headers(_ACCEPT), **headers}) as reply:
            yield reply

    async def _robots_txt(self, way: "Way") -> tuple[int, bytes]:
        while True:
            async with self._pool(way) as pool, asked(pool, way.location, self._headers("text/plain")) as reply:
                if reply.status not in REDIRECTS:
                    return reply.status, await _beginning(reply, MAX_ROBOTS)
                try:
                    way.follow(reply)
                except ToolError:  # too many redirects, or to where we must not go
                    return 503, b""

    @asynccontextmanager
    async def _pool(self, way: "Way") -> AsyncIterator[httpcore2.AsyncConnectionPool]:
        """A page that anybody can put up leads to no place that only we can reach, even if we were allowed there. What is
        open for one run has connections of its own, which end with the visit: kept ones would be open to all."""
        if way.openings is None:
            yield self._outside if way.was_public else self._anywhere
            return
        async with self._make_pool((way.location.port,), () if way.was_public else way.openings) as pool:
            yield pool

    def _headers(self, accept: str) -> dict[str, str]:
        return {"User-Agent": self._agent, "Accept": accept}


class Way:
    """Where a visit is, and where it has been. Raises ToolError if the address is not one to begin at."""

    def __init__(self, url: str, settings: Settings, typed: frozenset[str], was_public: bool = False) -> None:
        self.was_public = was_public
        self._settings = settings
        self._typed = typed
        self._arrive(url)
        self._been = [self.location.url]

    def _arrive(self, url: str) -> None:
        self.location: Location = location_of(url, self._settings, self._typed)
        self.openings = openings_for(self.location, self._settings, self._typed)
        """What is open here only because the user named it; None where nothing is."""

    def beside(self, url: str) -> "Way":
        """To another page of where this one is."""
        return Way(url, self._settings, self._typed, self.was_public)

    def follow(self, reply: Reply) -> None:
        """Raises ToolError where that leads nowhere, or where we must not go."""
        self.was_public = self.was_public or reply.is_public
        target = reply.headers.get("location", "")
        if not target:
            raise ToolError(f"{self.location.url} redirects, but does not say where.")
        try:
            self._arrive(self.location.joined(target))
        except ToolError as error:
            raise ToolError(f"{shown(self.location.url)} redirects to where we do not go: {error}") from None
        if self.location.url in self._been or len(self._been) > MAX_REDIRECTS:
            raise ToolError(f"{self._been[0]} redirects in a circle, or more than {MAX_REDIRECTS} times.")
        self._been.append(self.location.url)


@asynccontextmanager
async def open_visitor(
    settings: Settings,
    cache: Path | None = None,
    *,
    resolve: Resolve = resolve,
    dial: httpcore2.AsyncNetworkBackend | None = None,
    trusted: ssl.SSLContext | None = None,
) -> AsyncIterator[Visitor]:
    """`cache` is the folder for kept pages; `dial` connects to an address; `trusted` says whose certificates count, the
    system's by default."""
    context = trusted or ssl.create_default_context()

    network = dial or httpcore2.AnyIOBackend()

    def pool(ports: Collection[int], openings: Sequence[Opening]) -> httpcore2.AsyncConnectionPool:
        return httpcore2.AsyncConnectionPool(
            ssl_context=context,
            network_backend=GuardedNetwork(resolve, network, ports, openings),
            max_connections=32,
            max_keepalive_connections=8,
            keepalive_expiry=15.0,
        )

    kept = PageCache(cache, settings.cache_bytes, _policy(settings)) if cache and settings.cache_bytes else None
    async with pool(settings.ports, settings.openings) as anywhere, pool(settings.ports, ()) as outside:
        yield Visitor(settings, kept, pool, anywhere, outside)


def _policy(settings: Settings) -> str:
    """A page that was read under other settings is not shown under these."""
    who = (settings.allow, settings.deny, settings.private, settings.ports, settings.robots, settings.user_agent)
    return hashlib.sha256(msgspec.json.encode(who)).hexdigest()


def _page_of(kept: Kept) -> Page:
    return Page(kept.url, kept.headers.get("content-type", ""), kept.content, is_kept=True)


async def _beginning(reply: Reply, most: int) -> bytes:
    content = bytearray()
    async for piece in reply.body:
        content += piece
        if len(content) >= most:
            break
    return bytes(content[:most])


@contextmanager
def _in_time(url: str, seconds: float, setting: str) -> Iterator[None]:
    with anyio.move_on_after(seconds) as scope:
        yield
    if scope.cancelled_caught:
        raise ToolError(
            f"'{shown(url)}' took longer than {seconds:g} seconds (`{setting}` in the settings of the plugin web).",
            is_transient=True,
        )
