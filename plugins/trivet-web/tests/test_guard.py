"""Nothing is sent to addresses that are not public, however one is led there."""

from collections.abc import Iterable
from typing import Any

import httpcore2
import pytest

from .conftest import Opened, Use, refused
from .site import Site, answered, redirect

pytestmark = pytest.mark.anyio

_ADD = "add it to `private` in the settings of the plugin web."
MEANT = f"If it is meant, write the address itself into the goal, or {_ADD}"
NEVER = f", and such are not visited, even if a goal names them. If it is meant, {_ADD}"


class Names:
    """A resolver whose answers follow one another; the last stays."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = {name.replace("_", "."): each for name, each in answers.items()}
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host not in self.answers:
            raise OSError
        left = self.answers[host]
        return left.pop(0) if len(left) > 1 else left[0]


async def test_this_machine_is_closed_unless_it_is_opened(site: Site, opened: Opened) -> None:
    site.answers["/"] = answered(b"secret")
    async with opened(private=[], ports=[site.port]) as use:
        for host in ("127.0.0.1", "127.0.0.2", "0.0.0.0", "[::1]", "[::ffff:127.0.0.1]", "[::]", "localhost"):
            said = await refused(use("fetch", url=site.url("/", host)))
            assert "such are not visited" in said
    assert site.asked == []


async def test_a_port_that_is_open_for_one_address_is_not_for_others(site: Site, opened: Opened) -> None:
    site.answers["/"] = answered(b"secret", "text/plain")
    names = Names(far_test=[["93.184.216.34"]])
    async with opened(resolve=names, dial=FarAway()) as use:
        assert (await use("fetch", url=site.url("/"))).text == "secret"
        assert await refused(use("fetch", url=site.url("/", "far.test"))) == (
            f"port {site.port} of far.test is not visited, only 80 and 443. "
            "If it is meant, write the address into the goal, or add the port to `ports` in the settings of the plugin web."
        )
    assert len(site.asked) == 1


async def test_a_name_with_one_closed_address_is_not_visited_at_all(site: Site, opened: Opened) -> None:
    names = Names(mixed_test=[["93.184.216.34", "10.0.0.5"]])
    async with opened(resolve=names) as use:
        assert await refused(use("fetch", url="http://mixed.test/")) == (
            "mixed.test has the address 10.0.0.5, which is an address of a private or reserved network, "
            f"and such are not visited. {MEANT}"
        )


async def test_a_name_that_changes_between_look_and_connection_gains_nothing(site: Site, opened: Opened) -> None:
    """The address that was judged is the address that is connected to: nobody looks the name up a second time."""
    site.answers["/"] = answered(b"fine", "text/plain")
    names = Names(turn_test=[["127.0.0.1"], ["169.254.169.254"]])
    async with opened(resolve=names) as use:
        assert (await use("fetch", url=site.url("/", "turn.test"))).text == "fine"
        assert names.asked == ["turn.test"]
        assert site.asked[0].headers["host"] == f"turn.test:{site.port}"
        said = await refused(use("fetch", url=site.url("/", "turn.test")))
    assert said.startswith("turn.test has the address 169.254.169.254, which is a link-local address")
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://169.254.169.254/", f"a link-local address, where clouds keep their secrets{NEVER}"),
        ("http://[::ffff:169.254.169.254]/", f"an IPv4 address in an IPv6 one{NEVER}"),
        ("http://[64:ff9b::a9fe:a9fe]/", f"an IPv4 address behind NAT64{NEVER}"),
        ("//10.0.0.1/", f"an address of a private or reserved network, and such are not visited. {MEANT}"),
    ],
)
async def test_a_redirect_to_a_closed_address_is_not_followed(site: Site, use: Use, target: str, reason: str) -> None:
    site.answers["/x"] = redirect(target)
    assert (await refused(use("fetch", url=site.url("/x")))).endswith(f" is {reason}")


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        ("file:///etc/passwd", "'file:/etc/passwd' begins with file:, and only http: and https: are visited."),
        (
            "http://2852039166/",
            "'2852039166' writes an address in a disguise. Four numbers from 0 to 255 are understood.",
        ),
        (
            "http://u:p@example.org/",
            "an address with a name or a password in it is not visited: leave out what stands before the @.",
        ),
    ],
)
async def test_a_redirect_is_judged_like_what_was_typed(site: Site, use: Use, target: str, sentence: str) -> None:
    site.answers["/x"] = redirect(target)
    said = await refused(use("fetch", url=site.url("/x")))
    assert said == f"{site.url('/x')} redirects to where we do not go: {sentence}"


async def test_a_redirect_to_a_denied_host_is_not_followed(site: Site, opened: Opened) -> None:
    site.answers["/x"] = redirect("https://www.tracker.example/")
    async with opened(deny=["tracker.example"]) as use:
        assert await refused(use("fetch", url=site.url("/x"))) == (
            f"{site.url('/x')} redirects to where we do not go: www.tracker.example is denied by the settings of the plugin web."
        )


class FarAway(httpcore2.AnyIOBackend):
    """A network in which the address 93.184.216.34 is the site's own."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        if host != "93.184.216.34":
            return await super().connect_tcp(host, port, timeout)
        return Stream(await super().connect_tcp("127.0.0.1", port, timeout))


class Stream(httpcore2.AsyncNetworkStream):
    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self.stream = stream
        self.read, self.write, self.aclose = stream.read, stream.write, stream.aclose  # type: ignore[method-assign]

    def get_extra_info(self, info: str) -> Any:
        return ("93.184.216.34", 80) if info == "server_addr" else self.stream.get_extra_info(info)


async def test_a_public_page_leads_to_no_private_one_even_if_that_is_open(site: Site, opened: Opened) -> None:
    site.answers["/out"] = redirect(site.url("/in"))
    site.answers["/in"] = answered(b"our own", "text/plain")
    async with opened(
        resolve=Names(far_test=[["93.184.216.34"]]), dial=FarAway(), robots=True, ports=[80, site.port]
    ) as use:
        assert (await use("fetch", url=site.url("/in"))).text == "our own"
        site.asked.clear()
        said = await refused(use("fetch", url=site.url("/out", "far.test")))
    assert said == f"127.0.0.1 is this machine's own address, and such are not visited. {MEANT}"
    assert site.paths == ["/robots.txt", "/out"]


async def test_a_proxy_of_the_environment_is_not_asked(site: Site, use: Use, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.answers["/"] = answered(b"direct", "text/plain")
    assert (await use("fetch", url=site.url("/"))).text == "direct"


async def test_redirects_are_followed_and_not_for_ever(site: Site, use: Use) -> None:
    site.answers |= {"/1": redirect("/2"), "/2": redirect(site.url("/页?q=a b")), "/round": redirect("round")}
    site.answers["/%E9%A1%B5?q=a%20b"] = answered(b"there", "text/plain")
    found = await use("fetch", url=site.url("/1"))
    assert (found.text, found.value["url"]) == ("there", site.url("/%E9%A1%B5?q=a%20b"))
    circle = f"{site.url('/round')} redirects in a circle, or more than 5 times."
    assert await refused(use("fetch", url=site.url("/round"))) == circle
    site.answers |= {f"/long{n}": redirect(f"/long{n + 1}") for n in range(9)}
    assert await refused(use("fetch", url=site.url("/long0"))) == circle.replace("/round", "/long0")
    assert len([path for path in site.paths if path.startswith("/long")]) == 6
    site.answers["/x"] = answered(b"", status="302 Found")
    assert await refused(use("fetch", url=site.url("/x"))) == f"{site.url('/x')} redirects, but does not say where."


async def test_a_host_that_there_is_not_is_told_of(site: Site, opened: Opened) -> None:
    async with opened(resolve=Names()) as use:
        said = await refused(use("fetch", url="https://nowhere.test/"))
    assert said == "there is no host nowhere.test, or its name cannot be looked up."
