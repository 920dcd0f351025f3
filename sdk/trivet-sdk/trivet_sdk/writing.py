"""Bytes into a file, whole or not at all: for tools that write files of the workspace."""

import os
import threading
from pathlib import Path


def write_whole(target: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old or the new content, never a part; folders are made."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
