"""A change of what is installed that has begun: written down before the first step, removed after the last."""

import os
from pathlib import Path

import msgspec

from trivet.packages.record import Asked


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    what: str
    take: tuple[str, ...] = ()
    put: tuple[str, ...] = ()
    editable: str = ""
    environments: dict[str, str] = {}
    """Id -> the digest that is to be in use, or nothing for none."""
    built: str = ""
    """A finished environment that waits to be moved to its digest, below `plugins/<id>`."""
    record: dict[str, Asked] = {}


def begun(home: Path, intent: Intent) -> None:
    path = _path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    replaced = path.with_suffix(f".{os.getpid()}")
    replaced.write_bytes(msgspec.json.encode(intent))
    replaced.replace(path)


def ended(home: Path) -> None:
    _path(home).unlink(missing_ok=True)


def left(home: Path) -> Intent | None:
    """What somebody began and did not end; one that cannot be read was never begun."""
    try:
        return msgspec.json.decode(_path(home).read_bytes(), type=Intent)
    except (OSError, msgspec.DecodeError):
        return None


def is_there(home: Path) -> bool:
    return _path(home).exists()


def _path(home: Path) -> Path:
    return home / "plugins" / ".unfinished.json"
