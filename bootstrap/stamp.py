"""Whether an environment is current: its stamp holds, byte for byte, what it was made from.

A call with a current environment reads this file, a dozen small ones, and execs; so nothing slow is imported here.
"""

import os


def projects(root: str) -> list[str]:
    """Folders of the workspace's own distributions, the SDK first."""
    folders = [os.path.join(root, "host")]
    for parent in ("plugins", "sdk"):
        folder = os.path.join(root, parent)
        folders += [os.path.join(folder, name) for name in sorted(os.listdir(folder), reverse=True)]
    return [folder for folder in reversed(folders) if os.path.exists(os.path.join(folder, "pyproject.toml"))]


def path(root: str, kind: str) -> str:
    return os.path.join(root, ".venv", kind + ".stamp")


def ingredients(root: str, kind: str) -> bytes:
    """Where the environment is, the pins, every project file; for `kind` "test" the file that names the test tools too."""
    files = [os.path.join(root, "constraints.txt")]
    files += [os.path.join(folder, "pyproject.toml") for folder in projects(root)]
    if kind == "test":
        files.append(os.path.join(root, "pyproject.toml"))
    return b"\n".join([os.fsencode(root), *map(_read, files)])


def is_current(root: str, kind: str) -> bool:
    try:
        stamped = _read(path(root, kind))
    except OSError:
        return False
    programs = (os.path.join(root, ".venv", "bin", name) for name in ("python", "trivet"))
    return stamped == ingredients(root, kind) and all(map(os.path.exists, programs))


def _read(file: str) -> bytes:
    with open(file, "rb") as opened:
        return opened.read()
