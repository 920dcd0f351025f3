"""The packages that settings name, as a folder of the plugin's cache: which one it is, and what is in it. Pure but for reading.

`<digest>/site` holds the packages, `<digest>/built.json` says what they are; `current` names the digest that was built last.
"""

import contextlib
import hashlib
import os
import platform
import shutil
import sys
import time
from pathlib import Path

import msgspec
from packaging.requirements import InvalidRequirement, Requirement

KEPT = 14 * 24 * 3600
"""Seconds after which an environment that nobody has used is removed."""
NEW = ".new-"
"""What the name of a folder begins with that is being filled."""


class Built(msgspec.Struct, frozen=True, kw_only=True):
    requirements: tuple[str, ...]
    python: str
    packages: dict[str, str]
    """Name -> version, of all that was installed."""


class Unreadable(ValueError):
    """`str()` says which requirement, and what one looks like."""


def checked(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """In the form that two lists of the same meaning share. Raises Unreadable."""
    found: set[str] = set()
    for each in requirements:
        try:
            requirement = Requirement(each)
        except InvalidRequirement:
            raise Unreadable(f"'{each}' among `packages` is no requirement, such as numpy or \"numpy>=2\"") from None
        if requirement.url:
            raise Unreadable(
                f"'{each}' among `packages` names an address. Packages are taken by name, as wheels; a folder that PIP_FIND_LINKS"
                " names may hold the wheel"
            )
        found.add(str(requirement))
    return tuple(sorted(found))


class Place:
    """Where the environment of these requirements lies; `is_built` once it is whole."""

    def __init__(self, folder: Path, requirements: tuple[str, ...]) -> None:
        self.requirements = requirements
        self.folder = folder
        self.digest = _digest(requirements)
        self.root = folder / self.digest

    @property
    def site(self) -> Path:
        return self.root / "site"

    @property
    def is_built(self) -> bool:
        return (self.root / "built.json").is_file()

    def publish(self, new: Path, packages: dict[str, str]) -> None:
        """`new`, a folder beside it that holds `site`, becomes it: whole or not at all. Raises OSError."""
        built = Built(requirements=self.requirements, python=platform.python_version(), packages=packages)
        (new / "built.json").write_bytes(msgspec.json.encode(built))
        if not self.is_built:
            shutil.rmtree(self.root, ignore_errors=True)
            new.rename(self.root)
        current = self.folder / f"{NEW}current-{os.getpid()}"
        current.write_text(self.digest)
        current.replace(self.folder / "current")

    def former(self) -> Path | None:
        """The `site` of the environment that was built last, for other requirements than these."""
        with contextlib.suppress(OSError):
            digest = (self.folder / "current").read_text()
            if (self.folder / digest / "built.json").is_file():
                return self.folder / digest / "site"
        return None

    def use(self) -> None:
        """Note that it is used, so that it stays."""
        with contextlib.suppress(OSError):
            os.utime(self.root / "built.json")

    def sweep(self) -> None:
        """Remove what was never finished, and what nobody has used for long. Only whoever holds the folder's lock may."""
        with contextlib.suppress(OSError):
            kept = {self.digest, (self.folder / "current").read_text() if (self.folder / "current").exists() else ""}
            for each in self.folder.iterdir():
                if each.is_dir() and (each.name.startswith(NEW) or (each.name not in kept and _is_old(each))):
                    shutil.rmtree(each, ignore_errors=True)


def _is_old(root: Path) -> bool:
    try:
        return (root / "built.json").stat().st_mtime < time.time() - KEPT
    except OSError:
        return True


def _digest(requirements: tuple[str, ...]) -> str:
    """Whatever decides which wheels fit."""
    python = (sys.implementation.cache_tag, os.path.realpath(sys.base_prefix), platform.machine(), platform.libc_ver())
    return hashlib.sha256(repr((requirements, python)).encode()).hexdigest()[:32]
