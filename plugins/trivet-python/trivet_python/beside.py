"""Packages of trivet's own environment that programs may import: those that are named and what they need, nothing else."""

from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name


def modules_of(names: Iterable[str]) -> tuple[Path, ...]:
    """The folders and files that hold them; what is not installed is left out."""
    found: dict[str, Path] = {}
    for each in _with_needs(names):
        for path in _tops(each):
            found.setdefault(path.name, path)
    return tuple(found.values())


def _with_needs(names: Iterable[str]) -> Iterator[Distribution]:
    waiting, seen = list(names), set[str]()
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in seen:
            continue
        seen.add(name)
        try:
            each = distribution(name)
        except PackageNotFoundError:
            continue
        yield each
        for text in each.requires or ():
            try:
                needed = Requirement(text)
            except InvalidRequirement:
                continue
            if needed.marker is None or needed.marker.evaluate({"extra": ""}):
                waiting.append(needed.name)


def _tops(each: Distribution) -> Iterator[Path]:
    """Its folders and modules at the top of the environment, its own description among them."""
    names = {file.parts[0] for file in each.files or () if file.parts and file.parts[0] not in ("..", "__pycache__")}
    for name in sorted(names):
        path = Path(str(each.locate_file(name)))
        if path.exists() and path.suffix != ".pth":
            yield path
