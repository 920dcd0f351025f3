"""Names of the files in a folder, for who looks for one: hidden ones left out, and not too many."""

import os
from pathlib import Path

MOST = 2_000
_LEFT_OUT = frozenset({"node_modules", "__pycache__"})


def files_in(folder: Path, most: int = MOST) -> list[str]:
    """Relative, with `/`, those of the folder itself first; none that cannot be read or is no UTF-8."""
    found: list[str] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _LEFT_OUT)
        inner = Path(place).relative_to(folder)
        found += ((inner / name).as_posix() for name in sorted(names) if not name.startswith(".") and _is_utf8(name))
        if len(found) >= most:
            break
    return found[:most]


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
