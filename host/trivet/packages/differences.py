"""What a plugin was when it was enabled, and what is different now: which files, and what it newly wants to be allowed."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from trivet_sdk.manifest import Manifest

SHOWN = 3
"""Files that a sentence names before it counts the rest."""


class Enabled(msgspec.Struct, frozen=True, kw_only=True):
    """Kept in `home/trust/<id>.json` when the user enables a plugin."""

    digest: str
    """Of the settings' pin that it explains."""
    files: dict[str, str]
    """Path -> SHA-256."""
    manifest: Manifest


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    grown: tuple[str, ...] = ()
    """What it may newly do, in words."""

    def lines(self) -> list[str]:
        """One line for each kind of difference, all names in it."""
        parts = (("may newly", self.grown), ("added", self.added), ("removed", self.removed), ("changed", self.changed))
        return [f"{what:<12} {', '.join(names)}" for what, names in parts if names]

    def sentence(self) -> str:
        """`added: more.py; changed: __init__.py and 2 more`, or nothing."""
        parts = (("may newly", self.grown), ("added", self.added), ("removed", self.removed), ("changed", self.changed))
        return "; ".join(f"{what}: {_named(names)}" for what, names in parts if names)


def differences(before: Enabled, files: Mapping[str, str], manifest: Manifest | None) -> Differences:
    return Differences(
        added=tuple(sorted(files.keys() - before.files.keys())),
        removed=tuple(sorted(before.files.keys() - files.keys())),
        changed=tuple(sorted(name for name, value in files.items() if before.files.get(name, value) != value)),
        grown=tuple(_grown(before.manifest, manifest)) if manifest else (),
    )


def keep(home: Path, id: str, enabled: Enabled) -> None:
    """A home that cannot be written only costs the comparison."""
    path = _path(home, id)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        replaced = path.with_suffix(f".{os.getpid()}")
        replaced.write_bytes(msgspec.json.encode(enabled))
        replaced.replace(path)
    except OSError:
        return


def kept(home: Path, id: str, digest: str) -> Enabled | None:
    """None if nothing was kept for exactly this pin."""
    try:
        enabled = msgspec.json.decode(_path(home, id).read_bytes(), type=Enabled)
    except (OSError, msgspec.DecodeError):
        return None
    return enabled if enabled.digest == digest else None


def forget(home: Path, id: str) -> None:
    _path(home, id).unlink(missing_ok=True)


def _path(home: Path, id: str) -> Path:
    return home / "trust" / f"{id}.json"


def _named(names: Sequence[str]) -> str:
    if len(names) <= SHOWN:
        return ", ".join(names)
    return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"


def _grown(before: Manifest, now: Manifest) -> Iterable[str]:
    old, new = before.permissions, now.permissions
    if more := sorted(set(new.network) - set(old.network)):
        yield f"reach {', '.join(more)}"
    if more := sorted(set(new.files) - set(old.files)):
        yield f"touch files ({', '.join(more)})"
    if new.subprocess and not old.subprocess:
        yield "start programs"
    if more := sorted(set(new.secrets) - set(old.secrets)):
        yield f"read the secrets {', '.join(more)}"
    effects = {tool.name or f"{tool.prefix}…": (tool.effect, tool.egress) for tool in before.contributes.tools}
    for tool in now.contributes.tools:
        name = tool.name or f"{tool.prefix}…"
        effect, egress = effects.get(name, ("pure", False))
        order = ("pure", "idempotent", "effectful")
        if order.index(tool.effect) > order.index(effect):
            yield f"change things with {name} ({tool.effect})"
        if tool.egress and not egress:
            yield f"send data away with {name}"
    looser = {"venv": 0, "process": 0, "inprocess": 1}
    if looser[now.plugin.isolation] > looser[before.plugin.isolation]:
        yield "run inside trivet's own process"
