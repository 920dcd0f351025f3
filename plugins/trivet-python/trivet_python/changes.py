"""Which files of a workspace a program has changed."""

from collections.abc import Mapping
from itertools import islice

from trivet_sdk import Workspace

MOST = 20_000
"""Files that are looked at; what lies beyond is not reported."""

Seen = Mapping[str, tuple[int, int, int]]


def seen(workspace: Workspace) -> Seen:
    """Every file by its name: when it was changed, its size and its inode. Attachments are left out: nobody can change them."""
    found: dict[str, tuple[int, int, int]] = {}
    for name in islice(workspace.files(), MOST):
        try:
            told = (workspace.root / name).lstat()
        except OSError:
            continue  # an attachment, or removed meanwhile
        found[name] = (told.st_ctime_ns, told.st_size, told.st_ino)
    return found


def written(before: Seen, after: Seen) -> tuple[str, ...]:
    return tuple(name for name, told in after.items() if before.get(name) != told)


def removed(before: Seen, after: Seen) -> tuple[str, ...]:
    return tuple(name for name in before if name not in after)
