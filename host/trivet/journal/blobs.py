"""Large payloads as files, named by the SHA-256 of their bytes: written, fsynced, and only then referred to."""

import hashlib
import os
import secrets
from pathlib import Path

import anyio.to_thread

from trivet.errors import HomeUnusable


def address_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class BlobDamaged(Exception):
    """The file is there, and its content is not what was stored; `str()` names it."""


class BlobStore:
    """`root` is made on first use. Threads and processes may share it: equal content is written to an equal name."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, blob: str) -> Path:
        """Where the blob lies, or would. Raises KeyError if this is no address."""
        if len(blob) != 64 or not set(blob) <= set("0123456789abcdef"):
            raise KeyError(blob)
        return self.root / blob[:2] / blob

    def write(self, content: bytes, blob: str | None = None) -> str:
        """Store and fsync; blocks. Raises HomeUnusable if the disk refuses."""
        blob = blob or address_of(content)
        path = self.path(blob)
        if path.exists():
            return blob
        unfinished = path.with_name(f"{blob}.{secrets.token_hex(4)}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with unfinished.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
            for folder in (path.parent, self.root):
                sync_folder(folder)
        except OSError as error:
            unfinished.unlink(missing_ok=True)
            raise HomeUnusable(self.root.parent, (error.strerror or str(error)).lower()) from None
        return blob

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


def sync_folder(folder: Path) -> None:
    """Make the names in it durable."""
    if os.name == "nt":
        return  # Windows has no handle of a directory to flush; NTFS journals the name itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
