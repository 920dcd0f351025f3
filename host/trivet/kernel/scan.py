"""One look at everything that is installed: slow, since it reads the metadata of every distribution on the path.

Nothing here raises because of a plugin, and none is imported. What is wrong with one becomes its `problem`, a sentence.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from trivet.kernel.candidate import MANIFEST, Candidate
from trivet.packages import package_data
from trivet_sdk.errors import InvalidManifest
from trivet_sdk.manifest import ENTRY_POINTS, Manifest, parse_manifest


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate, and the files and directories on which all that is said about it depends."""

    candidate: Candidate
    files: tuple[str, ...]


def scan(environments: Iterable[Path] = ()) -> list[Finding]:
    """Plugins of this program's own environment, and those that have an environment of their own."""
    found = list(_installed(None))
    for environment in environments:
        path = search_path(environment)
        own = {"environment": str(environment), "path": path}
        for finding in _installed(path):
            if finding.candidate.id == environment.parent.name:  # others are there because this one needs them
                found.append(
                    msgspec.structs.replace(finding, candidate=msgspec.structs.replace(finding.candidate, **own))
                )
    return found


def search_path(environment: Path) -> tuple[str, ...]:
    """Where an environment looks for packages: its site-packages, and what path files there name."""
    path: list[str] = []
    for site in sorted(environment.glob("lib/python3.*/site-packages")):
        path.append(str(site))
        for file in sorted(site.glob("*.pth")):
            try:
                lines = file.read_text(encoding="utf-8").splitlines()
            except (OSError, UnicodeDecodeError):
                continue
            named = (line.strip() for line in lines if not line.startswith(("#", "import ", "import\t")))
            path.extend(place for name in named if name and os.path.isdir(place := os.path.join(site, name)))
    return tuple(path)


def manifest_of(package: str, id: str, path: Sequence[str] | None = None) -> tuple[Manifest | None, str]:
    """The manifest of a package, or why there is none."""
    try:
        return parse_manifest(package_data.read(package, MANIFEST, path), id), ""
    except FileNotFoundError:
        return None, f"package '{package}' has no {MANIFEST}"
    except InvalidManifest as error:
        return None, f"{MANIFEST} cannot be used: {error.reason}"
    except package_data.PackageUnreadable as error:
        return None, str(error)


def schema_of(package: str, manifest: Manifest, path: Sequence[str] | None = None) -> str:
    """The JSON Schema that the manifest names, as text; empty if it cannot be read, which is said when it is needed."""
    try:
        return package_data.read(package, manifest.config.schema, path).decode("utf-8")
    except (FileNotFoundError, UnicodeDecodeError, package_data.PackageUnreadable):
        return ""


def _installed(path: Sequence[str] | None) -> Iterator[Finding]:
    import importlib_metadata

    seen: set[str] = set()
    where: dict[str, Any] = {} if path is None else {"path": list(path)}
    for distribution in importlib_metadata.distributions(**where):
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
            metadata = getattr(distribution, "_path", None)
        except Exception:
            continue
        for id, target in points:
            candidate = Candidate(id=id, target=target, distribution=name, version=version, is_editable=is_editable)
            yield _read(candidate, path, "" if metadata is None else str(metadata))


def _read(candidate: Candidate, path: Sequence[str] | None, metadata: str) -> Finding:
    """The candidate with its manifest and its configuration's schema, or with what is wrong with it."""
    manifest, problem = manifest_of(candidate.package, candidate.id, path)
    if manifest is not None and manifest.id != candidate.id:
        problem = f"its manifest says id '{manifest.id}', but its entry point is named '{candidate.id}'"
    if not re.fullmatch(r"\w[\w.-]*", candidate.id):
        problem = f"its id '{candidate.id}' holds more than letters, digits, _ and -"
    schema = schema_of(candidate.package, manifest, path) if manifest is not None and manifest.config.schema else ""
    location, files = _place(candidate.package, manifest, path)
    if metadata and os.path.isdir(metadata):
        files = (*files, os.path.join(metadata, "entry_points.txt"))
    # Metadata are written by whoever made the package: what lies beside them was copied there, whatever they say.
    is_beside = bool(metadata) and Path(location).resolve().is_relative_to(Path(metadata).parent.resolve())
    candidate = msgspec.structs.replace(
        candidate,
        manifest=None if problem else manifest,
        problem=problem,
        schema=schema,
        location=location,
        is_editable=candidate.is_editable and not is_beside,
    )
    return Finding(candidate=candidate, files=files)


def _place(package: str, manifest: Manifest | None, path: Sequence[str] | None) -> tuple[str, tuple[str, ...]]:
    """The package's directory or archive, and the files that were read from there or would be."""
    try:
        folder = package_data.directory(package, path)
        if folder is not None:
            names = [MANIFEST, *([manifest.config.schema] if manifest and manifest.config.schema else [])]
            return str(folder), tuple(os.path.join(folder, *name.split("/")) for name in names)
        archive = str(package_data.archive(package, path) or "")
        return archive, (archive,) if archive else ()
    except package_data.PackageUnreadable:
        roots = sys.path if path is None else path
        return "", tuple(place for root in roots if os.path.isdir(place := os.path.join(root, package)))
