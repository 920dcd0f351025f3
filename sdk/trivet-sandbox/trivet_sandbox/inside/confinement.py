"""What a process may do to itself, never to be taken back: give up rights, see fewer files, ask the kernel for less.

By Landlock (Linux's `Documentation/userspace-api/landlock.rst`; constants and structures as in `include/uapi/linux/landlock.h`)
and seccomp, on x86-64. Only the standard library.
"""

import base64
import ctypes
import os
import signal
from typing import Any

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 36, 38
_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, _PR_CAPBSET_DROP, _PR_SET_SECUREBITS = 22, 2, 24, 28
_SECUREBITS = 0b1110_1111
"""Root's number gives no rights any more, none are kept over a change of it, and none are handed on; all locked."""
_CAPSET, _CAPABILITY_VERSION = 126, 0x20080522

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH, _CREATE_RULESET_VERSION = 1, 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _MAKE_FIFO, _MAKE_SYM = (1 << bit for bit in (4, 5, 7, 8, 10, 12))
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_FILES_OF_ABI = ((1, (1 << 13) - 1), (2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV))
_NETWORK = 0b11
"""TCP: bind and connect, from ABI 4 on."""
_SCOPES = 0b11
"""Abstract unix sockets and signals, from ABI 6 on."""
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_WRITE = (
    _READ
    | _WRITE_FILE
    | _REMOVE_DIR
    | _REMOVE_FILE
    | _MAKE_DIR
    | _MAKE_REG
    | _MAKE_FIFO
    | _MAKE_SYM
    | _REFER
    | _TRUNCATE
)
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV


class _Ruleset(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("files", "network", "scoped")]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


class _Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


def landlock_abi() -> int:
    """The version that the kernel speaks; 0 if it has no Landlock, or was started without."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)))


def adopt_orphans() -> None:
    _checked(_libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0))


def die_with_parent(parent: int) -> None:
    """Which must be this process."""
    _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        os._exit(1)


def confine(plan: dict[str, Any]) -> None:
    """`plan`: `abi`, `readable` and `writable` (paths), `devices` (to be read and written), `filters` (in base64, each laid
    over those before; the last one may forbid more). Nothing is done for an empty one. Raises OSError."""
    if not plan:
        return
    _give_up_rights()
    _see_only(plan["abi"], plan["readable"], plan["writable"], plan["devices"])
    for each in plan["filters"]:
        _ask_for_less(base64.b64decode(each))


def _give_up_rights() -> None:
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for capability in range(64):
        _libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)  # refused to whoever has none, and beyond the last
    _libc.prctl(_PR_SET_SECUREBITS, _SECUREBITS, 0, 0, 0)  # the same
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0)
    _checked(_libc.syscall(_CAPSET, header, (ctypes.c_uint32 * 6)()))


def _see_only(abi: int, readable: list[str], writable: list[str], devices: list[str]) -> None:
    handled = 0
    for since, rights in _FILES_OF_ABI:
        handled |= rights if abi >= since else 0
    ruleset = _Ruleset(handled, _NETWORK if abi >= 4 else 0, _SCOPES if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    descriptor = _checked(_libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), 0))
    try:
        for paths, rights in ((readable, _READ), (writable, _WRITE), (devices, _READ_FILE | _WRITE_FILE)):
            for path in paths:
                _add(descriptor, path, rights & handled)
        _checked(_libc.syscall(_RESTRICT_SELF, descriptor, 0))
    finally:
        os.close(descriptor)


def _add(ruleset: int, path: str, rights: int) -> None:
    parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = _PathBeneath(rights if os.path.isdir(path) else rights & _OF_A_FILE, parent)
        _checked(_libc.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, ctypes.byref(rule), 0))
    finally:
        os.close(parent)


def _ask_for_less(program: bytes) -> None:
    kept = ctypes.create_string_buffer(program, len(program))
    of = _Filter(len(program) // 8, ctypes.cast(kept, ctypes.c_void_p))
    _checked(_libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(of), 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
