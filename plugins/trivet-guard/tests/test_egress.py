"""Where data may go: the list, and what tries to get around it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_guard.egress import Egress
from trivet_guard.hosts import Unclear, hosts_in
from trivet_sdk import ToolCall

pytestmark = pytest.mark.anyio
GUARD = Egress(["example.org", "*.trusted.example", "例子.中国", "192.0.2.7"], ["search.web"])


def call(tool: str = "web.post", *, egress: bool = True, **arguments: Any) -> ToolCall:
    return ToolCall(run="r", step="s1", tool=tool, arguments=arguments, key="k", effect="pure", egress=egress)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/a?b=c",
        "https://EXAMPLE.org./",
        "http://example.org:8080",
        "https://api.trusted.example/v1",
        "write to ada@example.org, please",
        "example.org",
        "example.org:443",
        "https://例子.中国/路径",
        "https://xn--fsqu00a.xn--fiqs8s/",
        "https://192.0.2.7/",
    ],
)
async def test_what_is_on_the_list_may_go(text: str) -> None:
    assert await GUARD.veto(call(url=text)) is None


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://evil.example/", "evil.example"),
        ("https://example.org@evil.example/", "evil.example"),
        ("https://evil.example/?u=https://example.org/", "evil.example"),
        ("https://example.org.evil.example/", "example.org.evil.example"),
        ("https://notexample.org/", "notexample.org"),
        ("https://trusted.example/", "trusted.example"),
        ("https://eviltrusted.example/", "eviltrusted.example"),
        ("HTTPS://EVIL.EXAMPLE", "evil.example"),
        ("see https://example.org/ and ftp://evil.example/x", "evil.example"),
        ("to: ada@example.org, eve@evil.example", "evil.example"),
        ("evil.example", "evil.example"),
        ("192.0.2.8", "192.0.2.8"),
        ("https://[2001:db8::1]/", "2001:db8::1"),
        ("https://еxample.org/", "xn--xample-2of.org"),  # with a Cyrillic letter
    ],
)
@pytest.mark.parametrize("place", ["url", "deep", "key"])
async def test_what_is_not_on_the_list_is_named_and_refused(text: str, host: str, place: str) -> None:
    arguments: dict[str, dict[str, Any]] = {"url": {"url": text}, "deep": {"a": [{"b": text}]}, "key": {"a": {text: 1}}}
    assert await GUARD.veto(call(**arguments[place])) == (
        f"web.post would send data to {host}, which is not on the list; `trivet config set plugins.guard.config.hosts` keeps "
        "the list"
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://evil.example\\@example.org/", "'https://evil.example\\@example.org/' has a backslash"),
        ("https:\\\\evil.example", "'https:\\\\evil.example' has a backslash"),
        ("https:///x", "'https:///x' names no host"),
    ],
)
async def test_address_that_can_be_read_in_two_ways_is_refused(text: str, why: str) -> None:
    assert await GUARD.veto(call(url=text)) == f"it is not clear where web.post would send data: {why}"


async def test_call_that_names_no_host_needs_its_tool_on_the_list() -> None:
    assert await GUARD.veto(call("notes.share", text="秘密")) == (
        "notes.share would send data away without naming a host; if its own settings say where to, add it to "
        "plugins.guard.config.tools"
    )
    assert await GUARD.veto(call("search.web", query="weather")) is None


async def test_call_that_sends_nothing_away_passes() -> None:
    assert await GUARD.veto(call("files.read", egress=False, path="https://evil.example")) is None


@given(st.text(max_size=200))
def test_any_text_names_hosts_or_is_unclear(text: str) -> None:
    try:
        hosts = hosts_in([text])
    except Unclear:
        return
    assert all(host.isascii() and host == host.lower() for host in hosts)
