"""One discovery: every installed plugin, from its entry point and its manifest, without importing it.

Nothing here raises because of a plugin. What is wrong with one becomes its `problem`, a sentence.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from trivet.packages import package_data, trust
from trivet_sdk.errors import InvalidManifest
from trivet_sdk.hooks import ENTRY_POINTS
from trivet_sdk.manifest import Manifest, parse_manifest

MANIFEST = "trivet.toml"


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A plugin that was found, usable or not."""

    id: str
    target: str = ""
    """What the entry point names: `package`, `package.module` or `package.module:object`."""
    distribution: str = ""
    version: str = ""
    manifest: Manifest | None = None
    problem: str = ""
    """Why it is incompatible; empty if nothing speaks against it so far."""
    is_editable: bool = False
    instance_of: str = ""
    """The plugin's own id, for an instance under another name."""
    embedded: Any = None
    """The module or object itself, for plugins handed to `open_host`."""

    @property
    def package(self) -> str:
        return re.split(r"[.:]", self.target, maxsplit=1)[0]

    @property
    def is_first_party(self) -> bool:
        return trust.is_first_party(self.instance_of or self.id, self.distribution)

    @property
    def origin(self) -> str:
        """`trivet-search 0.2.0`, for sentences."""
        return f"{self.distribution} {self.version}".strip() or "given by the program"


def discover(embedded: Iterable[object] = ()) -> tuple[Candidate, ...]:
    """All candidates, ordered by id. An embedded plugin stands in for an installed one of the same id."""
    given = [_from_object(plugin) for plugin in embedded]
    named = {candidate.id for candidate in given}
    installed = [candidate for candidate in _installed() if candidate.id not in named]
    return tuple(sorted(_without_doubles([*given, *installed]), key=lambda candidate: (candidate.id, candidate.origin)))


def _installed() -> Iterator[Candidate]:
    import importlib_metadata

    seen: set[str] = set()
    for distribution in importlib_metadata.distributions():
        # Foreign metadata: a broken dist-info of anything installed must not hide the plugins beside it.
        try:
            if ENTRY_POINTS not in (distribution.read_text("entry_points.txt") or ""):
                continue
            name = str(distribution.metadata["Name"])
            if name.lower() in seen:
                continue  # shadowed by an earlier entry of sys.path
            seen.add(name.lower())
            points = [(point.name, point.value) for point in distribution.entry_points if point.group == ENTRY_POINTS]
            version = str(distribution.version)
            origin = distribution.origin
            is_editable = bool(getattr(getattr(origin, "dir_info", None), "editable", False))
        except Exception:
            continue
        for id, target in points:
            yield _read(Candidate(id=id, target=target, distribution=name, version=version, is_editable=is_editable))


def _read(candidate: Candidate) -> Candidate:
    """The installed candidate with its manifest, or with what is wrong with it."""
    manifest, problem = _manifest_of(candidate.package, candidate.id)
    if manifest is not None and manifest.id != candidate.id:
        problem = f"its manifest says id '{manifest.id}', but its entry point is named '{candidate.id}'"
    return msgspec.structs.replace(candidate, manifest=None if problem else manifest, problem=problem)


def _from_object(plugin: object) -> Candidate:
    """From a module or object with its own `manifest` (or `MANIFEST`), else from its package's data."""
    name = str(getattr(plugin, "__name__", None) or type(plugin).__name__)
    held = getattr(plugin, "manifest", None) or getattr(plugin, "MANIFEST", None)
    problem = ""
    if isinstance(held, str | bytes):
        try:
            held = parse_manifest(held.encode() if isinstance(held, str) else held, name)
        except InvalidManifest as error:
            problem = f"{MANIFEST} cannot be used: {error.reason}"
    elif held is None:
        held, problem = _manifest_of(name.partition(".")[0], name)
    if isinstance(held, Manifest) and not problem:
        return Candidate(id=held.id, target=name, manifest=held, embedded=plugin)
    problem = problem or f"its manifest is a {type(held).__name__} instead of a Manifest or the text of a {MANIFEST}"
    return Candidate(id=name, target=name, embedded=plugin, problem=problem)


def _manifest_of(package: str, id: str) -> tuple[Manifest | None, str]:
    """The manifest of a package, or why there is none."""
    try:
        return parse_manifest(package_data.read(package, MANIFEST), id), ""
    except FileNotFoundError:
        return None, f"package '{package}' has no {MANIFEST}"
    except InvalidManifest as error:
        return None, f"{MANIFEST} cannot be used: {error.reason}"
    except package_data.PackageUnreadable as error:
        return None, str(error)


def _without_doubles(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    by_id: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_id.setdefault(candidate.id, []).append(candidate)
    for same in by_id.values():
        if len(same) == 1:
            yield same[0]
        else:
            origins = " and ".join(sorted(candidate.origin for candidate in same))
            sentence = f"its id is claimed by {origins}. Uninstall all but one of them."
            yield _incompatible(same[0], sentence)


def _incompatible(candidate: Candidate, problem: str) -> Candidate:
    return msgspec.structs.replace(candidate, manifest=None, problem=problem)
