"""A server that the user named is open for that visit, and nothing beside it."""

from collections.abc import AsyncIterator
from ipaddress import ip_address
from typing import Any

import pytest

from trivet_web.addresses import is_public, may_be_named
from trivet_web.typed import origins_of

from .conftest import Opened, Use, refused
from .site import Site, answered, open_site, redirect
from .test_guard import MEANT, NEVER, FarAway, Names

pytestmark = pytest.mark.anyio
OWN = f"127.0.0.1 is this machine's own address, and such are not visited. {MEANT}"


@pytest.fixture
async def other() -> AsyncIterator[Site]:
    """Another server of this machine."""
    async with open_site() as opened:
        opened.answers["/"] = answered(b"another's", "text/plain")
        yield opened


@pytest.fixture
async def closed(opened: Opened) -> AsyncIterator[Use]:
    """The tools as they are without any settings."""
    async with opened(private=[], robots=True) as use:
        yield use


def closed_port(site: Site, host: str = "127.0.0.1") -> str:
    return (
        f"port {site.port} of {host} is not visited, only 80 and 443. "
        "If it is meant, write the address into the goal, or add the port to `ports` in the settings of the plugin web."
    )


async def test_a_typed_server_is_read_from_and_downloaded_from(site: Site, closed: Use) -> None:
    site.answers["/%E4%BB%B7%E6%A0%BC.json"] = answered('{"螺栓": 3}'.encode(), "application/json")
    typed = (site.url(""),)
    assert (await closed("fetch", typed, url=site.url("/价格.json"))).value["data"] == {"螺栓": 3}
    assert (await closed("download", typed, url=site.url("/价格.json"), path="价格.json")).artifacts == ("价格.json",)
    assert site.paths == ["/robots.txt", *["/%E4%BB%B7%E6%A0%BC.json"] * 2]


async def test_the_next_visit_for_a_user_who_typed_nothing_is_refused(site: Site, closed: Use) -> None:
    site.answers["/"] = answered(b"secret", "text/plain", Cache_Control="max-age=60")
    assert (await closed("fetch", (site.url(""),), url=site.url("/"))).text == "secret"
    for tool, more in (("fetch", {}), ("download", {"path": "x"})):
        assert await refused(closed(tool, url=site.url("/"), **more)) == closed_port(site)
    assert site.paths == ["/robots.txt", "/"]


async def test_at_an_ordinary_port_neither_a_connection_nor_a_kept_page_is_left_for_others(
    site: Site, opened: Opened
) -> None:
    async def stays(asked: Any, stream: Any) -> bytes:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nContent-Type: text/plain\r\nCache-Control: max-age=60\r\n\r\n"
        await stream.send(head + b"secret")
        await stream.receive(1)  # the connection is kept until the client leaves
        return b""

    site.answers["/"] = stays
    async with opened(private=[], ports=[site.port]) as use:
        assert (await use("fetch", (site.url(""),), url=site.url("/"))).text == "secret"
        assert await refused(use("fetch", url=site.url("/"))) == OWN
        assert (await use("fetch", (site.url(""),), url=site.url("/"))).value["is_from_cache"] is False
    assert site.paths == ["/", "/"]


@pytest.mark.parametrize(
    "typed",
    [
        "https://127.0.0.1:{port}",
        "http://127.0.0.1",
        "http://127.0.0.2:{port}",
        "http://localhost:{port}",
        "http://[::1]:{port}",
    ],
)
async def test_another_scheme_port_or_host_opens_nothing(site: Site, opened: Opened, typed: str) -> None:
    site.answers["/"] = answered(b"secret")
    async with opened(private=[], ports=[80, site.port]) as use:
        assert await refused(use("fetch", (typed.format(port=site.port),), url=site.url("/"))) == OWN
    assert site.asked == []


async def test_a_typed_server_leads_to_no_other_private_place(site: Site, other: Site, opened: Opened) -> None:
    site.answers |= {
        "/port": redirect(other.url("/")),
        "/meta": redirect("http://169.254.169.254/latest/"),
        "/on": redirect("/"),
    }
    site.answers["/"] = answered(b"here", "text/plain")
    typed = (site.url(""),)
    async with opened(private=[], ports=[80, other.port]) as use:
        assert (await use("fetch", typed, url=site.url("/on"))).text == "here"
        assert await refused(use("fetch", typed, url=site.url("/port"))) == OWN
        assert (await use("fetch", (*typed, other.url("")), url=site.url("/port"))).text == "another's"
        assert "169.254.169.254 is a link-local address" in await refused(use("fetch", typed, url=site.url("/meta")))
    async with opened(private=[]) as use:
        said = await refused(use("fetch", typed, url=site.url("/port")))
        assert said == f"{site.url('/port')} redirects to where we do not go: {closed_port(other)}"
    assert other.paths == ["/"]


async def test_a_robots_txt_leads_to_no_other_private_place(site: Site, other: Site, closed: Use) -> None:
    site.answers["/robots.txt"] = redirect(other.url("/"))
    assert await refused(closed("fetch", (site.url(""),), url=site.url("/"))) == (
        f"{site.url('')} does not tell what programs may read (its robots.txt cannot be had), so nothing is read."
    )
    assert other.asked == []


async def test_a_public_page_leads_to_no_server_that_was_typed(site: Site, opened: Opened) -> None:
    site.answers |= {"/out": redirect(site.url("/in")), "/in": answered(b"our own", "text/plain")}
    typed = (site.url(""), site.url("", "far.test"))
    async with opened(private=[], resolve=Names(far_test=[["93.184.216.34"]]), dial=FarAway()) as use:
        assert await refused(use("fetch", typed, url=site.url("/out", "far.test"))) == OWN
        assert (await use("fetch", typed, url=site.url("/in"))).text == "our own"
    assert site.paths == ["/out", "/in"]


async def test_a_typed_name_opens_its_port_and_no_address(site: Site, opened: Opened) -> None:
    """Whoever owns the name chooses where it leads, and may do so anew at any time."""
    site.answers["/"] = answered(b"fine", "text/plain")
    names = Names(turn_test=[["93.184.216.34"], ["127.0.0.1"], ["93.184.216.34", "10.0.0.5"]])
    typed = (site.url("", "turn.test"),)
    async with opened(private=["10.0.0.0/8"], resolve=names, dial=FarAway()) as use:
        assert (await use("fetch", typed, url=site.url("/", "turn.test"))).text == "fine"
        for address in (
            "127.0.0.1 is this machine's own address",
            "10.0.0.5 is an address of a private or reserved network",
        ):
            said = await refused(use("fetch", typed, url=site.url("/", "turn.test")))
            assert (
                said
                == f"turn.test has the address {address.replace(' is', ', which is', 1)}, and such are not visited. {MEANT}"
            )
    assert site.paths == ["/"]


async def test_localhost_is_this_machine_and_nothing_else(site: Site, opened: Opened) -> None:
    site.answers["/"] = answered(b"here", "text/plain")
    names = Names(localhost=[["127.0.0.1"], ["192.168.0.1"]], app_localhost=[["127.0.0.1"]])
    async with opened(private=[], resolve=names) as use:
        for host in ("localhost", "app.localhost"):
            assert (await use("fetch", (site.url("", host),), url=site.url("/", host.upper()))).text == "here"
        said = await refused(use("fetch", (site.url("", "localhost"),), url=site.url("/", "localhost")))
    assert said.startswith(
        "localhost has the address 192.168.0.1, which is an address of a private or reserved network"
    )


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://169.254.169.254/latest/meta-data/", "a link-local address, where clouds keep their secrets"),
        ("http://169.254.170.2:8080/", "a link-local address, where clouds keep their secrets"),
        ("http://[fd00:ec2::254]/", "an address of a private or reserved network"),
        ("http://100.100.100.200/", "an address of a private or reserved network"),
        ("http://[fe80::1]/", "a link-local address"),
        ("http://[::ffff:127.0.0.1]/", "an IPv4 address in an IPv6 one"),
        ("http://[64:ff9b::7f00:1]/", "an IPv4 address behind NAT64"),
        ("http://224.0.0.1/", "a multicast address"),
        ("http://255.255.255.255/", "an address of a private or reserved network"),
    ],
)
async def test_some_addresses_are_for_the_settings_alone(opened: Opened, url: str, reason: str) -> None:
    async with opened(private=[]) as use:
        said = await refused(use("fetch", (url,), url=url))
    assert said.endswith(f" is {reason}{NEVER}")


async def test_the_settings_can_still_say_no(site: Site, opened: Opened) -> None:
    typed = (site.url(""),)
    async with opened(private=[], deny=["127.0.0.1"]) as use:
        assert (
            await refused(use("fetch", typed, url=site.url("/")))
            == "127.0.0.1 is denied by the settings of the plugin web."
        )
    async with opened(private=[], allow=["example.org"]) as use:
        assert await refused(use("fetch", typed, url=site.url("/"))) == (
            "127.0.0.1 is not among the hosts that the settings of the plugin web allow."
        )
    assert site.asked == []


async def test_a_page_kept_from_a_private_address_is_not_shown_to_a_public_one(site: Site, opened: Opened) -> None:
    site.answers |= {"/out": redirect(site.url("/in"))}
    site.answers["/in"] = answered(b"our own", "text/plain", Cache_Control="max-age=60")
    async with opened(resolve=Names(far_test=[["93.184.216.34"]]), dial=FarAway(), ports=[80, site.port]) as use:
        assert [(await use("fetch", url=site.url("/in"))).text for _ in range(2)] == ["our own"] * 2
        assert await refused(use("fetch", url=site.url("/out", "far.test"))) == OWN
    assert site.paths == ["/in", "/out"]


NAMEABLE = "127.0.0.1 127.9.9.9 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 100.64.0.1 ::1 :: fd12::1".split()
FOR_SETTINGS = """
0.0.0.1 169.254.0.1 100.100.100.200 192.0.0.192 198.18.0.1 240.0.0.1 224.0.0.1 fd00:ec2::254 fd20:ce::254 fe80::1 fec0::1 ff02::1
::ffff:10.0.0.1 2001:db8::1 fd00::1%1
""".split()


@pytest.mark.parametrize("address", [*NAMEABLE, *FOR_SETTINGS])
def test_this_machine_and_private_networks_may_be_named(address: str) -> None:
    assert not is_public(ip_address(address))
    assert may_be_named(ip_address(address)) is (address in NAMEABLE)


def test_origins_are_compared_as_they_are_visited() -> None:
    assert origins_of(
        ["HTTP://LOCALHOST.:80", "https://例子.测试:8443", "http://[0:0::1]:81", "http://2130706433", "x y"]
    ) == {
        "http://localhost",
        "https://xn--fsqu00a.xn--0zwm56d:8443",
        "http://[::1]:81",
    }
