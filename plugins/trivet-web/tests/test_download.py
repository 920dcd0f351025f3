"""A file arrives whole in the workspace, or not at all."""

import hashlib
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from trivet_sdk.origin import origin_of

from .conftest import Opened, Use, refused
from .site import Asked, Site, answered, redirect

pytestmark = pytest.mark.anyio


def files(tmp_path: Path) -> list[str]:
    """All names below the workspace, hidden ones too."""
    return sorted(path.relative_to(tmp_path / "work").as_posix() for path in (tmp_path / "work").rglob("*"))


async def test_a_file_is_saved_as_it_comes(site: Site, use: Use, tmp_path: Path) -> None:
    content = bytes(range(256)) * 5000
    site.answers |= {"/从": redirect("/x.bin"), "/x.bin": answered(content, "application/zip")}
    site.answers["/%E4%BB%8E"] = site.answers.pop("/从")
    found = await use("download", url=site.url("/从"), path="下载/数据.zip")
    assert found.text == f"saved {site.url('/x.bin')} as 下载/数据.zip, 1,280,000 bytes"
    assert found.value == {
        "path": "下载/数据.zip",
        "bytes": 1_280_000,
        "sha256": hashlib.sha256(content).hexdigest(),
        "content_type": "application/zip",
        "url": site.url("/x.bin"),
    }
    assert (found.artifacts, found.is_untrusted) == (("下载/数据.zip",), True)
    with (tmp_path / "work" / "下载" / "数据.zip").open("rb") as saved:
        assert origin_of(saved) in (site.url("/x.bin"), "")  # where the file system keeps such marks
    assert (tmp_path / "work" / "下载" / "数据.zip").read_bytes() == content
    assert files(tmp_path) == ["下载", "下载/数据.zip"]


async def test_a_checksum_that_does_not_fit_leaves_the_file_as_it_was(site: Site, use: Use, tmp_path: Path) -> None:
    (tmp_path / "work" / "x").write_text("old")
    site.answers["/x"] = answered(b"new")
    digest = hashlib.sha256(b"new").hexdigest()
    assert await refused(use("download", url=site.url("/x"), path="x", sha256="0" * 64)) == (
        f"{site.url('/x')} has the SHA-256 {digest}, not the one that was given. Nothing was written."
    )
    assert (tmp_path / "work" / "x").read_text() == "old"
    await use("download", url=site.url("/x"), path="x", sha256=digest.upper())
    assert (tmp_path / "work" / "x").read_text() == "new"


async def half(asked: Asked, stream: SocketStream) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: 500000\r\n\r\n" + b"x" * 300_000


async def test_a_download_that_breaks_off_leaves_nothing(site: Site, use: Use, tmp_path: Path) -> None:
    site.answers["/x"] = half
    said = await refused(use("download", url=site.url("/x"), path="new/x"))
    assert said == f"http://127.0.0.1:{site.port} sent something that is no HTTP, or broke off."
    assert files(tmp_path) == ["new"]


async def drip(asked: Asked, stream: SocketStream) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        await stream.send(b"x" * 1000)
        await anyio.sleep(0.05)


async def test_a_download_ends_with_the_time_and_leaves_nothing(site: Site, opened: Opened, tmp_path: Path) -> None:
    site.answers["/x"] = drip
    async with opened(download_max_seconds=0.5) as use:
        said = await refused(use("download", url=site.url("/x"), path="x"))
    assert said.startswith(f"'{site.url('/x')}' took longer than 0.5 seconds (`download_max_seconds`")
    assert files(tmp_path) == []


async def test_a_download_ends_at_the_bound_and_leaves_nothing(site: Site, opened: Opened, tmp_path: Path) -> None:
    site.answers["/x"] = drip
    async with opened(download_max_bytes=5000) as use:
        said = await refused(use("download", url=site.url("/x"), path="x"))
    assert said.startswith(f"{site.url('/x')} is longer than 5,000 bytes, the most that is taken (`download_max_bytes`")
    assert files(tmp_path) == []


async def test_a_call_that_is_cancelled_leaves_nothing(site: Site, use: Use, tmp_path: Path) -> None:
    arrived = anyio.Event()

    async def begun(asked: Asked, stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500_000)
        arrived.set()
        await anyio.sleep_forever()

    async def download() -> None:
        await use("download", url=site.url("/x"), path="x")

    site.answers["/x"] = begun
    with anyio.fail_after(10):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(download)
            await arrived.wait()
            tasks.cancel_scope.cancel()
    assert files(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("../x", "'../x' lies outside the workspace. Only files under {work} can be used."),
        ("out/x", "'out/x' lies outside the workspace. Only files under {work} can be used."),
        ("here", "'here' is a folder. Name a file in it."),
        ("here/", "'here/' is a folder. Name the file to be written in it."),
    ],
)
async def test_nothing_is_asked_for_that_could_not_be_written(
    site: Site, use: Use, tmp_path: Path, path: str, sentence: str
) -> None:
    (tmp_path / "work" / "here").mkdir()
    (tmp_path / "work" / "out").symlink_to(tmp_path)
    said = await refused(use("download", url=site.url("/x"), path=path))
    assert said == sentence.format(work=tmp_path / "work")
    assert site.asked == []


async def test_an_error_page_is_no_file(site: Site, use: Use, tmp_path: Path) -> None:
    site.answers["/x"] = answered(b"log in first", status="403 Forbidden")
    assert await refused(use("download", url=site.url("/x"), path="x")) == f"{site.url('/x')} answered 403 (Forbidden)."
    assert files(tmp_path) == []
