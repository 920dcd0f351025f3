"""A site that wants to be left alone is."""

import pytest

from .conftest import Opened, refused
from .site import Asked, Site, answered, redirect

pytestmark = pytest.mark.anyio


async def test_a_page_that_robots_may_not_read_is_not_asked_for(site: Site, opened: Opened) -> None:
    site.answers["/robots.txt"] = answered("User-agent: *\nDisallow: /私\nAllow: /\n".encode(), "text/plain")
    site.answers |= {"/x": answered(b"open", "text/plain"), "/%E7%A7%81/y": answered(b"closed", "text/plain")}
    async with opened(robots=True) as use:
        assert (await use("fetch", url=site.url("/x"))).text == "open"
        assert await refused(use("fetch", url=site.url("/私/y"))) == (
            f"http://127.0.0.1:{site.port} does not want {site.url('/%E7%A7%81/y')} to be read by programs (robots.txt). "
            "`robots = false` in the settings of the plugin web reads it nevertheless."
        )
        refusal = await refused(use("download", url=site.url("/私/y"), path="y"))
        assert "does not want" in refusal
    assert site.paths == ["/robots.txt", "/x"]
    async with opened(robots=False) as use:
        assert (await use("fetch", url=site.url("/私/y"))).text == "closed"


async def test_rules_for_our_name_count(site: Site, opened: Opened) -> None:
    site.answers["/robots.txt"] = answered(b"User-agent: trivet\nDisallow: /\n\nUser-agent: *\nAllow: /", "text/plain")
    site.answers["/x"] = answered(b"open", "text/plain")
    async with opened(robots=True) as use:
        assert "does not want" in await refused(use("fetch", url=site.url("/x")))
    async with opened(robots=True, user_agent="somebody/1.0") as use:
        assert (await use("fetch", url=site.url("/x"))).text == "open"
    assert site.asked[-1].headers["user-agent"] == "somebody/1.0"


async def test_a_site_without_rules_is_open_and_one_that_cannot_tell_them_is_not(site: Site, opened: Opened) -> None:
    site.answers["/x"] = answered(b"open", "text/plain")
    async with opened(robots=True) as use:
        assert (await use("fetch", url=site.url("/x"))).text == "open"
    site.answers["/robots.txt"] = answered(b"", status="503 Busy")
    async with opened(robots=True, cache_bytes=0) as use:
        assert await refused(use("fetch", url=site.url("/x"))) == (
            f"http://127.0.0.1:{site.port} does not tell what programs may read (its robots.txt cannot be had), "
            "so nothing is read."
        )


@pytest.mark.parametrize("target", ["http://169.254.169.254/robots.txt", "/robots.txt", "file:///etc/passwd"])
async def test_rules_that_lie_where_we_do_not_go_close_the_site(site: Site, opened: Opened, target: str) -> None:
    site.answers |= {"/robots.txt": redirect(target), "/x": answered(b"open", "text/plain")}
    async with opened(robots=True) as use:
        said = await refused(use("fetch", url=site.url("/x")))
    assert "cannot be had" in said or "such are not visited" in said
    assert site.paths == ["/robots.txt"]


async def test_rules_without_end_are_read_as_far_as_the_standard_says(site: Site, opened: Opened) -> None:
    async def endless(asked: Asked, stream: object) -> bytes:
        return b"HTTP/1.1 200 OK\r\n\r\nUser-agent: *\nDisallow: /x\n" + b"# " + b"x" * 2_000_000

    site.answers["/robots.txt"] = endless
    async with opened(robots=True) as use:
        assert "does not want" in await refused(use("fetch", url=site.url("/x")))
