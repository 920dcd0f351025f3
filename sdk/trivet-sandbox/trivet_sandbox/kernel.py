"""The few kernel calls that Python 3.11 has no function for, on x86-64 Linux."""

import ctypes
import os

CLONE_NEWNS, CLONE_NEWUSER, CLONE_FS = 0x00020000, 0x10000000, 0x00000200
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 32, 4096, 16384
MS_PRIVATE, MS_SLAVE = 1 << 18, 1 << 19
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
AT_EMPTY_PATH, AT_RECURSIVE, AT_FDCWD = 0x1000, 0x8000, -100
OPEN_TREE_CLONE = 1
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV, MOUNT_ATTR_IDMAP = 1, 2, 4, 0x00100000
NS_GET_USERNS = 0xB701
RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH = 0x02, 0x04, 0x08
_OPEN_TREE, _MOVE_MOUNT, _OPENAT2, _MOUNT_SETATTR = 428, 429, 437, 442
_MOVE_MOUNT_F_EMPTY_PATH = 4

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

Name = str | os.PathLike[str]


class _MountAttr(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("attr_set", "attr_clr", "propagation", "userns_fd")]


class _OpenHow(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("flags", "mode", "resolve")]


def own_mounts() -> None:
    """Give the calling thread a mount namespace of its own, from which nothing spreads. Raises OSError."""
    _checked(_libc.unshare(CLONE_NEWNS | CLONE_FS))
    mount(None, "/", None, MS_REC | MS_PRIVATE)


def unshare(flags: int) -> None:
    """Raises OSError."""
    _checked(_libc.unshare(flags))


def mount(source: Name | None, target: Name, kind: str | None, flags: int, data: str = "") -> None:
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


def unmount(target: Name) -> None:
    """Take away what was mounted last at a place, and what is mounted below. Raises OSError."""
    _checked(_libc.umount2(os.fsencode(target), MNT_DETACH))


def mount_as(source: Name, target: Name, owners: int) -> None:
    """Show a folder with its owners as the user namespace `owners` (a descriptor) maps them. Raises OSError where the file
    system cannot."""
    tree = tree_of(source)
    try:
        set_attributes(tree, MOUNT_ATTR_IDMAP, owners)
        move_tree(tree, target)
    finally:
        os.close(tree)


def tree_of(source: Name, flags: int = 0) -> int:
    """A folder or file as a mount that is at no place yet; with `AT_RECURSIVE`, what is mounted below comes along. Raises
    OSError."""
    flags |= OPEN_TREE_CLONE | os.O_CLOEXEC
    return _checked(_libc.syscall(_OPEN_TREE, AT_FDCWD, os.fsencode(source), flags))


def set_attributes(tree: int, attributes: int, owners: int = 0, flags: int = 0) -> None:
    """Raises OSError."""
    how = _MountAttr(attr_set=attributes, userns_fd=owners)
    size = ctypes.sizeof(how)
    _checked(_libc.syscall(_MOUNT_SETATTR, tree, b"", AT_EMPTY_PATH | flags, ctypes.byref(how), size))


def move_tree(tree: int, target: Name) -> None:
    """Give the mount its place in this process's mount namespace. Raises OSError."""
    _checked(_libc.syscall(_MOVE_MOUNT, tree, b"", AT_FDCWD, os.fsencode(target), _MOVE_MOUNT_F_EMPTY_PATH))


def enter(namespace: int, kind: int) -> None:
    """`setns`. Raises OSError."""
    _checked(_libc.setns(namespace, kind))


def owner_of(namespace: int) -> int:
    """The user namespace that another one belongs to, as a descriptor. Raises OSError."""
    return _checked(_libc.ioctl(namespace, NS_GET_USERNS))


def prctl(option: int, value: int) -> None:
    _libc.prctl(option, value, 0, 0, 0)


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
