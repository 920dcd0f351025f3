"""Bytes into a file, whole or not at all: for tools that write files of the workspace."""

import contextlib
import os
import threading
from pathlib import Path

from .errors import ToolError


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part; folders are made.

    Raises ToolError with the system's reason if that cannot be.
    """
    part = target.with_name(f".{os.getpid()}-{threading.get_ident()}.part")
    try:
        if not target.parent.is_dir():
            target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except FileExistsError:
        raise ToolError(f"'{target.name}' cannot be written: '{target.parent.name}' is a file.") from None
    except OSError as error:
        raise ToolError(f"'{target.name}' cannot be written: {(error.strerror or str(error)).lower()}.") from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
