"""The probe of an enclosure, run inside: tries what must fail, and says for each promise how it was broken, or an empty text.

`python -I -S worker_canary.py REPLY LIFE FILTER GIVEN`: descriptors, and as JSON what bait lies outside. What a program that
nobody has read must not do either is tried by the other canary's attempts.
"""

import ctypes
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

if __name__ == "__main__":  # the package itself would be imported with all that it has
    _bare = type(sys)("trivet_sandbox")
    _bare.__path__ = [os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
    sys.modules["trivet_sandbox"] = _bare

from trivet_sandbox.inside import canary

GIVEN: dict[str, Any] = json.loads(sys.argv[4])
canary.GIVEN.update(GIVEN)
PATIENCE = 5.0


def files() -> str:
    for name in (GIVEN["file"], GIVEN["shown"], "/etc/passwd"):
        if os.path.exists(name):
            return f"{name} can be seen"
    for name in ("/trivet-canary", "/usr/trivet-canary", "/dev/trivet-canary", "/etc/trivet-canary"):
        try:
            open(name, "w").close()
        except OSError:
            continue
        return f"{name} could be written"
    with open(f"{GIVEN['own']}/file", "w") as file:  # raises if its own folder cannot be written
        file.write("x")
    return ""


def environment() -> str:
    more = set(os.environ) - {"GIVEN", "PWD", "LC_CTYPE"}
    return f"variables are seen: {sorted(more)}" if more or os.environ["GIVEN"] != "x" else ""


def processes() -> str:
    if os.path.exists(f"/proc/{GIVEN['process']}") and GIVEN["process"] > 10:
        return "a process of this machine can be seen"
    try:
        os.kill(GIVEN["process"], 0)
    except ProcessLookupError:
        return "" if os.getpid() < 10 else "it is not alone in its namespace"
    return "a process of this machine can be reached"


def programs() -> str:
    """Tried with the filter that the worker lays over itself."""
    try:
        child = os.fork()
    except OSError:
        child = -1
    if child == 0:
        os._exit(0)
    try:
        os.execv(sys.executable, [sys.executable, "-c", "pass"])
    except OSError:
        return "a process could be started" if child > 0 else ""
    raise AssertionError("it would be another program now")


def filtered() -> None:
    """As `trivet_sdk.worker` does it."""

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

    with open(int(sys.argv[3]), "rb") as file:
        content = file.read()
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(22, 2, ctypes.byref(Program(len(content) // 8, content)), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel takes no filter")


def workspaces(tell: Callable[[dict[str, str]], None]) -> str:
    for word, is_seen in (("show", True), ("hide", False)):
        tell({"ask": word})
        deadline = time.monotonic() + PATIENCE
        while os.path.exists(f"{GIVEN['shown']}/there") != is_seen:
            if time.monotonic() > deadline:
                return f"a folder that was to be {'shown' if is_seen else 'hidden'} was not"
            time.sleep(0.002)
        if not is_seen:
            break
        try:
            open(f"{GIVEN['shown']}/written", "w").close()
        except OSError:
            continue
        return "a folder could be written that was shown to be read"
    return ""


def main() -> None:
    def tell(found: dict[str, str]) -> None:
        os.write(int(sys.argv[1]), json.dumps(found).encode() + b"\n")

    filtered()
    os.close(int(sys.argv[2]))
    attempts = (files, environment, processes, canary.network, programs, canary.kernel, canary.rights)
    tell({each.__name__: canary.tried(each) for each in attempts})
    tell({"workspaces": canary.tried(lambda: workspaces(tell))})


if __name__ == "__main__":
    main()
