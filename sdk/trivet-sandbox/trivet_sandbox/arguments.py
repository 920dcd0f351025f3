"""The command line of bubblewrap for a sandbox. Pure."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from trivet_sandbox.interpreter import HOME, Interpreter
from trivet_sandbox.limits import Limits

WORKSPACE = "/workspace"
ATTACHMENTS = "/attachments"
PACKAGES = "/opt/packages"
MODULES = "/opt/modules"
INSIDE = "/opt/trivet/trivet_sandbox/inside"
"""Where the code that serves a session lies."""
MERGED = ("bin", "sbin", "lib", "lib32", "lib64")


@dataclass(frozen=True, kw_only=True)
class Mounts:
    """Folders of this machine as bubblewrap shall find them."""

    interpreter: Path | None
    packages: tuple[Path, ...]
    modules: tuple[Path, ...]
    attachments: Mapping[str, Path]
    inside: Path
    workspace: Path | None
    is_writable: bool


def arguments(
    bubblewrap: Path, mounts: Mounts, interpreter: Interpreter, limits: Limits, *, seccomp: int, info: int, block: int
) -> Iterator[str]:
    """Up to the command; `seccomp`, `info` and `block` are open descriptors."""
    yield str(bubblewrap)
    yield from (
        "--unshare-user",
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
        "--unshare-cgroup-try",
    )
    yield from ("--disable-userns", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--hostname", "sandbox")
    yield from ("--ro-bind", "/usr", "/usr")
    for name in MERGED:
        there = Path("/", name)
        if there.is_symlink():
            yield from ("--symlink", f"usr/{name}", f"/{name}")
        elif there.is_dir():
            yield from ("--ro-bind", str(there), f"/{name}")
    if mounts.interpreter is not None:
        yield from ("--ro-bind", str(mounts.interpreter), str(HOME))
    for number, folder in enumerate(mounts.packages):
        yield from ("--ro-bind", str(folder), f"{PACKAGES}/{number}")
    for each in mounts.modules:
        yield from ("--ro-bind", str(each), f"{MODULES}/{each.name}")
    for name, each in mounts.attachments.items():
        yield from ("--ro-bind", str(each), f"{ATTACHMENTS}/{name}")
    yield from ("--ro-bind", str(mounts.inside), INSIDE)
    size = str(limits.scratch)
    yield from ("--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--size", size, "--tmpfs", "/tmp")
    yield from ("--remount-ro", "/dev")
    if mounts.workspace is None:
        yield from ("--size", size, "--tmpfs", WORKSPACE)
    else:
        yield from ("--bind" if mounts.is_writable else "--ro-bind", str(mounts.workspace), WORKSPACE)
    yield from ("--remount-ro", "/", "--chdir", WORKSPACE, "--clearenv")
    for name, value in environment(interpreter).items():
        yield from ("--setenv", name, value)
    yield from ("--seccomp", str(seccomp), "--info-fd", str(info), "--block-fd", str(block))


def command(interpreter: Interpreter, limits: Limits, request: int, reply: int) -> Iterator[str]:
    """What runs inside: the interpreter with the code that serves a session, over two open descriptors."""
    bounds = {
        "memory": limits.memory,
        "file": limits.file,
        "files": limits.files,
        "processes": limits.processes,
        "packages": [*(f"{PACKAGES}/{place}" for place in range(len(interpreter.packages))), MODULES],
    }
    yield from (str(interpreter.program), "-I", "-S", "-u", f"{INSIDE}/serve.py")
    yield from (str(request), str(reply), json.dumps(bounds))


def environment(interpreter: Interpreter) -> Mapping[str, str]:
    """All that is seen inside."""
    found = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/tmp",
        "USER": "sandbox",
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "FONTCONFIG_FILE": f"{INSIDE}/fonts.conf",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": "/tmp/matplotlib",
        "OPENBLAS_NUM_THREADS": "2",
        "OMP_NUM_THREADS": "2",
    }
    if interpreter.libraries is not None:
        found["LD_LIBRARY_PATH"] = str(interpreter.libraries)
    return found
