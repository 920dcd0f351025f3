"""The mark that a downloaded file bears, and that goes with its content."""

import contextlib
import os
from pathlib import Path
from typing import BinaryIO

ORIGIN = "user.xdg.origin.url"
"""The extended attribute in which browsers, `curl --xattr` and web.download leave a file's address (freedesktop.org, Common
extended attributes)."""
_LONGEST = 2000
"""Bytes; some file systems keep no more than 4 KB of all attributes of a file."""


def origin_of(file: BinaryIO | int) -> str:
    """The address from which an open file was downloaded; empty if nothing says so, or the file system keeps no such marks."""
    if not hasattr(os, "getxattr"):
        return ""
    try:
        return os.getxattr(_number(file), ORIGIN).decode("utf-8", "replace") or "unknown"
    except OSError:
        return ""


def is_marked(path: Path) -> bool:
    """Whether the file there was downloaded; costs a microsecond."""
    if not hasattr(os, "getxattr"):
        return False
    try:
        os.getxattr(path, ORIGIN)
    except OSError:
        return False
    return True


def mark_origin(file: BinaryIO | int, url: str) -> None:
    """Leave the address in an open file of one's own. Where the file system keeps no such marks, nothing happens."""
    if hasattr(os, "setxattr"):
        with contextlib.suppress(OSError):
            os.setxattr(_number(file), ORIGIN, url.encode("utf-8", "replace")[:_LONGEST])


def _number(file: BinaryIO | int) -> int:
    return file if isinstance(file, int) else file.fileno()
