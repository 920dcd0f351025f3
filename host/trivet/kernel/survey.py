"""What is installed, and what of it may and can run: everything that is known before any plugin is imported.

The management commands stop here; the kernel goes on from here.
"""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from trivet.errors import NotProvided
from trivet.kernel.candidate import Candidate
from trivet.kernel.configuration import configuration, unnamed_secrets
from trivet.kernel.discovery import discover
from trivet.kernel.failures import Failure, Failures
from trivet.kernel.instances import instances
from trivet.kernel.resolution import resolve, sdk_mismatch
from trivet.kernel.snapshot import Snapshot
from trivet.kernel.stale import Stale
from trivet.packages import differences, digest, trust
from trivet.packages.weights import Weights
from trivet.settings import BUILT_IN, Settings
from trivet_sdk import SDK_VERSION
from trivet_sdk.manifest import Manifest
from trivet_sdk.tool import ToolSpec

if TYPE_CHECKING:
    from trivet.kernel.lifecycle import State


class PluginRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One plugin as it stands."""

    id: str
    state: "State"
    reason: str = ""
    distribution: str = ""
    version: str = ""
    package: str = ""
    manifest: Manifest | None = None
    digest: str = ""
    is_editable: bool = False
    is_first_party: bool = False
    instance_of: str = ""
    """The plugin's own id, for an instance under another name."""
    seconds: float = 0.0
    """Of its start, if it was started."""
    traceback: str = ""


def why_without(tool: str, records: Iterable[PluginRecord]) -> str:
    """Why the plugin that is named in front of a tool has none now, and the cure, to read on after `because`; nothing if
    it is usable or unknown."""
    prefix, dot, _ = tool.partition(".")
    record = next((each for each in records if dot and each.id == prefix), None)
    if record is None or record.state in ("discovered", "resolved", "starting", "running", "degraded"):
        return ""
    because = f": {record.reason}" if record.reason else ""
    cure = "" if "`trivet " in because else f"; `trivet plugins info {record.id}` says more"
    return f"plugin '{record.id}' is {record.state}{because}{cure}"


class Survey:
    """`records` by id; `order` are the startable ones, each after what it needs; `problems` are about settings."""

    def __init__(
        self, records: Mapping[str, PluginRecord], candidates: Mapping[str, Candidate], order: tuple[str, ...],
        snapshot: Snapshot, failures: Failures, stale: Stale, problems: tuple[str, ...], settings: Settings,
    ) -> None:  # fmt: skip
        self.records = dict(records)
        self.candidates = candidates
        self.order = order
        self.problems = problems
        self.failures = failures
        self.stale = stale
        self._snapshot = snapshot
        self._settings = settings

    def manifest(self, id: str) -> Manifest:
        manifest = self.records[id].manifest
        assert manifest is not None, "only startable plugins are asked for"
        return manifest

    def declaring(self, kind: str, name: str) -> str | None:
        """The startable plugin that declares this contribution."""
        for id in self.order:
            if any(declaration.name == name for declaration in getattr(self.manifest(id).contributes, kind)):
                return id
        return None

    def not_provided(self, kind: str, singular: str, name: str) -> NotProvided:
        """The error for a contribution that no startable plugin declares; it names one that would, if there is one."""
        own = (BUILT_IN["executor"],) if kind == "executors" else ()
        known = (*own, *self.names(kind))
        for id, record in self.records.items():
            if id in self.order or record.manifest is None:
                continue
            if any(declaration.name == name for declaration in getattr(record.manifest.contributes, kind)):
                would = f"Plugin '{id}' would, but it is {record.state}: {record.reason}."
                return NotProvided(singular, name, known, would)
        return NotProvided(singular, name, known)

    def names(self, kind: str) -> tuple[str, ...]:
        return tuple(
            declaration.name for id in self.order for declaration in getattr(self.manifest(id).contributes, kind)
        )

    def resources(self) -> frozenset[str]:
        """What the manifests of startable plugins name as limits of their tools."""
        return frozenset(
            name for id in self.order for declared in self.manifest(id).contributes.tools for name in declared.resources
        )

    def weights(self) -> tuple[Weights, ...]:
        """Of all startable plugins; those of several instances once."""
        found = {
            declaration.name: Weights(
                declaration=declaration,
                plugin=id,
                package=self.records[id].package,
                location=self.candidates[id].location,
            )
            for id in reversed(self.order)
            for declaration in reversed(self.manifest(id).contributes.weights)
        }
        return tuple(reversed(found.values()))

    def captured(self, id: str) -> tuple[ToolSpec, ...] | None:
        """The plugin's tool specs from the snapshot; None if they must be captured first."""
        if not self.manifest(id).contributes.tools:
            return ()
        key = self._key(id)
        return self._snapshot.specs(id, key) if key else None

    def keep(self, id: str, specs: tuple[ToolSpec, ...]) -> None:
        if key := self._key(id):
            self._snapshot.keep(id, key, specs)

    def is_dynamic(self, id: str) -> bool:
        """Whether its tools are not all in its manifest."""
        return any(tool.dynamic for tool in self.manifest(id).contributes.tools)

    def _key(self, id: str) -> str:
        """What a capture holds for: the plugin's files and, where its settings decide which tools there are, those."""
        digest = self.records[id].digest
        if not digest or not self.is_dynamic(id):
            return digest
        config = msgspec.json.encode(self._settings.config_of(id), order="sorted", enc_hook=str)
        return hashlib.sha256(digest.encode() + config).hexdigest()

    def files(self, id: str) -> dict[str, str]:
        """SHA-256 by path of all that the plugin's distribution installed; empty if it cannot be read."""
        candidate = self.candidates[id]
        try:
            return digest.plugin_files(
                Path(candidate.location), candidate.distribution, digest.DigestCache(Path(os.devnull))
            )
        except OSError:
            return {}

    def forget(self, id: str) -> None:
        """Drop what was captured and how it failed: the plugin is looked at anew."""
        self._snapshot.forget(id)
        self.failures.forget(id)

    def last_failure(self, id: str) -> Failure | None:
        """How the plugin failed when it was last started; None if it ran, or was never started."""
        digest = self.records[id].digest
        return self.failures.last(id, digest) if digest else None


def survey(settings: Settings, embedded: Iterable[object] = ()) -> Survey:
    """Discover, ask for trust, resolve. Never raises because of a plugin."""
    candidates = {candidate.id: candidate for candidate in discover(settings.home, embedded, _holders(settings))}
    named, unnamed = instances(candidates, settings.plugins)
    candidates.update(named)
    cache = digest.DigestCache(settings.home / "cache" / "digests.json")
    failures = Failures(settings.home / "cache" / "failures")
    records = {id: _judged(candidate, settings, cache, failures) for id, candidate in candidates.items()}
    cache.save()
    usable = {id: record.manifest for id, record in records.items() if record.state == "resolved" and record.manifest}
    versions = {id: record.version for id, record in records.items()}
    absent = {id: f"{record.state}: {record.reason}" for id, record in records.items() if id not in usable}
    resolution = resolve(usable, versions, SDK_VERSION, absent)
    for id, reason in resolution.refused.items():
        records[id] = msgspec.structs.replace(records[id], state="incompatible", reason=reason)
    problems = (
        *(
            f"settings for plugin '{id}' are kept, but no such plugin is installed"
            for id, entry in sorted(settings.plugins.items())
            if id not in records and "plugin" not in entry
        ),
        *unnamed,
        *(sentence for id in candidates for sentence in unnamed_secrets(candidates[id], settings)),
    )
    snapshot = Snapshot(settings.home / "snapshots")
    return Survey(
        dict(sorted(records.items())), candidates, resolution.order, snapshot, failures, Stale(settings.home), problems,
        settings,
    )  # fmt: skip


def _holders(settings: Settings) -> dict[str, str]:
    return {
        id: str(entry["name"])
        for id, entry in settings.plugins.items()
        if entry.get("enabled") is True and entry.get("name")
    }


def installed_pin(candidate: Candidate, digest_of_files: str) -> trust.Pin:
    pinned = "" if candidate.is_editable else digest_of_files
    return trust.Pin(name=candidate.distribution, version=candidate.version, digest=pinned)


def _judged(candidate: Candidate, settings: Settings, cache: digest.DigestCache, failures: Failures) -> PluginRecord:
    record = PluginRecord(
        id=candidate.id,
        state="resolved",
        distribution=candidate.distribution,
        version=candidate.version,
        package=candidate.package,
        manifest=candidate.manifest,
        is_editable=candidate.is_editable,
        is_first_party=candidate.is_first_party,
        instance_of=candidate.instance_of,
    )
    if candidate.manifest is None:
        return msgspec.structs.replace(record, state="incompatible", reason=candidate.problem)
    if mismatch := sdk_mismatch(candidate.manifest.plugin.sdk, SDK_VERSION):
        return msgspec.structs.replace(record, state="incompatible", reason=mismatch)
    if candidate.embedded is not None:  # the program itself vouches for it
        return _with_config(record, candidate, settings)
    if not candidate.location:
        reason = f"package '{candidate.package}' has no files that could be hashed."
        return msgspec.structs.replace(record, state="incompatible", reason=reason)
    try:
        files = digest.plugin_files(Path(candidate.location), candidate.distribution, cache)
    except OSError as error:
        return msgspec.structs.replace(record, state="incompatible", reason=f"its files cannot be read: {error}")
    entry = settings.plugins.get(candidate.id, {})
    whole = digest.digest_of(files)
    pin = installed_pin(candidate, whole)
    before = differences.kept(settings.home, candidate.id, entry["digest"]) if trust.is_changed(pin, entry) else None
    different = differences.differences(before, files, candidate.manifest).sentence() if before else ""
    why = trust.why_disabled(
        candidate.id, pin, entry, first_party=candidate.is_first_party, safe=settings.safe, different=different
    )
    record = msgspec.structs.replace(record, digest=whole)
    if why:
        return msgspec.structs.replace(record, state="disabled", reason=why)
    if quarantine := failures.quarantine(candidate.id, whole):
        return msgspec.structs.replace(record, state="quarantined", reason=quarantine)
    return _with_config(record, candidate, settings)


def _with_config(record: PluginRecord, candidate: Candidate, settings: Settings) -> PluginRecord:
    """Disabled, if its configuration cannot be used: a wrong value costs the plugin that it is for, and no other."""
    _, mistakes = configuration(candidate, settings)
    if not mistakes:
        return record
    return msgspec.structs.replace(
        record, state="disabled", reason=f"its configuration cannot be used: {'; '.join(mistakes)}"
    )
