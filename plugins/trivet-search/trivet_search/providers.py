"""Who searches the web: each is an address, a request and a reading of the answer."""

from collections.abc import Mapping
from typing import Any, Protocol

import msgspec


class Page(msgspec.Struct, frozen=True):
    url: str
    title: str
    text: str


class Request(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    query: Mapping[str, str] = {}
    headers: Mapping[str, str] = {}
    body: dict[str, Any] | None = None
    """As JSON, by POST; without it by GET."""


class Provider(Protocol):
    name: str
    url: str
    """The public address; empty where everybody has an own one."""
    needs_key: bool

    def request(self, url: str, query: str, limit: int, key: str) -> Request: ...

    def pages(self, answer: Any) -> list[Page]:
        """Raises msgspec.ValidationError for an answer of another shape."""
        ...


class _Searxng(msgspec.Struct):
    class Result(msgspec.Struct):
        url: str
        title: str = ""
        content: str | None = ""

    results: list[Result]


class Searxng:
    name, url, needs_key = "searxng", "", False

    def request(self, url: str, query: str, limit: int, key: str) -> Request:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return Request(url=f"{url}/search", query={"q": query, "format": "json"}, headers=headers)

    def pages(self, answer: Any) -> list[Page]:
        return [Page(r.url, r.title, r.content or "") for r in msgspec.convert(answer, _Searxng).results]


class _Brave(msgspec.Struct):
    class Web(msgspec.Struct):
        class Result(msgspec.Struct):
            url: str
            title: str = ""
            description: str = ""

        results: list[Result] = []

    web: Web = msgspec.field(default_factory=Web)


class Brave:
    name, url, needs_key = "brave", "https://api.search.brave.com/res/v1", True

    def request(self, url: str, query: str, limit: int, key: str) -> Request:
        headers = {"X-Subscription-Token": key}
        asked = {"q": query, "count": str(min(limit, 20)), "text_decorations": "false"}
        return Request(url=f"{url}/web/search", query=asked, headers=headers)

    def pages(self, answer: Any) -> list[Page]:
        return [Page(r.url, r.title, r.description) for r in msgspec.convert(answer, _Brave).web.results]


class _Tavily(msgspec.Struct):
    class Result(msgspec.Struct):
        url: str
        title: str = ""
        content: str = ""

    results: list[Result]


class Tavily:
    name, url, needs_key = "tavily", "https://api.tavily.com", True

    def request(self, url: str, query: str, limit: int, key: str) -> Request:
        headers = {"Authorization": f"Bearer {key}"}
        return Request(url=f"{url}/search", headers=headers, body={"query": query, "max_results": min(limit, 20)})

    def pages(self, answer: Any) -> list[Page]:
        return [Page(r.url, r.title, r.content) for r in msgspec.convert(answer, _Tavily).results]


PROVIDERS: Mapping[str, Provider] = {provider.name: provider for provider in (Searxng(), Brave(), Tavily())}
