"""The probe program: tries what must fail, and prints for each promise how it was broken, or an empty text.

Runs inside of the sandbox, as any program does. `GIVEN` is written before it: what bait lies outside.
"""

import ctypes
import errno
import json
import os
import resource
import socket
from collections.abc import Callable
from typing import Any

GIVEN: dict[str, Any] = globals().get("GIVEN", {})
_SEEN = {"bin", "dev", "lib", "lib32", "lib64", "opt", "sbin", "tmp", "usr", "workspace"}
_REFUSED = {"unshare": 272, "ptrace": 101, "mount": 165, "bpf": 321, "keyctl": 250, "userfaultfd": 323, "setns": 308,
            "perf_event_open": 298, "open_by_handle_at": 304, "process_vm_readv": 310, "init_module": 175,
            "add_key": 248, "kexec_load": 246, "reboot": 169}  # fmt: skip
_UNKNOWN = {"clone3": 435, "io_uring_setup": 425, "openat2": 437}


def files() -> str:
    if os.path.exists(GIVEN["file"]):
        return "a file of this machine can be seen"
    more = set(os.listdir("/")) - _SEEN
    return f"there is more in / than there should be: {sorted(more)}" if more else ""


def writing() -> str:
    for name in ("/trivet-canary", "/usr/trivet-canary", "/dev/trivet-canary", "/opt/trivet-canary"):
        try:
            open(name, "w").close()
        except OSError:
            continue
        return f"{name} could be written"
    return ""


def environment() -> str:
    more = set(os.environ) - set(GIVEN["variables"])
    return f"variables are seen: {sorted(more)}" if more else ""


def processes() -> str:
    try:
        os.kill(GIVEN["process"], 0)
    except ProcessLookupError:
        return "" if os.getpid() < 10 else "it is not alone in its namespace"
    except PermissionError:
        pass
    return "a process of this machine can be reached"


def network() -> str:
    for family, address in ((socket.AF_INET, ("127.0.0.1", GIVEN["port"])), (socket.AF_UNIX, GIVEN["socket"])):
        try:
            with socket.socket(family) as opened:
                opened.connect(address)
        except OSError:
            continue
        return f"a socket of this machine answers at {address!r}"
    return ""


def kernel() -> str:
    call = ctypes.CDLL(None, use_errno=True).syscall
    for names, expected in ((_REFUSED, errno.EPERM), (_UNKNOWN, errno.ENOSYS)):
        for name, number in names.items():
            if call(number, 0, 0, 0, 0, 0, 0) != -1 or ctypes.get_errno() != expected:
                return f"the kernel call {name} is not refused"
    return ""


def rights() -> str:
    library = ctypes.CDLL(None, use_errno=True)
    held = (ctypes.c_uint32 * 6)()
    library.syscall(125, (ctypes.c_uint32 * 2)(0x20080522, 0), held)  # capget, version 3
    if any(held):
        return "it has capabilities"
    if os.getuid() == 0 or library.prctl(39, 0, 0, 0, 0) != 1:
        return "it may gain rights"
    with open("/tmp/trivet-canary", "w") as file:
        try:
            os.fchmod(file.fileno(), 0o4755)
        except OSError:
            return ""
    return "it can make a setuid file"


def limits() -> str:
    names = ("RLIMIT_DATA", "RLIMIT_NPROC", "RLIMIT_NOFILE", "RLIMIT_FSIZE")
    for name, bound in zip(names, GIVEN["limits"], strict=True):
        if resource.getrlimit(getattr(resource, name))[1] != bound:
            return f"{name} is not set"
    return ""


def tried(attempt: Callable[[], str]) -> str:
    try:
        return attempt()
    except BaseException as error:  # an attempt that could not be made proves nothing
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    print(
        json.dumps(
            {
                each.__name__: tried(each)
                for each in (files, writing, environment, processes, network, kernel, rights, limits)
            }
        )
    )
