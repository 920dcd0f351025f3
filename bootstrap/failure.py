"""Why a set-up failed, as one sentence with the cure."""

from __future__ import annotations

import errno
import re
import sys
from pathlib import Path


class SetupFailed(Exception):
    """Told to the user as it is; everything else that a set-up raises is a bug."""


NO_NETWORK = re.compile(
    r"NewConnectionError|Failed to establish a new connection|Temporary failure in name resolution|Name or service not known"
    r"|nodename nor servname|Network is unreachable|Connection refused|ConnectTimeoutError|ReadTimeoutError|ProxyError"
    r"|Connection reset by peer|RemoteDisconnected|IncompleteRead|ConnectionError|Connection timed out"
)
NO_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError|certificate verify failed")
NO_SPACE = re.compile(r"No space left on device|\[Errno 28\]|Disk quota exceeded")
NO_RELEASE = re.compile(r"No matching distribution found for (\S+)")
NO_COMPILER = re.compile(r"Failed building wheel for (\S+)|Failed to build (\S+)")


def from_pip(output: str, log: Path) -> SetupFailed:
    """The sentence for a pip that failed.

    A full disk and a dead network make pip say many other things as well, so they go first.
    """
    if NO_SPACE.search(output):
        return disk_full(log.parent)
    if NO_CERTIFICATE.search(output):
        return SetupFailed(
            "pip does not trust the certificate of the package index. Behind a company's proxy, name its certificate file"
            " in PIP_CERT and run this again."
        )
    if NO_NETWORK.search(output):
        return SetupFailed(
            "the package index cannot be reached. Check the network (behind a proxy: HTTPS_PROXY) and run this again:"
            " it goes on where it stopped."
        )
    if missing := NO_RELEASE.search(output):
        return SetupFailed(
            f"the package index has no {missing[1]} for Python {sys.version_info[0]}.{sys.version_info[1]} on this machine"
            f" ({sys.platform}). Python 3.11 to 3.14 on Linux and Apple silicon are supported; what pip said is in {log}."
        )
    if built := NO_COMPILER.search(output):
        return SetupFailed(
            f"{built[1] or built[2]} has no wheel for Python {sys.version_info[0]}.{sys.version_info[1]} on this machine and"
            f" could not be built. Python 3.11 to 3.14 on Linux and Apple silicon are supported; what pip said is in {log}."
        )
    said = (
        next((line for line in reversed(output.splitlines()) if line.startswith("ERROR:")), "")
        .removeprefix("ERROR:")
        .strip()
    )
    return SetupFailed(f"pip failed{f': {said}' if said else ''}. All that it said is in {log}.")


def no_venv(said: str, folder: Path) -> SetupFailed:
    """`python -m venv` failed."""
    if NO_SPACE.search(said):
        return disk_full(folder)
    if denied := re.search(r"\[Errno (\d+)\] (Permission denied|Read-only file system)", said):
        return from_os(OSError(int(denied[1]), denied[2]), folder)
    if "ensurepip" in said or "No module named venv" in said:
        name = f"python{sys.version_info[0]}.{sys.version_info[1]}"
        return SetupFailed(
            f"{sys.executable} cannot make a virtual environment, since its venv or ensurepip module is missing."
            f" On Debian and Ubuntu `sudo apt install {name}-venv` brings both; then run this again."
        )
    last = (said.strip().splitlines() or ["it said nothing"])[-1]
    return SetupFailed(f"`{sys.executable} -m venv` failed: {last}")


def no_pip(python: Path) -> SetupFailed:
    return SetupFailed(
        f"{python} has no pip and ensurepip cannot bring it. Delete {python.parent.parent} and run this again with a Python"
        " that has pip."
    )


def no_room(folder: Path, free: int, needed: int) -> SetupFailed:
    """`free` and `needed` in MB."""
    return SetupFailed(
        f"{folder} has {free:,} MB free, but the set-up needs about {needed:,} MB. Make room and run this again."
    )


def disk_full(folder: Path) -> SetupFailed:
    return SetupFailed(f"the disk of {folder} (or the one for temporary files) is full. Make room and run this again.")


def from_os(error: OSError, folder: Path) -> SetupFailed:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(folder)
    return SetupFailed(
        f"{folder} cannot be written: {error.strerror}. Make it writable, or clone into a folder of your own."
    )
