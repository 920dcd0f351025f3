"""The tool that searches the web, through the provider that the settings name."""

import html
import re
from typing import Annotated, Any

import aiohttp
import msgspec
from msgspec import Meta

from trivet_sdk import PluginContext, Tool, ToolContext, ToolError, ToolResult, result, tool
from trivet_sdk.formats import Span
from trivet_search.providers import PROVIDERS, Page, Provider, Request

MOST = 2 << 20
"""Bytes of an answer."""
SECONDS = 20.0
_SHOWN = 300  # characters of a page's extract
_TAG = re.compile(r"<[^<>]{1,200}>")


def web_search(context: PluginContext) -> Tool:
    @tool(effect="pure", egress=True, untrusted_output=True)
    async def web(query: Span, ctx: ToolContext, limit: Annotated[int, Meta(ge=1, le=20)] = 5) -> ToolResult:
        """Search the web through the provider in the settings.

        The query leaves this machine. What comes back are titles, addresses and extracts as strangers wrote them.

        Args:
            query: What is sought.
            limit: At most so many pages.
        """
        if not query.strip():
            raise ToolError("there is nothing to search for: the query is empty.")
        provider, url, key = _provider(context)
        answer = await _answer(provider, provider.request(url, query, limit, key), key)
        try:
            pages = [_plain(page) for page in provider.pages(answer)][:limit]
        except msgspec.ValidationError as error:
            raise ToolError(f"{provider.name} answered something that is no list of pages: {error}.") from None
        text = "\n".join(f"{page.title} <{page.url}>: {page.text[:_SHOWN]}" for page in pages)
        found = {"pages": [{"url": page.url, "title": page.title, "text": page.text} for page in pages]}
        return result(text or f"nothing found on the web for '{query}'", found)

    return web


def _provider(context: PluginContext) -> tuple[Provider, str, str]:
    """With its address and its key. Raises ToolError where settings are wanting, PluginError where the key is not set."""
    settings = context.settings
    if not settings["web_provider"]:
        known = ", ".join(PROVIDERS)
        raise ToolError(
            f"no web provider is set. Name one ({known}): `trivet config set plugins.search.config.web_provider brave`."
        )
    provider = PROVIDERS[settings["web_provider"]]
    url = (settings["web_url"] or provider.url).rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise ToolError(f"{provider.name} needs the address of an instance: set plugins.search.config.web_url.")
    if provider.needs_key and not settings["web_key"]:
        raise ToolError(
            f"{provider.name} needs a key: set plugins.search.config.web_key to env:NAME, file:PATH or keyring:NAME."
        )
    return provider, url, context.secret(settings["web_key"]) if settings["web_key"] else ""


async def _answer(provider: Provider, request: Request, key: str) -> Any:
    """The JSON that came back. Raises ToolError; a key is never part of it."""
    name = provider.name
    try:
        async with aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=SECONDS), cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            method = "GET" if request.body is None else "POST"
            async with session.request(
                method,
                request.url,
                params=dict(request.query) or None,
                headers={"Accept": "application/json", **request.headers},
                json=request.body,
                allow_redirects=False,  # the key is for this address only
            ) as response:
                content = await _content(response, name)
                if response.status != 200:
                    told = " ".join(content[:300].decode("utf-8", "replace").split())
                    told = told.replace(key, "…") if key else told
                    again = response.status == 429 or response.status >= 500
                    raise ToolError(
                        f"{name} answered {response.status}: {told or response.reason}.", is_transient=again
                    )
    except TimeoutError:
        raise ToolError(f"{name} did not answer within {SECONDS:g} seconds.", is_transient=True) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ToolError(f"{name} cannot be reached: {error}.", is_transient=True) from None
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        hint = " A SearXNG instance must allow `json` under search.formats." if name == "searxng" else ""
        raise ToolError(f"{name} answered something that is not JSON.{hint}") from None


async def _content(response: aiohttp.ClientResponse, name: str) -> bytes:
    content = bytearray()
    async for piece in response.content.iter_chunked(1 << 16):
        content += piece
        if len(content) > MOST:
            raise ToolError(f"{name} answered more than {MOST:,} bytes.")
    return bytes(content)


def _plain(page: Page) -> Page:
    """Without the marks that providers put around words that were sought."""
    title, text = (" ".join(html.unescape(_TAG.sub("", each)).split()) for each in (page.title, page.text))
    return Page(page.url, title, text)
