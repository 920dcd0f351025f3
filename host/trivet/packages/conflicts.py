"""Whether what wheels would bring belongs to somebody already: files, commands, ids of plugins. Asked before any change."""

import sysconfig
from collections.abc import Iterable
from pathlib import Path

from packaging.utils import canonicalize_name

from trivet.errors import InstallError
from trivet.packages import record, startup_code, trust
from trivet.packages.installed import installed
from trivet.packages.wheel import WheelContents, content_of
from trivet_sdk.manifest import ENTRY_POINTS


def refuse_conflicts(what: str, wheels: Iterable[WheelContents], site: Path | None, home: Path) -> None:
    """Each wheel against the others, and against what lies in `site`; None stands for a new environment. Raises
    InstallError."""
    wheels = tuple(wheels)
    new = {wheel.key for wheel in wheels}
    asked = record.read(home)
    known = {*asked, *(name for each in asked.values() for name in each.brought)}
    commands = Path(sysconfig.get_path("scripts"))
    there = {path.name for path in commands.iterdir()} if site is not None and commands.is_dir() else set()
    owners: dict[str, str] = {}
    brought: dict[str, str] = {}
    if site is not None and any(
        there.intersection(wheel.scripts) or any((site / file).exists() for file in wheel.files) for wheel in wheels
    ):
        everything = installed([site], files_of=installed([site]))
        for key, each in everything.items():
            owners |= {file.casefold(): key for file in each.files if key not in new}
            brought |= {file.rpartition("/")[2]: key for file in each.files if file.startswith("../")}
    for script in there - brought.keys():
        # What is left of a plugin after its files were lost is still its own; `sync` puts both back.
        if mine := next((wheel.key for wheel in wheels if script in wheel.scripts and wheel.key in known), ""):
            brought[script] = mine
    for wheel in wheels:
        files = [file for file in wheel.files if not _is_shared(wheel, file, site)]
        startup_code.refuse_overwriting(what, wheel.key, files, owners)
        startup_code.refuse_commands(what, wheel.key, wheel.scripts, brought, there)
        owners |= dict.fromkeys((file.casefold() for file in files), wheel.key)
        brought |= dict.fromkeys(wheel.scripts, wheel.key)
        there |= set(wheel.scripts)


def refuse_taken(what: str, wheel: WheelContents, home: Path) -> None:
    """An id is that of one distribution: a second one would put the first out of service. Raises InstallError."""
    import importlib_metadata

    owners = {
        point.name: (point.dist.name, point.dist.version)
        for point in importlib_metadata.entry_points(group=ENTRY_POINTS)
        if point.dist is not None and canonicalize_name(point.dist.name) != wheel.key
    }
    for name, asked in record.read(home).items():
        if asked.environment and name != wheel.key:
            owners |= dict.fromkeys(asked.plugins, (name, asked.version))
    for id in sorted(wheel.plugins):
        if id in owners:
            name, version = owners[id]
            cure = (
                "" if trust.is_first_party(id, name) else f" `trivet plugins uninstall {id}` takes that one away first."
            )
            raise InstallError(
                what, f"its id '{id}' is taken by {name} {version}, and ids are unique. Nothing was installed.{cure}"
            )


def _is_shared(wheel: WheelContents, file: str, site: Path | None) -> bool:
    """An empty `__init__.py`, as families of packages bring it each (nvidia-*): it takes nothing from anybody."""
    if not file.endswith("/__init__.py") or file.startswith("trivet") or content_of(wheel, file):
        return False
    return site is None or not (site / file).exists() or not (site / file).stat().st_size
