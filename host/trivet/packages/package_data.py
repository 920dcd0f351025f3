"""Files inside an installed package, read through its loader and without importing it.

Only top-level names are looked up: `find_spec("pkg.sub")` would import `pkg`. The loader's `get_data` also reads
wheels and zip files on the path, which have no directory to open. `path` stands for the search path of another
environment; without it, it is this program's own.
"""

import importlib.util
import os
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path

from trivet_sdk.errors import TrivetError


class PackageUnreadable(TrivetError):
    def __init__(self, package: str, reason: str) -> None:
        super().__init__(package, reason)
        self.package, self.reason = package, reason

    def __str__(self) -> str:
        return f"package '{self.package}' {self.reason}"


def locate(package: str, path: Sequence[str] | None = None) -> ModuleSpec:
    """The spec of a regular top-level package. Raises PackageUnreadable if it is none."""
    try:
        spec = importlib.util.find_spec(package) if path is None else PathFinder.find_spec(package, list(path))
    except (ImportError, ValueError, AttributeError) as error:
        raise PackageUnreadable(package, f"cannot be located: {error}") from None
    if spec is None:
        raise PackageUnreadable(package, "is not importable, though its distribution is installed. Reinstall it.")
    if spec.submodule_search_locations is None:
        raise PackageUnreadable(package, "is a single module; only a package can hold a manifest.")
    if spec.origin is None or spec.loader is None:
        raise PackageUnreadable(package, "is a namespace package, which cannot hold a manifest. Add an __init__.py.")
    return spec


def read(package: str, name: str, path: Sequence[str] | None = None) -> bytes:
    """A file of the package; `name` uses forward slashes. Raises FileNotFoundError or PackageUnreadable."""
    spec = locate(package, path)
    get_data = getattr(spec.loader, "get_data", None)
    if get_data is None:
        raise PackageUnreadable(package, f"is loaded by {type(spec.loader).__name__}, which cannot read package data.")
    try:
        content = get_data(os.path.join(os.path.dirname(spec.origin or ""), *name.split("/")))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise FileNotFoundError(name) from error
    return bytes(content)


def directory(package: str, path: Sequence[str] | None = None) -> Path | None:
    """The package's directory, or None if it lies inside an archive."""
    folder = Path(os.path.dirname(locate(package, path).origin or ""))
    return folder if folder.is_dir() else None


def archive(package: str, path: Sequence[str] | None = None) -> Path | None:
    """The wheel or zip file that the package lies in, or None."""
    return next((parent for parent in Path(locate(package, path).origin or "").parents if parent.is_file()), None)
