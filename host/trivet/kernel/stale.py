"""Hosts that still run the former code of a plugin, noted in the home so that the management commands can tell."""

from pathlib import Path

import msgspec

from trivet.journal.owner import Owner, is_alive, this_owner


class Stale:
    """One small file for each plugin and host. Those of hosts that have ended count no more, and are swept away."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "cache" / "stale"
        self._owner: Owner | None = None

    def note(self, plugin: str) -> None:
        """This host runs the plugin's former code. A home that cannot be written costs only the notice."""
        self._owner = self._owner or this_owner()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / f"{plugin}@{self._owner.id}").write_bytes(msgspec.json.encode(self._owner))
        except OSError:
            return

    def forget(self) -> None:
        """This host ends."""
        if self._owner is not None:
            for path in self._folder.glob(f"*@{self._owner.id}"):
                path.unlink(missing_ok=True)

    def processes(self, plugin: str) -> tuple[int, ...]:
        """Process ids of the living hosts that run the plugin's former code."""
        found: list[int] = []
        for path in self._folder.glob(f"{plugin}@*") if self._folder.is_dir() else ():
            try:
                owner = msgspec.json.decode(path.read_bytes(), type=Owner)
            except (OSError, msgspec.DecodeError):
                continue
            if is_alive(owner):
                found.append(owner.pid)
            else:
                path.unlink(missing_ok=True)
        return tuple(sorted(found))
