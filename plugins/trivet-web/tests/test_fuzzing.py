"""No bytes of a stranger break a reader: each is text, or a complaint, within bounds."""

import asyncio
import zlib
from collections.abc import AsyncIterator

import anyio
import pytest
from hypothesis import strategies as st

from trivet_sdk import ToolError
from trivet_sdk.testing.fuzzing import fuzz, fuzzing
from trivet_web.charset import _CODECS, text_of
from trivet_web.decompression import unpacked
from trivet_web.document import kind_of
from trivet_web.freshness import may_be_kept, questions, seconds_fresh
from trivet_web.location import location_of
from trivet_web.parsing import Task, understood
from trivet_web.plain_text import plain
from trivet_web.robots import _parsed
from trivet_web.settings import Settings

from .test_fetch import ARTICLE, pdf_of

URLS = st.text(max_size=60) | st.builds(
    lambda scheme, user, host, port, path: f"{scheme}{user}{host}{port}{path}",
    st.sampled_from(["http://", "https://", "HTTP:", "//", "", "ftp://", "http:\\\\"]),
    st.sampled_from(["", "a@", "a:b@", "@", "%40@"]),
    st.sampled_from(
        ["example.org", "127.0.0.1", "0x7f.1", "[::1]", "[::ffff:7f00:1]", "例子.测试", "ß.de", "a..b", "-", "[", "1"]
    )
    | st.text(max_size=12),
    st.sampled_from(["", ":80", ":0", ":99999", ":x", ":"]),
    st.text(max_size=20),
)


@fuzzing
def test_any_text_is_an_address_or_refused(seconds: float) -> None:
    def check(text: str) -> None:
        try:
            found = location_of(text, Settings())
        except ToolError:
            return
        assert found.url.isascii()
        assert found.url.startswith((f"{found.scheme}://{found.host}", f"{found.scheme}://[{found.host}]"))
        assert "@" not in found.url.partition("://")[2].partition("/")[0].partition("?")[0]
        assert location_of(found.url, Settings()) == found

    fuzz(check, URLS, seconds=seconds)


@fuzzing
def test_any_bytes_are_text(seconds: float) -> None:
    labels = st.sampled_from([*_CODECS, "zip", "rot13", "idna", "unicode_escape", ""]) | st.text(max_size=10)

    def check(content: bytes, declared: str, is_markup: bool) -> None:
        text = plain(text_of(content, declared, is_markup=is_markup).text)
        assert text.encode().decode() == text
        kind_of(declared, content)

    fuzz(check, st.binary(max_size=400) | st.text(max_size=100).map(str.encode), labels, st.booleans(), seconds=seconds)


@fuzzing
def test_any_headers_are_understood_or_passed_over(seconds: float) -> None:
    names = st.sampled_from(["cache-control", "expires", "date", "age", "etag", "last-modified", "vary"])
    values = st.text(max_size=40) | st.sampled_from(
        ["max-age=5, no-cache", "Mon, 21 Sep 2026 14:13:20 GMT", "=,=", "*"]
    )

    def check(headers: dict[str, str]) -> None:
        assert 0 <= seconds_fresh(headers, 1.79e9) <= 30 * 86400
        assert all(value.isascii() for value in questions(headers).values())
        may_be_kept(200, headers)

    fuzz(check, st.dictionaries(names, values), seconds=seconds)


@fuzzing
def test_any_packed_bytes_are_unpacked_or_refused(seconds: float) -> None:
    packed = st.binary(max_size=300) | st.builds(
        lambda content, cut, wbits: zlib.compress(content, wbits=wbits)[: cut or None],
        st.binary(max_size=2000),
        st.integers(0, 40),
        st.sampled_from([15, -15, 31]),
    )

    def check(pieces: list[bytes], encoding: str) -> None:
        async def body() -> AsyncIterator[bytes]:
            for piece in pieces:
                yield piece

        async def read() -> None:
            with anyio.fail_after(5):
                async for piece in unpacked(body(), encoding):
                    assert len(piece) <= 256 * 1024

        try:
            asyncio.run(read())
        except ToolError:
            return

    fuzz(check, st.lists(packed, max_size=4), st.sampled_from(["gzip", "deflate", "", "x"]), seconds=seconds)


@fuzzing
def test_any_rules_are_rules(seconds: float) -> None:
    lines = st.sampled_from(
        ["User-agent: *", "Disallow: /*a*$", "Allow: ", "Crawl-delay: x", ":", "Sitemap: \0", "Disallow: %"]
    )

    def check(text: list[str], path: str) -> None:
        assert _parsed("\n".join(text).encode("utf-8", "replace")).can_fetch("http://x/" + path, "trivet") in (
            True,
            False,
        )

    fuzz(check, st.lists(lines | st.text(max_size=20), max_size=12), st.text(max_size=20), seconds=seconds)


def damaged(content: bytes, places: list[tuple[int, int]]) -> bytes:
    found = bytearray(content)
    for place, value in places:
        found[place % len(found)] = value
    return bytes(found)


DAMAGE = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=12)


@fuzzing
def test_any_page_becomes_text(seconds: float) -> None:
    tags = st.sampled_from(
        [
            "<p>",
            "</p>",
            "<table>",
            "<tr>",
            "<td colspan=9999>",
            "<a href='//['>",
            "<!--",
            "-->",
            "<![CDATA[",
            "<svg>",
            "&#0;",
            "<p hidden>",
        ]
    )

    def check(page: str) -> None:
        found = understood(Task("html", "http://x/", text=page))
        assert found.failure or isinstance(found.text, str)

    fuzz(
        check,
        DAMAGE.map(lambda places: damaged(ARTICLE.encode(), places).decode("utf-8", "replace"))
        | st.lists(tags | st.text(max_size=10), max_size=40).map("".join),
        seconds=seconds,
    )


@fuzzing
@pytest.mark.filterwarnings("ignore")
def test_any_pdf_is_read_or_fails_as_such(seconds: float) -> None:
    whole = pdf_of("First of all", "And last")

    def check(places: list[tuple[int, int]]) -> None:
        found = understood(Task("pdf", "http://x/", content=damaged(whole, places)))
        assert found.failure or found.text

    fuzz(check, DAMAGE, seconds=seconds)
