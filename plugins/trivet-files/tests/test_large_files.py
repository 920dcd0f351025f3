"""Large files are read in part, and archives are listed without being unpacked."""

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from trivet_files.archives import content_of, listing_of
from trivet_files.documents import MAX_READ
from trivet_files.kinds import kind_of
from trivet_files.parts import part_of
from trivet_sdk import ToolError, ToolResult

from .test_files import refusal

Put = Callable[[str, str | bytes], None]
Call = Callable[..., ToolResult]
AMOUNTS = [pytest.param(100, id="short"), pytest.param(60_000, id="long", marks=pytest.mark.long)]


def never() -> bool:
    return False


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A log of 25 MB."""
    line = "行 {:07} " + "x" * 86 + "\n"
    with (tmp_path / "large.log").open("w", encoding="utf-8") as file:
        file.writelines(line.format(n) for n in range(1, 250_001))
    assert (tmp_path / "large.log").stat().st_size > MAX_READ
    return tmp_path / "large.log"


def test_some_lines_of_a_large_file_are_read_without_the_rest(large: Path, call: Call) -> None:
    tracemalloc.start()
    found = call("read", path="large.log", start_line=200_000, lines=2)
    last = call("read", path="large.log", start_line=-1)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [line[:9] for line in found.value["text"].splitlines()] == ["行 0200000", "行 0200001"]
    assert (found.value["lines"], found.value["encoding"]) == (250_000, "utf-8")
    assert last.text.startswith("行 0250000")
    assert peak < 10_000_000


def test_a_large_file_is_not_taken_whole(large: Path, call: Call) -> None:
    assert refusal(call, "read", path="large.log") == (
        "'large.log' is larger than 20 MB, the most that is taken whole. "
        "files.read gives a part of it: say from which line, and how many."
    )
    cut = call("read", path="large.log", lines=100_000)
    assert len(cut.value["text"].encode()) <= 2_000_000
    assert cut.text.endswith("\n… there is more: a part has at most 2,000,000 bytes")


@given(st.text(alphabet="a\n行", max_size=60), st.integers(-8, 8), st.integers(1, 8))
def test_a_part_is_what_the_whole_would_give(text: str, start: int, count: int) -> None:
    lines = [line + "\n" for line in text.split("\n")]
    lines[-1] = lines[-1][:-1]
    lines = [line for line in lines if line]
    found = part_of(io.BytesIO(text.encode()), "x", start, count, never)
    first = max(0, len(lines) + start) if start < 0 else start
    assert (found.text, found.lines) == ("".join(lines[first : first + count]), len(lines))


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("notes.txt", b"%PDF-1.7\n%\xe2\xe3", "binary"),
        ("tool", b"\x7fELF\2\1\1", "binary"),
        ("a.txt", b"\x1f\x8b\x08text", "binary"),
        ("a.txt", bytes(range(1, 9)) * 9, "binary"),
        ("a.txt", b"\x1b[31mred\x1b[0m\f", "text"),
        ("a.txt", "Grüße und mehr".encode("utf-16-le"), "text"),
        ("a.tar.GZ", b"", "archive"),
        ("资料.zip", b"PK\3\4", "archive"),
    ],
)
def test_what_holds_no_text_is_told_from_its_bytes(name: str, head: bytes, kind: str) -> None:
    assert kind_of(name, head) == kind


def zipped(**files: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content)
    return buffer.getvalue()


def tarred(**files: str | bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            content = content if isinstance(content, bytes) else content.encode()
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return buffer.getvalue()


FILES: dict[str, str | bytes] = {
    "读我.md": "你好",
    "a/b.csv": "x\n1\n",
    "../../etc/passwd": "evil",
    "p.png": b"\x89PNG\0",
}


@pytest.mark.parametrize("suffix", [".zip", ".tar", ".tar.gz", ".tar.bz2", ".tar.xz"])
def test_an_archive_is_listed_and_read_and_never_unpacked(put: Put, call: Call, tmp_path: Path, suffix: str) -> None:
    packed: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}
    name = f"资料{suffix}"
    put(name, packed.get(suffix[4:], bytes)(zipped(**FILES) if suffix == ".zip" else tarred(**FILES)))
    count, link = (4, "") if suffix == ".zip" else (5, ", link")
    assert call("archive", path=name).text == (
        f"{count} files in {name}: 读我.md, a/b.csv, ../../etc/passwd, p.png{link}"
    )
    assert call("archive", path=name, pattern="*.CSV").value["files"][0]["size"] == 4
    assert call("archive", path=name, member="读我.md").text == "你好"
    assert call("archive", path=name, member="../../etc/passwd").text == "evil"  # a name in it, and nothing more
    assert refusal(call, "archive", path=name, member="p.png") == f"'p.png' in '{name}' is not a text file."
    assert refusal(call, "archive", path=name, member="link") == (
        f"there is no file 'link' in '{name}'. files.archive without `member` lists what there is."
    )
    assert refusal(call, "read", path=name) == f"'{name}' is an archive. files.archive tells what is in it."
    assert call("list").value["files"] == [{"path": name, "size": (tmp_path / name).stat().st_size, "kind": "archive"}]
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_bomb_is_listed_but_not_opened(put: Put, call: Call) -> None:
    put("bomb.zip", zipped(zeros=bytes(30_000_000)))
    assert call("archive", path="bomb.zip").value["files"][0]["size"] == 30_000_000
    assert refusal(call, "archive", path="bomb.zip", member="zeros") == (
        "'zeros' in 'bomb.zip' is larger than 20 MB, the most that is read from an archive."
    )


def test_a_header_that_wants_all_memory_gets_none(put: Put, call: Call) -> None:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 8_000_000_000
    put("x.tar", header.tobuf(tarfile.GNU_FORMAT) + bytes(5_000_000))
    assert (
        refusal(call, "archive", path="x.tar") == "'x.tar' is no archive that can be read, or a broken one (ReadError)."
    )


def test_links_and_locked_files_are_told_as_such(put: Put, call: Call) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("link\x1b[2J")
        info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        archive.writestr(info, "/etc/passwd")
    content = buffer.getvalue()
    put("l.zip", content)
    (found,) = call("archive", path="l.zip").value["files"]
    assert (found["path"], found["is_link"]) == ("link\ufffd[2J", True)
    place = content.index(b"PK\1\2") + 8
    put("k.zip", content[:place] + b"\1" + content[place + 1 :])
    (found,) = call("archive", path="k.zip").value["files"]
    assert found["is_locked"]
    assert refusal(call, "archive", path="k.zip", member=found["path"]).endswith("is locked with a password.")


@pytest.mark.parametrize("amount", AMOUNTS)
def test_any_bytes_are_an_archive_or_refused(amount: int) -> None:
    whole = [zipped(**FILES), tarred(**FILES), gzip.compress(tarred(**FILES)), lzma.compress(tarred(**FILES))]
    damage = st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 255)), max_size=10)

    @settings(max_examples=amount, deadline=5_000, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(whole), damage, st.integers(0, 100_000))
    def check(content: bytes, places: list[tuple[int, int]], end: int) -> None:
        broken = bytearray(content)
        for place, value in places:
            broken[place % len(broken)] = value
        file = io.BytesIO(broken[: end or None])
        try:
            listing = listing_of(file, "x", never)
            for member in listing.members[:3]:
                file.seek(0)
                content_of(file, "x", member.path)
        except ToolError:
            return

    check()


@pytest.mark.parametrize("amount", AMOUNTS)
def test_any_bytes_have_a_kind(amount: int) -> None:
    @settings(max_examples=amount, deadline=5_000, database=None, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(["a.txt", "a.json", "a", "a.csv", "a.zip"]) | st.text(max_size=8), st.binary(max_size=200))
    def check(name: str, head: bytes) -> None:
        assert kind_of(name, head)

    check()
