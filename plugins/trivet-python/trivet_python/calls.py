"""Which calls were begun and what became of them, so that a call repeated after a crash is not made twice."""

import contextlib
import hashlib
import os
import time
from pathlib import Path

import msgspec

from trivet_sdk import ToolResult

KEPT = 14 * 24 * 3600
"""Seconds for which calls are remembered."""


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    result: ToolResult | None = None
    """None if it did not come to its end."""


class Calls:
    """Files below a folder, one for each call and one folder for each run. A call by hand, of no run, is made each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begun(self, run: str, key: str, code: str) -> Begun | None:
        """None if it never was."""
        if not run:
            return None
        try:
            return msgspec.json.decode(self._file(run, key, code).read_bytes(), type=Begun)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def had_any(self, run: str) -> bool:
        return bool(run) and self._place(run).is_dir()

    def begin(self, run: str, key: str, code: str) -> None:
        if run:
            self._place(run).mkdir(parents=True, exist_ok=True)
            self._write(self._file(run, key, code), Begun())

    def end(self, run: str, key: str, code: str, result: ToolResult) -> None:
        if run:
            self._write(self._file(run, key, code), Begun(result=result))

    def forget(self, run: str, key: str, code: str) -> None:
        """It failed in a way that was told, so it may be made again."""
        self._file(run, key, code).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Forget what nobody will repeat any more."""
        with contextlib.suppress(OSError):
            for place in self._folder.iterdir():
                if place.stat().st_mtime < time.time() - KEPT:
                    for file in place.iterdir():
                        file.unlink()
                    place.rmdir()

    def _place(self, run: str) -> Path:
        return self._folder / hashlib.sha256(run.encode()).hexdigest()[:32]

    def _file(self, run: str, key: str, code: str) -> Path:
        return self._place(run) / hashlib.sha256(f"{key}\0{code}".encode("utf-8", "replace")).hexdigest()

    def _write(self, file: Path, told: Begun) -> None:
        new = file.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(told))
        os.replace(new, file)
