"""Pages that were read, in the plugin's cache folder, so that an unchanged one is not loaded again."""

import hashlib
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import msgspec

from trivet_web.freshness import may_be_kept, questions, seconds_fresh

KEPT_HEADERS = ("content-type", "etag", "last-modified", "cache-control", "expires", "date", "age", "vary")


class Kept(msgspec.Struct, frozen=True):
    """A page as it was read. `until` and `read` are seconds since 1970."""

    url: str
    headers: dict[str, str]
    read: float
    until: float
    content: bytes = b""
    is_public: bool = False
    """It came from an address that anybody can reach."""

    @property
    def questions(self) -> dict[str, str]:
        return questions(self.headers)


class PageCache:
    """Blocking; a file a page, named by its address and by who may visit what (`policy`), the least used removed first."""

    def __init__(self, folder: Path, most: int, policy: str, now: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._most = most
        self._policy = policy
        self._now = now

    def get(self, url: str) -> Kept | None:
        """A damaged file is no page."""
        path = self._path(url)
        try:
            with path.open("rb") as file:
                kept = msgspec.msgpack.decode(file.read(), type=Kept)
            os.utime(path)
        except (OSError, msgspec.MsgspecError):
            return None
        return kept if kept.url == url else None

    def is_fresh(self, kept: Kept) -> bool:
        return kept.read <= self._now() < kept.until

    def put(self, url: str, status: int, headers: Mapping[str, str], content: bytes, is_public: bool = True) -> None:
        """Keep the page if its server allows it; else forget what was kept of it. A full disk is no failure."""
        if not may_be_kept(status, headers) or len(content) > self._most // 4:
            with suppress(OSError):
                self._path(url).unlink(missing_ok=True)
            return
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        until = self._now() + seconds_fresh(headers, self._now())
        self._write(Kept(url, kept, self._now(), until, content, is_public))

    def confirmed(self, kept: Kept, headers: Mapping[str, str]) -> None:
        """The server said that this page is still the same (304), perhaps with newer headers."""
        merged = {**kept.headers, **{name: headers[name] for name in KEPT_HEADERS if name in headers and name != "age"}}
        until = self._now() + seconds_fresh(merged, self._now())
        self._write(msgspec.structs.replace(kept, headers=merged, read=self._now(), until=until))

    def _path(self, url: str) -> Path:
        return self._folder / hashlib.sha256(f"{self._policy}\n{url}".encode()).hexdigest()

    def _write(self, kept: Kept) -> None:
        part = self._folder / f"{secrets.token_hex(8)}.part"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(msgspec.msgpack.encode(kept))
            part.replace(self._path(kept.url))
            self._tidy()
        except OSError:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def _tidy(self) -> None:
        files: list[tuple[float, int, str]] = []
        for entry in os.scandir(self._folder):
            with suppress(OSError):
                found = entry.stat()
                files.append((found.st_mtime, found.st_size, entry.path))
        left = sum(size for _, size, _ in files)
        for _, size, path in sorted(files):
            if left <= self._most:
                return
            with suppress(OSError):
                os.unlink(path)
            left -= size
