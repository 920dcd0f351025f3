"""Files that a sandbox has left in a workspace, read as if they were a trap."""

import os
import stat
from pathlib import Path

from trivet_sandbox import kernel
from trivet_sandbox.limits import MB

LARGEST = 64 * MB


class ArtifactRefused(Exception):
    """`str()` says which file, and why it is not read."""


def read_file(workspace: Path | str, name: str, largest: int = LARGEST) -> bytes:
    """The content of a regular file below the workspace: reached by no link, with one name, of at most `largest` bytes.

    Raises ArtifactRefused, FileNotFoundError.
    """
    folder = os.open(workspace, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            descriptor = kernel.open_beneath(folder, name)
        except FileNotFoundError:
            raise FileNotFoundError(f"there is no file '{name}' in the workspace") from None
        except (OSError, ValueError) as error:
            raise ArtifactRefused(
                f"'{name}' is not read: its path leaves the workspace or leads over a link"
            ) from error
    finally:
        os.close(folder)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise ArtifactRefused(f"'{name}' is not read: it is no ordinary file")
        if found.st_nlink != 1:
            raise ArtifactRefused(f"'{name}' is not read: it has {found.st_nlink} names, and one may lie elsewhere")
        with open(descriptor, "rb", closefd=False) as file:
            content = file.read(largest + 1)
    finally:
        os.close(descriptor)
    if len(content) > largest:
        raise ArtifactRefused(f"'{name}' is not read: it has more than {largest} bytes")
    return content
