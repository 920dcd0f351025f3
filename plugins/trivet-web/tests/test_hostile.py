"""Servers that mean harm cost bounded time and bounded bytes, and get no word of theirs into a complaint."""

import gzip
import zlib
from contextlib import suppress

import anyio
import pytest
from anyio.abc import SocketStream

from trivet_sdk import ToolError

from .conftest import Opened, Use, refused
from .site import Asked, Site, answered

pytestmark = pytest.mark.anyio

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


async def test_a_bomb_is_counted_as_it_is_unpacked(site: Site, opened: Opened) -> None:
    bomb = gzip.compress(bytes(50_000_000), 9, mtime=0)
    assert len(bomb) < 60_000
    site.answers["/x"] = answered(bomb, "text/plain", Content_Encoding="gzip")
    async with opened(max_bytes=100_000) as use:
        assert await refused(use("fetch", url=site.url("/x"))) == (
            f"{site.url('/x')} is longer than 100,000 bytes, the most that is taken "
            "(`max_bytes` in the settings of the plugin web)."
        )


@pytest.mark.parametrize(
    "packed",
    [
        (gzip.compress("大小".encode(), mtime=0), "gzip"),
        (gzip.compress("大".encode(), mtime=0) + gzip.compress("小".encode(), mtime=0) + b"\0\0padding", "GZIP"),
        (zlib.compress("大小".encode()), "deflate"),
        (zlib.compress("大小".encode(), wbits=-15), "deflate"),
        ("大小".encode(), "identity"),
    ],
)
async def test_a_packed_answer_is_unpacked(site: Site, use: Use, packed: tuple[bytes, str]) -> None:
    site.answers["/x"] = answered(packed[0], "text/plain", Content_Encoding=packed[1])
    assert (await use("fetch", url=site.url("/x"))).text == "大小"


@pytest.mark.parametrize(
    ("content", "encoding", "sentence"),
    [
        (b"x", "br", "the answer is packed in a way that was not asked for, so it cannot be read."),
        (b"x", "gzip, gzip", "the answer is packed in a way that was not asked for, so it cannot be read."),
        (b"\x1f\x8bnonsense!!", "gzip", "the answer is packed, and its packing is broken."),
        (gzip.compress(b"x" * 999, mtime=0)[:-9], "gzip", "the answer is packed, and its end is missing."),
    ],
)
async def test_a_packing_that_cannot_be_undone_is_told_of(
    site: Site, use: Use, content: bytes, encoding: str, sentence: str
) -> None:
    site.answers["/x"] = answered(content, "text/plain", Content_Encoding=encoding)
    assert await refused(use("fetch", url=site.url("/x"))) == sentence


async def endless(asked: Asked, stream: SocketStream) -> None:
    await stream.send(HEAD + b"\r\n")
    while True:
        await stream.send(b"x" * 65536)


async def dripping_body(asked: Asked, stream: SocketStream) -> None:
    await stream.send(HEAD + b"Content-Length: 100000\r\n\r\n")
    while True:
        await stream.send(b"x")
        await anyio.sleep(0.05)


async def dripping_headers(asked: Asked, stream: SocketStream) -> None:
    await stream.send(HEAD)
    while True:
        await stream.send(b"x: y\r\n")
        await anyio.sleep(0.05)


async def always_in_between(asked: Asked, stream: SocketStream) -> None:
    while True:
        await stream.send(b"HTTP/1.1 103 Early Hints\r\n\r\n")
        await anyio.sleep(0.01)


async def silent(asked: Asked, stream: SocketStream) -> None:
    await anyio.sleep_forever()


async def test_an_endless_answer_ends_at_the_bound(site: Site, use: Use) -> None:
    site.answers["/x"] = endless
    with anyio.fail_after(20):
        said = await refused(use("fetch", url=site.url("/x")))
    assert said.startswith(f"{site.url('/x')} is longer than 10,000,000 bytes")


async def test_an_answer_that_announces_too_much_is_not_even_begun(site: Site, use: Use) -> None:
    site.answers["/x"] = HEAD + b"Content-Length: 99999999999\r\n\r\n"
    assert (await refused(use("fetch", url=site.url("/x")))).startswith(f"{site.url('/x')} is longer than 10,000,000 ")


@pytest.mark.parametrize("answer", [dripping_body, dripping_headers, always_in_between, silent])
async def test_a_slow_answer_ends_with_the_time(site: Site, opened: Opened, answer: object) -> None:
    site.answers["/x"] = answer  # type: ignore[assignment]
    async with opened(max_seconds=0.5) as use:
        with anyio.fail_after(10):
            said = await refused(use("fetch", url=site.url("/x")))
    assert said == f"'{site.url('/x')}' took longer than 0.5 seconds (`max_seconds` in the settings of the plugin web)."


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"x%d: %s\r\n" % (n, b"y" * 1000) for n in range(2000)) + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 1_000_000 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: text/plain\r\n\r\ncut off",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        b"",
    ],
)
async def test_what_is_no_proper_answer_is_told_of(site: Site, use: Use, answer: bytes) -> None:
    site.answers["/x"] = answer
    with anyio.fail_after(10):
        said = await refused(use("fetch", url=site.url("/x")))
    assert said in (
        f"http://127.0.0.1:{site.port} sent something that is no HTTP, or broke off.",
        f"http://127.0.0.1:{site.port} cannot be reached: the connection was refused or broke off.",
    )


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 200_000,
        "<table><tr><td>" * 20_000,
        "<a href='" + "x" * 1_000_000,
        "&" * 1_000_000,
        "<!--" * 100_000,
        "<!DOCTYPE html [" + "".join(f"<!ENTITY e{n + 1} '{f'&e{n};' * 10}'>" for n in range(20)) + "]><p>&e20;</p>",
    ],
)
async def test_a_page_made_to_hurt_its_reader_does_not(site: Site, use: Use, page: str) -> None:
    site.answers["/x"] = answered(page.encode())
    with anyio.fail_after(60):
        with suppress(ToolError):
            found = await use("fetch", url=site.url("/x"))
            assert len(found.value["text"]) <= 12_000


async def test_a_connection_that_is_refused_is_told_of(opened: Opened) -> None:
    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    port = listener.extra(anyio.abc.SocketAttribute.local_port)
    await listener.aclose()
    async with opened(private=[f"127.0.0.1:{port}"]) as use:
        said = await refused(use("fetch", url=f"http://127.0.0.1:{port}/"))
    assert said == f"http://127.0.0.1:{port} cannot be reached: the connection was refused or broke off."
