"""An environment of its own for a plugin that is judged: what it needs is copied from here, so that no network is asked."""

import shutil
from pathlib import Path

from packaging.utils import canonicalize_name

from trivet.authoring.project import Project
from trivet.packages import environments
from trivet.packages.installed import Installed, closure, installed

LARGEST = 300_000_000
"""Bytes of requirements that are worth copying for a check."""


class TooLarge(Exception):
    """What it needs has this many bytes."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def environment_for(project: Project, home: Path) -> Path:
    """The Python of a new environment that holds the SDK, the plugin, and what both need. Raises TooLarge."""
    needs = _needs(project)
    size = sum(_size(each) for each in needs)
    if size > LARGEST:
        raise TooLarge(size)
    new = environments.begun(home, project.id)
    site = environments.site_packages(new)
    for distribution in needs:
        environments.copy(distribution, site)
    if project.site is not None:
        shutil.copytree(project.site, site, dirs_exist_ok=True)
    else:
        key = canonicalize_name(project.distribution)
        environments.copy(installed(files_of=(key,))[key], site)
    return environments.python(new)


def _needs(project: Project) -> list[Installed]:
    there = installed()
    taken = closure(project.requirements, there) - closure([environments.SDK], there)
    return [each for key, each in installed(files_of=taken).items() if key in taken]


def _size(distribution: Installed) -> int:
    paths = (Path(distribution.location, name) for name in distribution.files if not name.startswith(("..", "/")))
    return sum(path.stat().st_size for path in paths if path.is_file())
