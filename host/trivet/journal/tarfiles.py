"""One tar file that carries its own proof: a manifest, as its last member, with size and SHA-256 of each member before it.

Whoever reads one believes nothing: only plain files with names that the caller expects, bounded, and as the manifest says.
"""

import hashlib
import io
import os
import secrets
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import msgspec

from trivet.errors import FileRefused
from trivet.folders import sync_folder

MANIFEST = "manifest.json"
_MOST_MANIFEST = 256 * 1024 * 1024
_PIECE = 1024 * 1024


class Member(msgspec.Struct, frozen=True, kw_only=True):
    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    kind: str
    format: int
    members: dict[str, Member]
    about: dict[str, Any] = {}
    """For people: when, by which trivet, what was left out."""


class TarWriter:
    def __init__(self, tar: tarfile.TarFile, told: Callable[[int], None]) -> None:
        self._tar = tar
        self._told = told
        self.members: dict[str, Member] = {}

    def add_bytes(self, name: str, content: bytes) -> None:
        self._add(name, io.BytesIO(content), len(content))

    def add_file(self, name: str, path: Path) -> None:
        """Raises OSError if it cannot be read to the size that it has now."""
        with path.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        head = tarfile.TarInfo(name)
        head.size, head.mode = size, 0o600
        reading = _Hashed(file, self._told)
        self._tar.addfile(head, reading)  # type: ignore[arg-type]  # it only reads
        self.members[name] = Member(size=size, sha256=reading.sum.hexdigest())


@contextmanager
def tar_written(
    path: Path, kind: str, format: int, told: Callable[[int], None] = lambda done: None
) -> Iterator[tuple[TarWriter, dict[str, Any]]]:
    """Yields the writer and what will be `about` in the manifest. The file is there whole when the scope closes, or not at
    all; `told` hears of the bytes that were read. Raises FileRefused."""
    if path.exists() and not path.is_file():
        # What is written beside it takes its place: that would cost root a device such as /dev/null.
        raise FileRefused(path, "it cannot be written (it is a folder, a device or a pipe)")
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    about: dict[str, Any] = {}
    try:
        handle = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        with open(handle, "w+b") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:
                writer = TarWriter(tar, told)
                yield writer, about
                manifest = Manifest(kind=kind, format=format, members=writer.members, about=about)
                writer.add_bytes(MANIFEST, msgspec.json.encode(manifest))
            file.flush()
            os.fsync(handle)
        unfinished.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise FileRefused(path, f"it cannot be written ({(error.strerror or str(error)).lower()})") from error
    finally:
        unfinished.unlink(missing_ok=True)


def unpacked(
    path: Path, into: Path, kind: str, format: int, expects: Callable[[str], bool], most: int | None = None
) -> Manifest:
    """Write each member below `into`, which is the caller's to remove. `most`: bytes altogether. Raises FileRefused."""
    found: dict[str, Member] = {}
    room = most
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FileRefused(path, "it is a device or a pipe, not a file")  # which may have no end, or nothing to read
    try:
        with tarfile.open(path, mode="r:*") as tar:
            for head in tar:
                if not head.isreg() or head.issparse():
                    raise FileRefused(path, f"'{head.name}' in it is no plain file")
                if head.name in found or not (head.name == MANIFEST or expects(head.name)):
                    raise FileRefused(path, f"'{head.name}' does not belong into it")
                room = None if room is None else room - head.size
                if room is not None and room < 0:
                    raise FileRefused(path, f"it unpacks to more than {(most or 0) / 1e6:.0f} MB")
                if head.name == MANIFEST and head.size > _MOST_MANIFEST:
                    raise FileRefused(path, "its manifest is too large")
                source = tar.extractfile(head)
                assert source is not None
                found[head.name] = _copied(source, into / head.name)
        manifest = _manifest(path, into / MANIFEST, kind, format)
    except FileNotFoundError:
        raise FileRefused(path, "there is no such file") from None
    except (tarfile.TarError, EOFError, OSError, UnicodeError, ValueError) as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise FileRefused(path, f"{(error.strerror or str(error)).lower()}: {error.filename}") from error
        raise FileRefused(path, f"it is no whole tar file ({str(error) or type(error).__name__})") from error
    del found[MANIFEST]
    for name in (*manifest.members, *found):
        if name not in found:
            raise FileRefused(path, f"'{name}' is missing in it")
        if manifest.members.get(name) != found[name]:
            raise FileRefused(path, f"'{name}' in it is not what was put there")
    return manifest


def _manifest(path: Path, file: Path, kind: str, format: int) -> Manifest:
    try:
        manifest = msgspec.json.decode(file.read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise FileRefused(path, "it has no manifest, so it was cut short or is something else") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise FileRefused(path, f"its manifest cannot be read ({error})") from None
    if manifest.kind != kind:
        raise FileRefused(path, f"it is a {manifest.kind}, not a {kind}")
    if manifest.format > format:
        raise FileRefused(path, f"a newer trivet wrote it (format {manifest.format}; this one knows {format})")
    return manifest


def _copied(source: IO[bytes], target: Path) -> Member:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    sum, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        while piece := source.read(_PIECE):
            file.write(piece)
            sum.update(piece)
            size += len(piece)
        file.flush()
        os.fsync(file.fileno())
    return Member(size=size, sha256=sum.hexdigest())


class _Hashed:
    def __init__(self, file: IO[bytes], told: Callable[[int], None]) -> None:
        self._file = file
        self._told = told
        self.sum = hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._file.read(size)
        self.sum.update(piece)
        self._told(len(piece))
        return piece
