"""Which files of a workspace something has changed that cannot be asked, such as a program: look before it and after it."""

from collections.abc import Iterator, Mapping
from itertools import islice

from .workspace import Workspace

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
    """Names of the files that are new or not what they were."""
    return tuple(name for name, told in after.items() if before.get(name) != told)


def removed(before: Seen, after: Seen) -> tuple[str, ...]:
    """Names of the files that are gone."""
    return tuple(name for name in before if name not in after)


def told(changed: tuple[str, ...], gone: tuple[str, ...]) -> Iterator[str]:
    """A line for those that were written, and one for those that were removed."""
    for what, names in (("Written", changed), ("Removed", gone)):
        if names:
            rest = f" and {len(names) - 20} more" if len(names) > 20 else ""
            yield f"{what}: {', '.join(names[:20])}{rest}"
