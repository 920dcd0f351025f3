"""Environments of their own for plugins: `home/plugins/<id>/<digest>`, made beside and moved into place whole.

An environment in use has a `bin/python`. One that was replaced loses it, so that nothing new starts from it, while what
runs in it goes on; it is removed once nothing does.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import SimpleNamespace

from trivet.packages.installed import Installed, closure, installed

SDK = "trivet-sdk"
_NEW = ".new-"


class _Bare(venv.EnvBuilder):
    """Without pip, and without the scripts that people activate environments with: they would name the place."""

    def setup_scripts(self, context: SimpleNamespace) -> None:
        pass


def folder(home: Path, id: str) -> Path:
    return home / "plugins" / id


def python(environment: Path) -> Path:
    return environment / "bin" / "python"


def site_packages(environment: Path) -> Path:
    return environment / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def in_use(home: Path, id: str) -> tuple[Path, ...]:
    """Environments of a plugin from which it can be started; usually one."""
    try:
        return tuple(
            sorted(path for path in folder(home, id).iterdir() if python(path).exists() and path.name[0] != ".")
        )
    except OSError:
        return ()


def begun(home: Path, id: str) -> Path:
    """A new environment beside the others that holds the SDK, as it is installed here, and what the SDK needs."""
    new = folder(home, id) / f"{_NEW}{os.getpid()}"
    shutil.rmtree(new, ignore_errors=True)
    _Bare(symlinks=os.name != "nt", with_pip=False).create(new)
    for distribution in _sdk_and_needs():
        copy(distribution, site_packages(new))
    return new


def digest(requirement: str, packages: Mapping[str, str], wheel_sha256: str) -> str:
    """Names an environment: the requirement, the resolved versions, the plugin's own wheel and the interpreter."""
    whole = hashlib.sha256()
    interpreter = (sys.implementation.cache_tag, sys.version, sysconfig.get_platform(), sys.base_prefix)
    for part in (requirement, wheel_sha256, *interpreter, *(f"{name}=={packages[name]}" for name in sorted(packages))):
        whole.update(f"{part}\0".encode())
    return whole.hexdigest()[:16]


def relocate(new: Path, final: Path) -> None:
    """Let the scripts and the configuration name the place where the environment is going to be."""
    for path in [new / "pyvenv.cfg", *(new / "bin").iterdir()]:
        if path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if os.fsencode(new) in content and (path.name == "pyvenv.cfg" or content.startswith(b"#!")):
            path.write_bytes(content.replace(os.fsencode(new), os.fsencode(final)))


def switch(home: Path, id: str, wanted: str) -> None:
    """Let `wanted` (a digest, or nothing) be the only environment in use. May be repeated after an interruption."""
    place = folder(home, id)
    if wanted and (place / wanted).exists():
        _revive(place / wanted)
    for environment in in_use(home, id):
        if environment.name != wanted:
            python(environment).unlink()


def sweep(home: Path) -> None:
    """Remove what was replaced and is no longer run, and what an interrupted building left. Call under the lock."""
    plugins = home / "plugins"
    running = _command_lines()
    for place in plugins.iterdir() if plugins.is_dir() else ():
        if place.name.startswith(".") or not place.is_dir():
            continue
        for environment in place.iterdir():
            is_ours = re.fullmatch("[0-9a-f]{16}", environment.name) is not None
            is_gone = environment.name.startswith(_NEW) or (is_ours and not os.path.lexists(python(environment)))
            if is_gone and not any(f"{environment}{os.sep}" in line for line in running):
                shutil.rmtree(environment, ignore_errors=True)
        try:
            place.rmdir()
        except OSError:
            continue  # still in use


def _revive(environment: Path) -> None:
    if not python(environment).exists():
        python(environment).unlink(missing_ok=True)
        python(environment).symlink_to(f"python{sys.version_info.major}.{sys.version_info.minor}")


def _sdk_and_needs() -> Iterable[Installed]:
    taken = closure([SDK], installed())
    return [each for key, each in installed(files_of=taken).items() if key in taken]


def copy(distribution: Installed, destination: Path) -> None:
    """Its files below site-packages, by its record; an editable one is a path file and its metadata."""
    for name in distribution.files:
        source = Path(distribution.location, name)
        if name.startswith(("..", "/")) or "__pycache__" in name or not source.is_file():
            continue
        target = destination / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _command_lines() -> list[str]:
    """Of all processes that this user may see."""
    if os.path.isdir("/proc/self"):
        lines = []
        for process in filter(str.isdigit, os.listdir("/proc")):
            try:
                lines.append(
                    Path("/proc", process, "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                )
            except OSError:
                continue  # it ended while we looked, or is not ours
        return lines
    done = subprocess.run(["ps", "-A", "-o", "args="], capture_output=True, text=True, errors="replace", check=False)
    return done.stdout.splitlines()
