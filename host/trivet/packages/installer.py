"""The installer of this machine, as a child process: pip, the pip that Python bundles, or a pip that uv brings.

Which index packages come from is the installer's own configuration (`PIP_INDEX_URL`, `PIP_FIND_LINKS`, pip.conf).
"""

import glob
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from trivet.errors import InstallError

Progress = Callable[[str], None]
"""Told what goes on, in a few words."""

UNREACHABLE = (
    "the package index cannot be reached. Check the network and pip's settings (PIP_INDEX_URL, PIP_PROXY), "
    "or point PIP_FIND_LINKS at a folder that holds the wheel."
)
_NETWORK = (
    "Failed to establish a new connection", "Temporary failure in name resolution", "Name or service not known",
    "ConnectTimeoutError", "ReadTimeoutError", "Read timed out", "ConnectionResetError", "ProxyError", "RemoteDisconnected",
    "Network is unreachable", "nodename nor servname", "dns error", "Connection refused", "client error (Connect)",
)  # fmt: skip
_UNITS = {"bytes": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_QUIET = ("--no-input", "--disable-pip-version-check", "--progress-bar=off", "--retries=1", "--no-color")
_TOLD = re.compile(r"\s*(?:(Downloading|Using cached) (?:\S*/)?([^/\s]+ \([^)]*\))|(Building wheel) for (\S+))")


def pip_command() -> list[str] | None:
    """How pip is run here: the environment's own, else the wheel that ensurepip carries (environments made without pip)."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-P", "-m", "pip"]
    folders = [sysconfig.get_config_var("WHEEL_PKG_DIR"), "/usr/share/python-wheels"]
    bundled = importlib.util.find_spec("ensurepip")
    if bundled is not None and bundled.origin is not None:
        folders.insert(0, os.path.join(os.path.dirname(bundled.origin), "_bundled"))
    for folder in filter(None, folders):
        wheels = sorted(glob.glob(os.path.join(glob.escape(str(folder)), "pip-*.whl")))
        if wheels:
            return [sys.executable, "-P", os.path.join(wheels[-1], "pip")]
    return None


def installing_command(what: str, python: Path) -> list[str]:
    """pip at work on `python`'s environment. Raises InstallError if this machine has neither pip nor uv."""
    is_own = os.path.abspath(python) == os.path.abspath(sys.executable)
    if pip := pip_command():
        return pip if is_own else [*pip, "--python", str(python)]
    if uv := shutil.which("uv"):
        return [uv, "tool", "run", "--quiet", "pip", "--python", str(python)]
    raise InstallError(
        what, f"installing needs pip or uv, and this Python ({sys.executable}) has neither. Install one of them."
    )


class Installer:
    """pip for one environment. `constraints` is a file that is honoured beside pip's own configuration."""

    def __init__(self, python: Path, progress: Progress, constraints: Sequence[Path] = ()) -> None:
        self.python = python
        self._progress = progress
        self._constraints = [part for path in constraints for part in ("--constraint", str(path))]

    def wheel(self, what: str, folder: Path, *, allow_build: bool) -> Path:
        """The wheel of one requirement or source folder, without what it needs, in `folder`. Raises InstallError.

        Without `allow_build`, nothing of a package is run: building a source distribution runs its code.
        """
        before = set(folder.glob("*.whl"))
        binary = () if allow_build else ("--only-binary=:all:",)
        self.run(what, "wheel", "--no-deps", "--wheel-dir", str(folder), *binary, *self._constraints, what)
        made = set(folder.glob("*.whl")) - before
        if len(made) != 1:
            raise InstallError(what, f"the installer made {len(made)} wheels of it instead of one.")
        return made.pop()

    def fetch(self, what: str, requirements: Sequence[str], folder: Path, *, allow_build: bool) -> None:
        """The wheels of exactly these, without what they need, in `folder`."""
        binary = () if allow_build else ("--only-binary=:all:",)
        self.run(what, "wheel", "--no-deps", "--wheel-dir", str(folder), *binary, *requirements)

    def report(
        self, what: str, requirements: Sequence[str], file: Path, *, allow_build: bool
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """What `pip install` would do, changing nothing: its installation report, and the sizes in bytes of what it would
        fetch by canonical name, as far as it tells them."""
        binary = () if allow_build else ("--only-binary=:all:",)
        said = self.run(what, "install", "--dry-run", "--report", str(file), *binary, *self._constraints, *requirements)
        report: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return report, told_sizes(said)

    def put(self, what: str, requirements: Sequence[str], folder: Path, lock: int) -> None:
        """Install exactly these `name==version`, whose wheels lie in `folder`. Nothing is fetched, so that it takes
        seconds; neither the keyboard nor the end of this process stops it half way. `lock` stays held until it ends."""
        options = ("--no-index", "--no-deps", "--find-links", str(folder))
        is_own = os.path.abspath(self.python) == os.path.abspath(sys.executable)
        if (uv := shutil.which("uv")) and not is_own:
            self._call(
                what,
                [uv, "pip", "install", "--link-mode=copy", "--python", str(self.python), *options, *requirements],
                lock=lock,
            )
        else:
            self.run(
                what, "install", *options, "--force-reinstall", "--no-warn-script-location", *requirements, lock=lock
            )

    def take(self, what: str, names: Sequence[str], lock: int) -> None:
        """Uninstall these distributions; those that are not there are no mistake."""
        self.run(what, "uninstall", "--yes", *names, lock=lock)

    def run(self, what: str, command: str, *arguments: str, lock: int | None = None) -> str:
        """Raises InstallError with what went wrong. With `lock`, isolated from the user's configuration and keyboard."""
        options = _QUIET[:2] if command == "uninstall" else _QUIET
        return self._call(what, [*installing_command(what, self.python), command, *options, *arguments], lock=lock)

    def _call(self, what: str, command: Sequence[str], lock: int | None) -> str:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "ignore", "PIP_USER": "0"}
        environment.pop("PIP_REQUIRE_VIRTUALENV", None)
        if lock is not None:
            environment = {name: value for name, value in environment.items() if not name.startswith(("PIP_", "UV_"))}
            environment["PIP_CONFIG_FILE"] = os.devnull
            environment["UV_NO_CONFIG"] = "1"
        said: list[str] = []
        with _deaf() if lock is not None else nullcontext():
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment,
                text=True, encoding="utf-8", errors="replace", start_new_session=lock is not None,
                pass_fds=() if lock is None else (lock,),
            )  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                said.append(line)
                if told := _TOLD.match(line):
                    self._progress(f"{told[1] or told[3]} {told[2] or told[4]}")
        finally:
            if process.poll() is None and lock is None:
                process.terminate()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        output = "".join(said)
        if process.returncode != 0:
            raise InstallError(what, explained(output))
        return output


@contextmanager
def undisturbed() -> Iterator[None]:
    """Ctrl-C is kept for later: raised when the scope is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    pressed: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        raise KeyboardInterrupt


@contextmanager
def _deaf() -> Iterator[None]:
    """A child that begins here never hears Ctrl-C: until it has a session of its own it is in the keyboard's group, and
    what reaches it there would kill it before its first instruction. This thread hears it when the scope is left."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def is_about_network(said: str) -> bool:
    return any(sign in said for sign in _NETWORK)


def told_sizes(said: str) -> dict[str, int]:
    """Bytes by canonical name, from pip's lines about wheels."""
    found = re.findall(
        r"(?:Downloading|Using cached) (?:\S*/)?([^/\s-]+)-[^/\s]*\.whl \(([\d.]+) (bytes|kB|MB|GB)\)", said
    )
    return {canonicalize_name(name): int(float(number) * _UNITS[unit]) for name, number, unit in found}


def last_errors(said: str) -> str:
    """The last two lines in which the installer complains, or its last line."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith(("ERROR", "error", "×", "╰─▶"))] or lines[-1:]
    return " ".join(errors[-2:]) or "it gave no reason"


def explained(said: str) -> str:
    """One sentence out of what pip printed."""
    if "externally-managed-environment" in said:
        return (
            "trivet's own environment belongs to the system's package manager, which lets pip change nothing there. "
            "Give the plugin an environment of its own with --isolation venv, or install trivet itself in one."
        )
    if "No space left on device" in said or "disk quota" in said.lower():
        return "the disk is full. Make room and try again."
    if "Permission denied" in said or "Read-only file system" in said:
        return "trivet's own environment cannot be written. Give the plugin an environment of its own with --isolation venv."
    if conflict := _conflict(said):
        return f"its requirements contradict each other: {conflict}."
    if different := re.search(
        r"(?:Package '?(\S+?)'?|(\S+)) requires a different Python: (\S+) not in '?([^'\n]+)'?", said
    ):
        return f"it needs Python {different[4].strip()}, and this is Python {different[3]}."
    if is_about_network(said):
        return UNREACHABLE
    if missing := re.search(r"No matching distribution found for (.+?)(?: \(from .+\))?$", said, re.MULTILINE):
        return (
            f"the package index has no wheel of {missing[1].strip()} for this machine. Check the name; where there are only "
            "sources, --allow-build builds them, which runs their code at once."
        )
    return f"the installer says: {last_errors(said)}"


def _conflict(said: str) -> str:
    if "conflict is caused by:" not in said:
        return ""
    lines = said.partition("conflict is caused by:")[2].splitlines()[1:]
    taken: list[str] = []
    for line in lines:
        if not line.strip():
            break
        taken.append(line.strip())
    return "; ".join(taken)
