"""Tool specs as they were captured when a plugin was enabled, so that planning imports no plugin.

One file a plugin in `home/snapshots`, valid for one digest of the plugin's files and one contract version.
"""

import os
from pathlib import Path

import msgspec

from trivet_sdk import SDK_VERSION
from trivet_sdk.tool import ToolSpec


class _Captured(msgspec.Struct, frozen=True, kw_only=True):
    digest: str
    sdk: str
    specs: tuple[ToolSpec, ...]


class Snapshot:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def specs(self, plugin: str, digest: str) -> tuple[ToolSpec, ...] | None:
        """None if nothing was captured for exactly these files."""
        try:
            captured = msgspec.json.decode(self._path(plugin).read_bytes(), type=_Captured)
        except (OSError, msgspec.DecodeError):
            return None
        return captured.specs if (captured.digest, captured.sdk) == (digest, SDK_VERSION) else None

    def keep(self, plugin: str, digest: str, specs: tuple[ToolSpec, ...]) -> None:
        """Replaces what was there. A home that cannot be written only costs a new capture next time."""
        path = self._path(plugin)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replaced = path.with_suffix(f".{os.getpid()}")
            replaced.write_bytes(msgspec.json.encode(_Captured(digest=digest, sdk=SDK_VERSION, specs=specs)))
            replaced.replace(path)
        except OSError:
            return

    def forget(self, plugin: str) -> None:
        self._path(plugin).unlink(missing_ok=True)

    def _path(self, plugin: str) -> Path:
        return self._folder / f"{plugin}.json"
