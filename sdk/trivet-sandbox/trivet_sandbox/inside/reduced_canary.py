"""More of the probe program, for a backend without namespaces. It is run behind `canary.py`, of whose attempts it takes three."""

import ctypes
import json
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trivet_sandbox.inside.canary import environment, kernel, network, tried

    GIVEN: dict[str, Any] = {}


def contents() -> str:
    for name in (GIVEN["file"], f"/proc/{os.getppid()}/status", "/etc/passwd"):
        try:
            with open(name, "rb") as file:
                file.read(1)
        except PermissionError:
            continue
        except FileNotFoundError:
            if name != GIVEN["file"]:
                continue
            raise
        return f"{name} could be read"
    try:
        os.listdir(GIVEN["folder"])
    except PermissionError:
        return ""
    return "a folder of this machine could be listed"


def writing() -> str:
    file, folder = GIVEN["file"], GIVEN["folder"]
    attempts: dict[str, Callable[[], object]] = {
        "written": lambda: open(file, "r+b").close(),
        "cut": lambda: os.truncate(file, 0),
        "removed": lambda: os.unlink(file),
        "renamed": lambda: os.rename(file, f"{file}-2"),
        "moved": lambda: os.rename(file, os.path.join(os.environ["TMPDIR"], "moved")),
        "linked": lambda: os.link(file, os.path.join(os.environ["TMPDIR"], "linked")),
        "made": lambda: open(f"{folder}/new", "w").close(),
        "made as a folder": lambda: os.mkdir(f"{folder}/new"),
        "made as a link": lambda: os.symlink("/", f"{folder}/new"),
        "made in /usr": lambda: open("/usr/trivet-canary", "w").close(),
    }
    for what, attempt in attempts.items():
        try:
            attempt()
        except OSError:
            continue
        return f"a file of this machine could be {what}"
    before = os.stat(file)
    os.chmod(file, 0o777)
    os.utime(file, (1, 1))
    after = os.stat(file)
    if (before.st_mode, before.st_mtime_ns) != (after.st_mode, after.st_mtime_ns):
        return "mode and times of a file of this machine could be changed"
    return ""


def memory() -> str:
    for name in ("environ", "mem", "maps", "fd/0"):
        try:
            open(f"/proc/{GIVEN['process']}/{name}", "rb").close()
        except OSError:
            continue
        return f"/proc/PID/{name} of another process can be opened"
    for name in ("cwd", "root", "exe"):
        try:
            os.readlink(f"/proc/{GIVEN['process']}/{name}")
        except OSError:
            continue
        return f"/proc/PID/{name} of another process can be followed"
    return ""


def privileges() -> str:
    library = ctypes.CDLL(None, use_errno=True)
    held = (ctypes.c_uint32 * 6)()
    library.syscall(125, (ctypes.c_uint32 * 2)(0x20080522, 0), held)  # capget, version 3
    if any(held):
        return "it has capabilities"
    if os.getuid() == 0 and any(library.prctl(23, number, 0, 0, 0) == 1 for number in range(41)):  # PR_CAPBSET_READ
        return "it may get capabilities"
    if library.prctl(39, 0, 0, 0, 0) != 1:  # PR_GET_NO_NEW_PRIVS
        return "it may gain rights"
    path = os.path.join(os.environ["TMPDIR"], "trivet-canary")
    with open(path, "w") as file:
        for of in (file.fileno(), path):
            with suppress(OSError):
                os.chmod(of, 0o4755)
        return "it can make a setuid file" if os.fstat(file.fileno()).st_mode & 0o6000 else ""


def bounds() -> str:
    for name, bound in GIVEN["bounds"].items():
        if resource.getrlimit(getattr(resource, name))[1] != bound:
            return f"{name} is not set"
    return "RLIMIT_NPROC is not set" if resource.getrlimit(resource.RLIMIT_NPROC)[1] == resource.RLIM_INFINITY else ""


def signals() -> str:
    try:
        os.kill(GIVEN["process"], 0)
    except OSError:
        return ""
    return "a process of this machine can be signalled"


def names() -> str:
    return "that a file is there, its size and its times can be asked for" if os.path.exists(GIVEN["file"]) else ""


def processes() -> str:
    return "process ids are the machine's own" if os.getppid() > 1 else ""


def machine() -> str:
    return "the machine's name can be asked for" if os.uname().nodename == GIVEN["name"] else ""


def user() -> str:
    return "trivet was started by root, and so is root's number theirs" if os.getuid() == 0 else ""


ATTEMPTS = (
    contents,
    writing,
    environment,
    memory,
    network,
    kernel,
    privileges,
    bounds,
    signals,
    names,
    processes,
    machine,
    user,
)
print()
print(json.dumps({each.__name__: tried(each) for each in ATTEMPTS}))
