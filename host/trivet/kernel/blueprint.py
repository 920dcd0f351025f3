"""All that a plugin's life is made from. Where two blueprints differ, the plugin needs a new life."""

import inspect
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from trivet.kernel.discovery import Candidate
from trivet_sdk.manifest import Manifest

LONGEST = 600.0
"""Seconds for a start or a stop that somebody steps through."""


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    candidate: Candidate
    manifest: Manifest
    digest: str
    isolation: Any
    """`inprocess`, `process` or `venv`, or what else the settings say: then there is no body for it."""
    python: Path | None
    """The interpreter of an environment of its own."""
    entry: dict[str, Any]
    """`[plugins.<id>]` of the settings: what of it concerns a running plugin."""

    @property
    def id(self) -> str:
        return self.manifest.id

    @property
    def is_inside(self) -> bool:
        return bool(self.isolation == "inprocess")


def blueprint_of(
    candidate: Candidate, manifest: Manifest, digest: str, entry: Mapping[str, Any], home: Path
) -> Blueprint:
    """`entry` is `[plugins.<id>]`."""
    concerns = {
        key: entry[key] for key in ("config", "secrets", "memory", "reload", "debugger", "sandbox") if key in entry
    }
    isolation = "venv" if candidate.environment else isolation_asked(manifest, entry)
    if candidate.embedded is not None and not _is_importable(candidate.embedded):
        isolation = "inprocess"
    if "debugger" in entry:
        about = msgspec.structs.replace(manifest.plugin, start_timeout=LONGEST, stop_timeout=LONGEST)
        manifest = msgspec.structs.replace(manifest, plugin=about)
    environment = Path(candidate.environment or home / "plugins" / manifest.id / digest)
    return Blueprint(
        candidate=candidate,
        manifest=manifest,
        digest=digest,
        isolation=isolation,
        python=environment / "bin" / "python" if isolation == "venv" else None,
        entry=concerns,
    )


def _is_importable(embedded: object) -> bool:
    """Whether a worker can import what the program hands over: a module of an ordinary interpreter, but not its script."""
    return inspect.ismodule(embedded) and embedded.__name__ != "__main__" and not getattr(sys, "frozen", False)


def isolation_asked(manifest: Manifest, entry: Mapping[str, Any]) -> Any:
    """The settings' word, whatever it is, else the manifest's. Code that is to be reloaded lives in a worker, since a process
    cannot forget what it has imported; and code that is debugged, since a breakpoint stops all that lives there."""
    isolation = entry.get("isolation", manifest.plugin.isolation)
    needs_worker = entry.get("reload") is True or "debugger" in entry
    return "process" if needs_worker and isolation == "inprocess" else isolation


def difference(old: Blueprint, new: Blueprint) -> str:
    """Why the old one does not do any more, or nothing."""
    if (old.digest, old.candidate.version) != (new.digest, new.candidate.version):
        return "its files changed"
    if old.isolation != new.isolation:
        return f"its isolation is now {new.isolation}"
    if old.entry != new.entry:
        return "its settings changed"
    return ""
