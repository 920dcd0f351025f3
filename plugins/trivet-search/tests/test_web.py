"""Web search against a server that speaks the providers' JSON."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web

from trivet_sdk import ToolError

Open = Callable[..., Any]


KEY = "s3cret-key"


class Server:
    """What was asked, and what is answered."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], Any, str]] = []
        self.status, self.body, self.url = 200, "{}", ""

    async def answer(self, request: web.Request) -> web.Response:
        key = request.headers.get("Authorization", "") or request.headers.get("X-Subscription-Token", "")
        body = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path, dict(request.query), body, key))
        return web.Response(status=self.status, text=self.body, headers={"Location": "/elsewhere"})


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    serving = Server()
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", serving.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    serving.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield serving
    await runner.cleanup()


@pytest.mark.parametrize(
    ("provider", "body", "asked"),
    [
        (
            "searxng",
            '{"results": [{"url": "https://a.example/1", "title": "潮汐 &amp; tide", "content": "<b>Rising</b> water"}]}',
            ("GET", "/search", {"q": "潮汐 power", "format": "json"}, None, f"Bearer {KEY}"),
        ),
        (
            "brave",
            '{"type": "search", "web": {"results": [{"url": "https://a.example/1", "title": "潮汐 &amp; tide", '
            '"description": "<strong>Rising</strong> water", "language": "en"}]}}',
            ("GET", "/web/search", {"q": "潮汐 power", "count": "2", "text_decorations": "false"}, None, KEY),
        ),
        (
            "tavily",
            '{"query": "q", "results": [{"url": "https://a.example/1", "title": "潮汐 & tide", "content": "Rising water"}]}',
            ("POST", "/search", {}, {"query": "潮汐 power", "max_results": 2}, f"Bearer {KEY}"),
        ),
    ],
)
async def test_each_provider_is_asked_in_its_way_and_answers_with_pages(
    opened: Open, server: Server, provider: str, body: str, asked: Any
) -> None:
    server.body = body
    settings = {"web_provider": provider, "web_url": server.url, "web_key": "env:KEY"}
    async with opened(secrets={"env:KEY": KEY}, **settings) as ask:
        found = await ask("web", query="潮汐 power", limit=2)
    assert found.text == "潮汐 & tide <https://a.example/1>: Rising water"
    assert found.value == {"pages": [{"url": "https://a.example/1", "title": "潮汐 & tide", "text": "Rising water"}]}
    assert server.asked == [asked]


@pytest.mark.parametrize(
    ("status", "body", "sentence", "is_transient"),
    [
        (401, f'{{"error": "bad key {KEY}"}}', 'brave answered 401: {"error": "bad key …"}.', False),
        (429, "", "brave answered 429: Too Many Requests.", True),
        (302, "", "brave answered 302: Found.", False),
        (200, "<html>", "brave answered something that is not JSON.", False),
        (200, '{"web": {"results": [{"title": 1}]}}', "brave answered something that is no list of pages: "
         "Expected `str`, got `int` - at `$.web.results[0].title`.", False),
        (200, "[" * (2 << 20) + " ", "brave answered more than 2,097,152 bytes.", False),
    ],
)  # fmt: skip
async def test_what_a_provider_refuses_is_told_without_the_key(
    opened: Open, server: Server, status: int, body: str, sentence: str, is_transient: bool
) -> None:
    server.status, server.body = status, body
    async with opened(secrets={"env:KEY": KEY}, web_provider="brave", web_url=server.url, web_key="env:KEY") as ask:
        with pytest.raises(ToolError) as refused:
            await ask("web", query="x")
    assert str(refused.value) == sentence
    assert refused.value.is_transient is is_transient
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {},
            "no web provider is set. Name one (searxng, brave, tavily): "
            "`trivet config set plugins.search.config.web_provider brave`.",
        ),
        ({"web_provider": "searxng"}, "searxng needs the address of an instance: set plugins.search.config.web_url."),
        (
            {"web_provider": "tavily"},
            "tavily needs a key: set plugins.search.config.web_key to env:NAME, file:PATH or keyring:NAME.",
        ),
        (
            {"web_provider": "searxng", "web_url": "http://127.0.0.1:9"},
            "searxng cannot be reached: Cannot connect to host 127.0.0.1:9 ssl:default [Connect call failed ('127.0.0.1', 9)].",
        ),
    ],
)
async def test_wanting_settings_are_said(opened: Open, settings: dict[str, str], sentence: str) -> None:
    async with opened(**settings) as ask:
        with pytest.raises(ToolError) as refused:
            await ask("web", query="x")
    assert str(refused.value) == sentence
