"""What is installed in an environment, from its metadata."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path

import msgspec
from packaging.markers import UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution. `requires` are its requirements as written, markers included."""

    name: str
    version: str
    requires: tuple[str, ...] = ()
    location: str = ""
    """The directory that holds its metadata."""
    files: tuple[str, ...] = ()
    """Paths of its record relative to `location`; those above it begin with `..`."""

    @property
    def key(self) -> str:
        return canonicalize_name(self.name)


def installed(paths: Iterable[Path] | None = None, *, files_of: Container[str] = frozenset()) -> dict[str, Installed]:
    """By canonical name, the first on the path winning; `paths` None stands for this program's own path. `files_of` names
    those whose records are read, which takes a while for large ones."""
    import importlib_metadata

    found: dict[str, Installed] = {}
    where = {} if paths is None else {"path": [str(path) for path in paths]}
    for distribution in importlib_metadata.distributions(**where):
        # Foreign metadata: one that is broken must not hide the others.
        try:
            name, version = str(distribution.metadata["Name"]), str(distribution.version)
            key = canonicalize_name(name)
            if key in found:
                continue
            files = tuple(str(file) for file in distribution.files or ()) if key in files_of else ()
            found[key] = Installed(
                name=name,
                version=version,
                requires=tuple(distribution.requires or ()),
                location=str(distribution.locate_file("")),
                files=files,
            )
        except Exception:
            continue
    return found


def needed_by(requires: Iterable[str], extras: Iterable[str] = ()) -> Iterator[Requirement]:
    """The requirements that hold on this machine, with these extras of their owner."""
    for text in requires:
        try:
            requirement = Requirement(text)
            if requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras)
            ):
                yield requirement
        except (InvalidRequirement, UndefinedEnvironmentName):
            continue


def closure(requires: Iterable[str], there: Mapping[str, Installed]) -> set[str]:
    """Canonical names of all that these requirements stand on, as far as it is there; extras bring what they ask for."""
    waiting = [(canonicalize_name(need.name), frozenset(need.extras)) for need in needed_by(requires)]
    seen = set[tuple[str, frozenset[str]]]()
    while waiting:
        node = waiting.pop()
        if node not in seen and node[0] in there:
            seen.add(node)
            name, extras = node
            waiting += [
                (canonicalize_name(need.name), frozenset(need.extras))
                for need in needed_by(there[name].requires, extras)
            ]
    return {name for name, _ in seen}


def asking(roots: Mapping[str, str], there: Mapping[str, Installed]) -> dict[str, list[tuple[str, str]]]:
    """Everything that the roots (canonical name -> how a sentence calls it) stand on: name -> who asks for it, as pairs
    (name of the asker, its requirement). Roots themselves are asked for by their calling, with an empty requirement."""
    asked: dict[str, list[tuple[str, str]]] = {name: [(label, "")] for name, label in roots.items() if name in there}
    waiting: list[tuple[str, frozenset[str]]] = [(name, frozenset()) for name in asked]
    seen = set(waiting)
    while waiting:
        name, extras = waiting.pop()
        for requirement in needed_by(there[name].requires, extras):
            key = canonicalize_name(requirement.name)
            if key not in there:
                continue
            pair = (there[name].name, _short(requirement))
            if pair not in asked.setdefault(key, []):
                asked[key].append(pair)
            node = (key, frozenset(requirement.extras))
            if node not in seen:
                seen.add(node)
                waiting.append(node)
    return asked


def _short(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return re.sub(r"\s+", "", f"{requirement.name}{extras}{requirement.specifier}")
