"""Opening files below a folder so that no link leads out of it, not even one that appears between looking and opening.

A name is resolved first, and judged by where it leads (see `workspace`). What is opened then is that real name, which holds
no link: if the system meets one, somebody has just put it there, and the opening fails.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

_OPENAT2 = 437  # the same on every architecture that this runs on
_NO_MAGICLINKS, _NO_SYMLINKS, _BENEATH = 0x02, 0x04, 0x08
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ATTEMPTS = 5  # EAGAIN: something was renamed while the kernel looked


def open_beneath(root: Path, name: str, flags: int, mode: int = 0o666) -> int:
    """A file descriptor of `root/name`, all of whose parts are real. Raises OSError; ELOOP or ENOTDIR where a part is a link."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    with _Descriptor(os.open(root, _FOLDER)) as folder:
        for _ in range(_ATTEMPTS):
            try:
                return _openat2(folder, name, flags, mode)
            except OSError as error:
                if error.errno == errno.EAGAIN:
                    continue
                # Kernels before 5.6, other systems, and filters that know no such call: part by part, then.
                if error.errno in (errno.ENOSYS, errno.EPERM, errno.EINVAL, errno.E2BIG):
                    break
                raise
        return open_by_parts(folder.number, name, flags, mode)


def open_by_parts(folder: int, name: str, flags: int, mode: int = 0o666) -> int:
    """The same by one call a part, following none; what systems without `openat2` can do."""
    *above, last = _parts(name)
    with _Descriptor(os.dup(folder)) as place:
        for part in above:
            place.become(os.open(part, _FOLDER, dir_fd=place.number))
        return os.open(last, flags | os.O_NOFOLLOW | os.O_CLOEXEC, mode, dir_fd=place.number)


@contextmanager
def folder_beneath(root: Path, name: str) -> Iterator[int]:
    """A descriptor of the folder `root/name`, made with its parents if it is absent. Raises OSError."""
    with _Descriptor(os.open(root, _FOLDER)) as place:
        for part in _parts(name):
            try:
                os.mkdir(part, dir_fd=place.number)
            except FileExistsError:
                pass
            else:
                os.fsync(place.number)  # its name must not be lost with the power, when the file in it is not
            place.become(os.open(part, _FOLDER, dir_fd=place.number))
        yield place.number


class _Descriptor:
    """Closed at the end of a block."""

    def __init__(self, number: int) -> None:
        self.number = number

    def become(self, number: int) -> None:
        os.close(self.number)
        self.number = number

    def __enter__(self) -> "_Descriptor":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.number)


def _parts(name: str) -> list[str]:
    parts = [part for part in PurePosixPath(name).parts if part != "."]
    if ".." in parts or name.startswith("/"):
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), name)
    return parts


def _openat2(folder: _Descriptor, name: str, flags: int, mode: int) -> int:
    if sys.platform != "linux":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    import ctypes  # some milliseconds, which only who opens a file should pay

    class How(ctypes.Structure):
        """`struct open_how` of openat2(2)."""

        _fields_ = (("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64))

    how = How(flags, mode if flags & os.O_CREAT else 0, _BENEATH | _NO_SYMLINKS | _NO_MAGICLINKS)
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.syscall(
        _OPENAT2, ctypes.c_int(folder.number), os.fsencode(name), ctypes.byref(how), ctypes.c_size_t(24)
    )
    if number < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), name)
    return int(number)
