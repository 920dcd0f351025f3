"""Large payloads as files, named by the SHA-256 of their bytes: written, fsynced, and only then referred to."""

import hashlib
import os
import secrets
from contextlib import AbstractContextManager
from pathlib import Path

import anyio.to_thread

from trivet.errors import HomeUnusable
from trivet.folders import make_folder, sync_folder
from trivet.locking import locked


def address_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class BlobDamaged(Exception):
    """The file is there, and its content is not what was stored; `str()` names it."""


class BlobStore:
    """`root` is made on first use. Threads and processes may share it: equal content is written to an equal name."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._root = os.fspath(root)
        self._durable: dict[str, int] = {}
        """Inodes of the blobs whose names this process knows to be durable."""

    def path(self, blob: str) -> Path:
        """Where the blob lies, or would. Raises KeyError if this is no address."""
        if len(blob) != 64 or not set(blob) <= set("0123456789abcdef"):
            raise KeyError(blob)
        return self.root / blob[:2] / blob

    def has(self, address: str) -> bool:
        """Whether a blob lies under an address that is one."""
        return os.path.exists(f"{self._root}/{address[:2]}/{address}")  # asked once a turn, and a Path costs twice that

    def write(self, content: bytes, blob: str | None = None) -> str:
        """Store and fsync; blocks. Raises HomeUnusable if the disk refuses."""
        blob = blob or address_of(content)
        path = self.path(blob)
        if self._renewed(path):
            return blob
        unfinished = path.with_name(f"{blob}.{secrets.token_hex(4)}.new")
        try:
            make_folder(path.parent)
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            self._make_durable(path)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise HomeUnusable(self.root.parent, (error.strerror or str(error)).lower()) from None
        return blob

    def _make_durable(self, path: Path) -> None:
        """The blob's name. One that is there was perhaps written by somebody who died before it was."""
        inode = path.stat().st_ino
        if self._durable.get(path.name) != inode:
            for folder in (path.parent, self.root, self.root.parent):
                sync_folder(folder)
            self._durable[path.name] = inode

    def locked(self) -> AbstractContextManager[None]:
        """Held for the moment in which the age of a blob that is there is renewed, or found too old and the file removed."""
        return locked(self.root / ".lock")

    def _renewed(self, path: Path) -> bool:
        """Whether the store has it. It then counts as written now, so that nobody collects it before it is referred to."""
        if not path.exists():
            return False
        try:
            with self.locked():
                os.utime(path)
                self._make_durable(path)
        except FileNotFoundError:
            return False  # collected in between
        except OSError as error:
            raise HomeUnusable(self.root.parent, (error.strerror or str(error)).lower()) from None
        return True

    def read(self, blob: str) -> bytes:
        """Raises KeyError if the store has no such blob, BlobDamaged if its bytes are not those that were stored."""
        path = self.path(blob)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise KeyError(blob) from None
        except OSError as error:
            raise BlobDamaged(f"the file {path} cannot be read ({(error.strerror or str(error)).lower()})") from None
        if address_of(content) != blob:
            raise BlobDamaged(f"the file {path} is damaged")
        return content

    async def put(self, content: bytes, media_type: str = "application/octet-stream") -> str:
        return await anyio.to_thread.run_sync(self.write, content)

    async def get(self, blob: str) -> bytes:
        return await anyio.to_thread.run_sync(self.read, blob)
