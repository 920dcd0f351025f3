"""Where `bfcl-eval` lies: one wheel, unpacked into the home's cache, without any of the hundred packages that it wants."""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from trivet.errors import InstallError
from trivet.folders import make_folder

VERSION = "2026.3.23"
REQUIREMENT = f"bfcl-eval=={VERSION}"
SIZE = 1_925_664
"""Bytes of the wheel."""


def place(home: Path) -> Path:
    """The folder that holds the package `bfcl_eval`, there or not."""
    return home / "cache" / f"bfcl-eval-{VERSION}"


def is_present(home: Path) -> bool:
    return place(home).is_dir()


def fetch(home: Path, progress: Callable[[str], None]) -> Path:
    """Unpack it there, whole or not at all. Raises InstallError, OSError where the home cannot be written."""
    from trivet.packages.installer import Installer

    final = place(home)
    make_folder(final.parent)
    with tempfile.TemporaryDirectory(dir=final.parent, prefix=".bfcl-") as scratch:
        wheels, unpacked = Path(scratch) / "wheel", Path(scratch) / "unpacked"
        wheels.mkdir()
        Installer(Path(sys.executable), progress).fetch(REQUIREMENT, [REQUIREMENT], wheels, allow_build=False)
        for wheel in wheels.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(unpacked)
        if not (unpacked / "bfcl_eval" / "data").is_dir():
            raise InstallError(REQUIREMENT, "the package holds no bfcl_eval/data, so it is not the one that was meant.")
        shutil.rmtree(final, ignore_errors=True)
        os.replace(unpacked, final)
    return final
