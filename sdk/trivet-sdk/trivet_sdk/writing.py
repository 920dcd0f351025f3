"""Files of a workspace, written so that a reader sees the old or the new content, never a part."""

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from .beneath import folder_beneath
from .errors import ToolError
from .origin import mark_origin, origin_of


@contextmanager
def replacing(root: Path, name: str) -> Iterator[BinaryIO]:
    """A file to write; at the end of the block it takes the place of `root/name`, whole and durable, with the mode of the
    file that was there and, if it had been downloaded, with the mark that says so. If the block raises, nothing has
    happened. Folders are made.

    `name` is a real one: see `Workspace.writing`. Raises ToolError with the system's reason if that cannot be.
    """
    place = PurePosixPath(name)
    part = f".{os.getpid()}-{secrets.token_hex(4)}.part"
    with _told(place), contextlib.ExitStack() as stack:
        root.mkdir(parents=True, exist_ok=True)
        folder = stack.enter_context(folder_beneath(root, place.parent.as_posix()))
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with os.fdopen(os.open(part, flags, 0o666, dir_fd=folder), "wb") as file:
            stack.callback(_forgotten, part, folder)
            with contextlib.suppress(FileNotFoundError):
                before = os.stat(place.name, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISREG(before.st_mode):
                    os.fchmod(file.fileno(), stat.S_IMODE(before.st_mode) & 0o777)
                    _keep_origin(place.name, folder, file)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, place.name, src_dir_fd=folder, dst_dir_fd=folder)
        os.fsync(folder)


def removed(root: Path, name: str) -> None:
    """Take the file `root/name` away, durably; `name` is a real one. Raises ToolError with the system's reason."""
    place = PurePosixPath(name)
    try:
        with folder_beneath(root, place.parent.as_posix()) as folder:
            os.unlink(place.name, dir_fd=folder)
            os.fsync(folder)
    except OSError as error:
        raise ToolError(f"'{place.name}' cannot be removed: {(error.strerror or str(error)).lower()}.") from None


def _keep_origin(name: str, folder: int, file: BinaryIO) -> None:
    with contextlib.suppress(OSError):
        before = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
        try:
            if origin := origin_of(before):
                mark_origin(file, origin)
        finally:
            os.close(before)


def _forgotten(part: str, folder: int) -> None:
    with contextlib.suppress(OSError):
        os.unlink(part, dir_fd=folder)


@contextmanager
def _told(place: PurePosixPath) -> Iterator[None]:
    try:
        yield
    except (FileExistsError, NotADirectoryError):
        raise ToolError(f"'{place.name}' cannot be written: '{place.parent.name}' is a file.") from None
    except OSError as error:
        raise ToolError(f"'{place.name}' cannot be written: {(error.strerror or str(error)).lower()}.") from None
