"""No link leads out of a workspace, whenever it appears; and what is written is whole."""

import errno
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from trivet_sdk import ToolError, Workspace
from trivet_sdk.beneath import open_beneath, open_by_parts

Open = Callable[[Path, str], bytes]


def at_once(root: Path, name: str) -> bytes:
    with os.fdopen(open_beneath(root, name, os.O_RDONLY), "rb") as file:
        return file.read()


def by_parts(root: Path, name: str) -> bytes:
    folder = os.open(root, os.O_RDONLY)
    try:
        with os.fdopen(open_by_parts(folder, name, os.O_RDONLY), "rb") as file:
            return file.read()
    finally:
        os.close(folder)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "work"
    (root / "数据" / "a").mkdir(parents=True)
    (root / "数据" / "a" / "鸟.csv").write_text("inside")
    (tmp_path / "secret.txt").write_text("secret")
    (root / "out").symlink_to(tmp_path)
    (root / "file").symlink_to(tmp_path / "secret.txt")
    return root


@pytest.mark.parametrize("opened", [at_once, by_parts])
def test_a_real_name_is_opened(root: Path, opened: Open) -> None:
    assert opened(root, "数据/a/鸟.csv") == b"inside"


@pytest.mark.parametrize("opened", [at_once, by_parts])
@pytest.mark.parametrize("name", ["out/secret.txt", "file", "../secret.txt", "数据/../../secret.txt", "/etc/passwd"])
def test_a_name_that_leads_elsewhere_is_not(root: Path, opened: Open, name: str) -> None:
    with pytest.raises(OSError) as refused:
        opened(root, name)
    assert refused.value.errno in (errno.ELOOP, errno.ENOTDIR, errno.EXDEV)


@contextmanager
def a_folder_that_is_swapped(root: Path, outside: Path) -> Iterator[None]:
    """`root/turn` is a folder and, again and again, a link to `outside`."""
    (root / "turn").mkdir()
    (root / "turn" / "x.txt").write_text("inside")
    enough = threading.Event()

    def swap() -> None:
        while not enough.is_set():
            os.rename(root / "turn", root / "away")
            made_in_between(lambda: os.symlink(outside, root / "turn"))
            os.unlink(root / "turn")
            made_in_between(lambda: os.rename(root / "away", root / "turn"))

    def made_in_between(put: Callable[[], None]) -> None:
        for n in itertools.count():
            try:
                return put()
            except OSError:  # the writer found nothing there and made a folder
                os.rename(root / "turn", root / f"made-{time.monotonic_ns()}-{n}")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        yield
    finally:
        enough.set()
        swapping.join()


def test_a_link_that_appears_after_the_look_leads_nowhere(tmp_path: Path) -> None:
    root, outside = tmp_path / "work", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "x.txt").write_text("secret")
    place, read = Workspace(root), set[bytes]()
    with a_folder_that_is_swapped(root, outside):
        for n in range(400):
            with suppress(ToolError), place.reading("turn/x.txt") as file:
                read.add(file.read())
            with suppress(ToolError):
                place.write("turn/new.txt", str(n).encode())
    assert read <= {b"inside"}
    assert sorted(os.listdir(outside)) == ["x.txt"]


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    assert place.write("新/表.csv", b"old") == "新/表.csv"
    os.chmod(tmp_path / "新" / "表.csv", 0o750)
    place.write("新/表.csv", b"new")
    with place.reading("./新/表.csv") as file:
        assert file.read() == b"new"
    assert [(path.name, path.stat().st_mode & 0o777) for path in (tmp_path / "新").iterdir()] == [("表.csv", 0o750)]


def test_what_breaks_off_while_it_is_written_has_not_happened(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.write("a.txt", b"old")
    breaking_off = place.writing("a.txt")
    breaking_off.__enter__().write(b"half")
    assert not breaking_off.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.write("a.txt", b"old")

    def refused(path: str) -> str:
        with pytest.raises(ToolError) as told:
            place.write(path, b"new")
        return str(told.value)

    assert refused("a.txt/b.txt") == "'b.txt' cannot be written: 'a.txt' is a file."
    (tmp_path / "folder").mkdir()
    assert refused("folder") == "'folder' is a folder. Name a file in it."
    with pytest.raises(ToolError) as told:
        place.reading("folder")
    assert str(told.value) == "'folder' is a folder. Name a file in it."
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "folder"]


def test_a_file_can_be_taken_away_and_nothing_outside(root: Path) -> None:
    place = Workspace(root)
    place.remove("数据/a/鸟.csv")
    assert not (root / "数据/a/鸟.csv").exists()
    for path, sentence in (
        ("file", f"'file' lies outside the workspace. Only files under {root} can be used."),
        ("数据", "'数据' is a folder. Name a file in it."),
        ("gone.txt", "'gone.txt' cannot be removed: no such file or directory."),
    ):
        with pytest.raises(ToolError) as told:
            place.remove(path)
        assert str(told.value) == sentence
    assert (root.parent / "secret.txt").exists()


def test_a_written_link_stays_a_link_to_the_new_content(tmp_path: Path) -> None:
    (tmp_path / "real.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to("real.txt")
    assert Workspace(tmp_path).write("link.txt", b"new") == "real.txt"
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"


def test_an_attachment_is_read_from_where_it_is_stored(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "stored").write_text("attached")
    with Workspace(tmp_path / "work", {"图.txt": tmp_path / "stored"}).reading("attachments/图.txt") as file:
        assert file.read() == b"attached"
