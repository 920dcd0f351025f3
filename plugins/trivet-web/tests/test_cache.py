"""An unchanged page is not loaded again."""

import os
from pathlib import Path

import pytest

from trivet_web.cache import PageCache
from trivet_web.freshness import may_be_kept, seconds_fresh

from .conftest import Opened, Use, refused
from .site import Asked, Site, answered

pytestmark = pytest.mark.anyio


async def test_a_page_that_is_still_fresh_is_not_asked_for(site: Site, use: Use) -> None:
    site.answers["/x"] = answered(b"once", "text/plain", Cache_Control="max-age=60")
    first, again = await use("fetch", url=site.url("/x")), await use("fetch", url=site.url("/x"), characters=100)
    assert (first.text, again.text, site.paths) == ("once", "once", ["/x"])
    assert (first.value["is_from_cache"], again.value["is_from_cache"]) == (False, True)
    assert again.is_untrusted


@pytest.mark.parametrize(
    ("validator", "value", "question"),
    [
        ("ETag", '"v1"', "if-none-match"),
        ("ETag", 'W/"weak"', "if-none-match"),
        ("Last-Modified", "Mon, 02 Nov 2026 10:00:00 GMT", "if-modified-since"),
    ],
)
async def test_an_older_page_is_asked_for_by_its_validator(
    site: Site, use: Use, validator: str, value: str, question: str
) -> None:
    async def answer(asked: Asked, stream: object) -> bytes:
        if question in asked.headers:
            return answered(b"", "", "304 Not Modified", **{validator: value})
        return answered(
            f"version {len(site.asked)}".encode(), "text/plain", Cache_Control="no-cache", **{validator: value}
        )

    site.answers["/x"] = answer
    assert [(await use("fetch", url=site.url("/x"))).text for _ in range(3)] == ["version 1"] * 3
    assert [question in asked.headers for asked in site.asked] == [False, True, True]


async def test_a_validator_that_cannot_be_repeated_is_not(site: Site, use: Use) -> None:
    site.answers["/x"] = answered(b"page", "text/plain", ETag='"版"')
    assert [(await use("fetch", url=site.url("/x"))).text for _ in range(2)] == ["page", "page"]
    assert "if-none-match" not in site.asked[1].headers


async def test_a_page_that_changed_takes_the_place_of_the_kept_one(site: Site, use: Use) -> None:
    site.answers["/x"] = answered(b"old", "text/plain", ETag='"1"')
    await use("fetch", url=site.url("/x"))
    site.answers["/x"] = answered(b"new", "text/plain", ETag='"2"')
    assert (await use("fetch", url=site.url("/x"))).text == "new"
    site.answers["/x"] = answered(b"", "", "304 Not Modified")
    assert (await use("fetch", url=site.url("/x"))).text == "new"
    assert site.asked[-1].headers["if-none-match"] == '"2"'


async def test_a_server_that_answers_304_unasked_has_no_page(site: Site, use: Use) -> None:
    site.answers["/x"] = answered(b"", "", "304 Not Modified")
    assert await refused(use("fetch", url=site.url("/x"))) == f"{site.url('/x')} answered 304 (Not Modified)."


@pytest.mark.parametrize("control", ["no-store", "max-age=60, no-store", "NO-STORE"])
async def test_what_must_not_be_kept_is_not(site: Site, use: Use, tmp_path: Path, control: str) -> None:
    site.answers["/x"] = answered(b"secret", "text/plain", Cache_Control=control, ETag='"1"')
    await use("fetch", url=site.url("/x"))
    await use("fetch", url=site.url("/x"))
    assert len(site.asked) == 2
    assert not (tmp_path / "cache").exists()


async def test_a_page_read_under_other_settings_is_not_shown(site: Site, opened: Opened) -> None:
    site.answers["/x"] = answered(b"mine", "text/plain", Cache_Control="max-age=60")
    async with opened() as use:
        await use("fetch", url=site.url("/x"))
    async with opened(private=[], ports=[site.port]) as use:
        assert "such are not visited" in await refused(use("fetch", url=site.url("/x")))


async def test_a_damaged_page_is_loaded_again(site: Site, use: Use, tmp_path: Path) -> None:
    site.answers["/x"] = answered(b"whole", "text/plain", Cache_Control="max-age=60")
    await use("fetch", url=site.url("/x"))
    (kept,) = (tmp_path / "cache").iterdir()
    kept.write_bytes(kept.read_bytes()[:-3])
    assert (await use("fetch", url=site.url("/x"))).text == "whole"
    assert len(site.asked) == 2


def test_the_least_used_pages_make_room(tmp_path: Path) -> None:
    cache = PageCache(tmp_path, 100_000, "", now=lambda: 1000.0)
    headers = {"cache-control": "max-age=60"}
    for n in range(8):
        cache.put(f"http://x/{n}", 200, headers, bytes(20_000))
        os.utime(cache._path(f"http://x/{n}"), (n, n))
        assert cache.get("http://x/0"), "read often, so kept"
    assert [n for n in range(8) if cache.get(f"http://x/{n}")] == [0, 5, 6, 7]
    cache.put("http://x/large", 200, headers, bytes(30_000))
    assert cache.get("http://x/large") is None


NOW = 1_790_000_000.0
DATE = "Mon, 21 Sep 2026 14:13:20 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600.0),
        ({"cache-control": 'max-age="600"', "age": "100"}, 500.0),
        ({"cache-control": "max-age=600", "age": "1000"}, 0.0),
        ({"cache-control": "no-cache, max-age=600"}, 0.0),
        ({"cache-control": "max-age=99999999999"}, 30 * 86400.0),
        ({"cache-control": "max-age=-5"}, 0.0),
        ({"date": DATE, "expires": "Mon, 21 Sep 2026 14:23:20 GMT"}, 600.0),
        ({"date": DATE, "expires": "0"}, 0.0),
        ({"date": DATE, "last-modified": "Mon, 21 Sep 2026 12:33:20 GMT"}, 600.0),
        ({"date": DATE, "last-modified": "Mon, 21 Sep 2020 12:33:20 GMT"}, 3600.0),
        ({"date": "nonsense", "last-modified": "more of it"}, 0.0),
        ({}, 0.0),
    ],
)
def test_a_page_is_fresh_as_long_as_its_server_says(headers: dict[str, str], seconds: float) -> None:
    assert seconds_fresh(headers, NOW) == seconds


def test_only_a_whole_page_that_can_be_used_again_is_kept() -> None:
    assert may_be_kept(200, {"etag": "x"})
    assert not may_be_kept(404, {"etag": "x"})
    assert not may_be_kept(200, {})
    assert not may_be_kept(200, {"etag": "x", "vary": "*"})
