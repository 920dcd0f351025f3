"""The few kernel calls that Python 3.11 has no function for, on x86-64 Linux."""

import ctypes
import os
from pathlib import Path

CLONE_NEWNS, CLONE_FS = 0x00020000, 0x00000200
MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 4096, 16384, 1 << 18, 2, 4
AT_EMPTY_PATH, AT_RECURSIVE, AT_FDCWD = 0x1000, 0x8000, -100
OPEN_TREE_CLONE = 1
MOUNT_ATTR_IDMAP = 0x00100000
RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 0x02, 0x04, 0x08
_OPEN_TREE, _MOVE_MOUNT, _OPENAT2, _MOUNT_SETATTR = 428, 429, 437, 442
_MOVE_MOUNT_F_EMPTY_PATH = 4

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class _MountAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


class _OpenHow(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("flags", "mode", "resolve")]


def own_mounts() -> None:
    """Give the calling thread a mount namespace of its own, from which nothing spreads. Raises OSError."""
    _checked(_libc.unshare(CLONE_NEWNS | CLONE_FS))
    mount(None, Path("/"), None, MS_REC | MS_PRIVATE)


def mount(source: Path | None, target: Path, kind: str | None, flags: int, data: str = "") -> None:
    """Raises OSError."""
    _checked(
        _libc.mount(
            None if source is None else os.fsencode(source),
            os.fsencode(target),
            None if kind is None else kind.encode(),
            ctypes.c_ulong(flags),
            data.encode() if data else None,
        )
    )


def mount_as(source: Path, target: Path, owners: int) -> None:
    """Show a folder with its owners as the user namespace `owners` (a descriptor) maps them. Raises OSError where the file
    system cannot."""
    tree = _checked(_libc.syscall(_OPEN_TREE, AT_FDCWD, os.fsencode(source), OPEN_TREE_CLONE | os.O_CLOEXEC))
    try:
        how = _MountAttr(attr_set=MOUNT_ATTR_IDMAP, userns_fd=owners)
        _checked(_libc.syscall(_MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH, ctypes.byref(how), ctypes.sizeof(how)))
        _checked(_libc.syscall(_MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH))
    finally:
        os.close(tree)


def open_beneath(folder: int, name: str) -> int:
    """A file below an open folder, by a path that no link leads astray. Raises OSError."""
    how = _OpenHow(
        flags=os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW,
        resolve=RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    )
    return _checked(_libc.syscall(_OPENAT2, folder, os.fsencode(name), ctypes.byref(how), ctypes.sizeof(how)))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
