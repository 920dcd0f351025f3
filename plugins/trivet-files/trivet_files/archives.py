"""What is in a zip or tar file: told, and one text of it read; nothing is ever unpacked onto the disk."""

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import IO, Any, BinaryIO

import msgspec

from trivet_sdk import ToolError

MAX_MEMBERS = 20_000
MAX_DIRECTORY = 20_000_000
"""Bytes of a zip's table of contents, which is read as a whole."""
MAX_UNPACKED = 4_000_000_000
"""Bytes that are unpacked in memory, piece by piece, to find what a packed tar holds."""
MAX_MEMBER = 20_000_000
"""Bytes of a text that is read."""
_BROKEN = (
    tarfile.TarError, zipfile.BadZipFile, EOFError, OSError, zlib.error, lzma.LZMAError, ValueError, struct.error,
    NotImplementedError, RuntimeError, OverflowError, IndexError, UnicodeDecodeError,
)  # fmt: skip
"""What the libraries raise for damaged archives."""


class Member(msgspec.Struct, frozen=True):
    path: str
    size: int
    changed: str = ""
    is_folder: bool = False
    is_link: bool = False
    is_locked: bool = False
    """It needs a password."""


class Listing(msgspec.Struct, frozen=True):
    kind: str
    """`zip` or `tar`."""
    members: tuple[Member, ...]
    is_cut: bool = False
    """There are more, which were not looked at."""


def listing_of(file: BinaryIO, name: str, is_cancelled: Callable[[], bool]) -> Listing:
    """Raises ToolError for what is no archive, or a broken one."""
    with _told(name):
        kind = _kind(file)
        members: list[Member] = []
        for member in _zip_members(file, name) if kind == "zip" else _tar_members(file):
            members.append(member)
            if len(members) == MAX_MEMBERS or is_cancelled():
                return Listing(kind, tuple(members), is_cut=True)
        return Listing(kind, tuple(members), is_cut=kind == "tar" and _reached_the_bound(members))


def content_of(file: BinaryIO, name: str, member: str) -> bytes:
    """One file of the archive. Raises ToolError if there is none, or if it is too large."""
    with _told(name):
        return (_zip_content if _kind(file) == "zip" else _tar_content)(file, name, member)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise ToolError(f"'{name}' is no archive that can be read, or a broken one ({type(error).__name__}).") from None


def _kind(file: BinaryIO) -> str:
    head = file.read(4)
    file.seek(0)
    return "zip" if head[:2] == b"PK" else "tar"


def _zip(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """Its table of contents is weighed first: the library reads it whole."""
    file.seek(0, 2)
    size = file.tell()
    file.seek(max(0, size - 65_557))
    tail = file.read()
    end = tail.rfind(b"PK\5\6")
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile
    if min(struct.unpack("<I", tail[end + 12 : end + 16])[0], size) > MAX_DIRECTORY:
        raise ToolError(f"'{name}' holds too many files to be listed.")
    file.seek(0)
    return zipfile.ZipFile(file)


def _zip_members(file: BinaryIO, name: str) -> Iterator[Member]:
    with _zip(file, name) as archive:
        for info in archive.infolist():
            is_link = info.create_system == 3 and (info.external_attr >> 28) == 0o12
            yield Member(
                _shown(info.filename), info.file_size, _zip_time(info), info.is_dir(), is_link, bool(info.flag_bits & 1)
            )


def _zip_time(info: zipfile.ZipInfo) -> str:
    try:
        return datetime(*info.date_time).isoformat(" ")
    except ValueError:
        return ""


def _zip_content(file: BinaryIO, name: str, member: str) -> bytes:
    with _zip(file, name) as archive:
        found = [info for info in archive.infolist() if _shown(info.filename) == member and not info.is_dir()]
        if not found:
            raise _absent(name, member)
        if found[-1].flag_bits & 1:
            raise ToolError(f"'{member}' in '{name}' is locked with a password.")
        with archive.open(found[-1]) as content:
            return _read(content, name, member)


class _Info(tarfile.TarInfo):
    """The library takes the headers that may precede a file's own into memory, however long they say they are."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if (
            self.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE)
            and self.size > 1 << 20
        ):
            raise tarfile.ReadError("a header of more than a megabyte")
        return super()._proc_member(archive)  # type: ignore[misc,no-any-return]


def _tar(file: BinaryIO) -> tarfile.TarFile:
    head = file.read(6)
    file.seek(0)
    packed: Any = None
    if head.startswith(b"\x1f\x8b"):
        packed = gzip.open(file)  # noqa: SIM115 - closed with the archive, or with the file below it
    elif head.startswith(b"BZh"):
        packed = bz2.BZ2File(file)
    elif head.startswith(b"\xfd7zXZ"):
        packed = lzma.LZMAFile(file)  # noqa: SIM115
    if packed is None:
        return tarfile.TarFile.open(fileobj=file, mode="r:", tarinfo=_Info)
    return tarfile.TarFile.open(fileobj=packed, mode="r|", tarinfo=_Info)


def _tar_members(file: BinaryIO) -> Iterator[Member]:
    for info in _infos(file):
        changed = ""
        if 0 < info.mtime < 32_503_680_000:
            changed = datetime.fromtimestamp(int(info.mtime)).isoformat(" ")
        yield Member(_shown(info.name), info.size, changed, info.isdir(), info.issym() or info.islnk())


def _infos(file: BinaryIO) -> Iterator[tarfile.TarInfo]:
    """As far as the bound goes: to find the next file of a packed tar, all before it is unpacked."""
    with closing(_tar(file)) as archive:
        while (info := archive.next()) is not None:
            archive.members.clear()  # type: ignore[attr-defined] # else it keeps all of them
            yield info
            if info.offset_data + info.size > MAX_UNPACKED:
                return


def _reached_the_bound(members: list[Member]) -> bool:
    return sum(member.size for member in members) > MAX_UNPACKED


def _tar_content(file: BinaryIO, name: str, member: str) -> bytes:
    with closing(_tar(file)) as archive:
        for _ in range(MAX_MEMBERS):
            info = archive.next()
            if info is None or info.offset_data > MAX_UNPACKED:
                break
            if _shown(info.name) == member and info.isreg():
                content = archive.extractfile(info)
                if content is not None:
                    return _read(content, name, member)
    raise _absent(name, member)


def _read(content: IO[bytes], name: str, member: str) -> bytes:
    found = content.read(MAX_MEMBER + 1)
    if len(found) > MAX_MEMBER:
        raise ToolError(
            f"'{member}' in '{name}' is larger than {MAX_MEMBER // 1_000_000} MB, the most that is read from an archive."
        )
    return found


def _absent(name: str, member: str) -> ToolError:
    return ToolError(f"there is no file '{member}' in '{name}'. files.archive without `member` lists what there is.")


def _shown(path: str) -> str:
    """A name is not believed: characters that no JSON carries, and those that command a terminal, become U+FFFD."""
    return "".join("\ufffd" if c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c <= "\udfff" else c for c in path)
