"""What a program that lives in a sandbox for long may see and do, a plugin's worker for instance, and how it is started.

Folders are seen at the places where they are outside, so that a path means the same to both sides.
"""

import marshal
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from trivet_sandbox.arguments import MERGED
from trivet_sandbox.limits import MB
from trivet_sandbox.seccomp import no_programs, worker_program
from trivet_sandbox.stage import own_user

ETC: Final = tuple(
    "alternatives ca-certificates fonts gai.conf host.conf hosts ld.so.cache ld.so.conf ld.so.conf.d localtime mime.types"
    " nsswitch.conf pki protocols resolv.conf services ssl timezone".split()
)
"""What of `/etc` libraries need to be found, to tell the time and to find a host. Not who the users are."""
DEVICES: Final = ("/dev/dri", "/dev/kfd", "/dev/nvidia*", "/dev/accel*")
"""What computes."""
MACHINE: Final = ("/sys/devices", "/sys/bus/pci", "/sys/class/drm", "/sys/module/nvidia", "/sys/module/amdgpu")
SCRATCH: Final = 1024 * MB


@dataclass(frozen=True, kw_only=True)
class Enclosure:
    """Paths are absolute; those that are not there are left out."""

    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    masked: tuple[Path, ...] = ()
    """Folders of which nothing is seen, whatever is shown above them, but what is named by itself."""
    has_network: bool = False
    """Sockets of the internet's protocols; otherwise there is no socket that leads outside."""
    may_start_programs: bool = False
    """Else it has threads only, once it has laid the filter over itself that `Prepared.filter` is the descriptor of."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """All of it."""

    @property
    def is_open(self) -> bool:
        """Whether it keeps from nothing at all."""
        return Path("/") in self.writable and self.has_network and self.may_start_programs


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A command to be started as a child of this process, with these descriptors handed on; to be closed after that."""

    command: tuple[str, ...]
    passed: tuple[int, ...]
    own: tuple[int, ...]

    def close(self) -> None:
        for each in self.own:
            os.close(each)


def filter_of(enclosure: Enclosure) -> int:
    """The filter that a program without programs lays over itself, as a descriptor; -1 where it needs none."""
    return -1 if enclosure.may_start_programs else _held("trivet-no-programs", no_programs())


def prepared(
    bubblewrap: Path,
    enclosure: Enclosure,
    command: Sequence[str],
    *,
    life: int,
    passed: Sequence[int],
    own: Sequence[int] = (),
) -> Prepared:
    """A keeper that starts the command in the sandbox (see `keeper`), with the descriptors `passed` and `own`, the latter to be
    closed with what is returned. The command is process 1 inside: what it does not bury stays, and when it ends, all does.

    `life` is the end of a socket. The program may write to it, and closes it then. The keeper tells over it `exit STATUS` at the
    end, and obeys `show NUMBER PATH`, `lend` (for writing, too) and `hide`, the path in hexadecimal, by `done NUMBER REASON`
    (the same way), without one if it was done. When the other end is closed, everything inside is ended.

    Raises MachineUnsupported.
    """
    user = own_user() if os.geteuid() == 0 else None
    seccomp = _held("trivet-calls", worker_program(has_network=enclosure.has_network))
    specification: dict[str, Any] = {
        "host": os.getpid(),
        "user": user,
        "bubblewrap": os.fspath(bubblewrap),
        "arguments": [*arguments(enclosure), "--seccomp", str(seccomp)],
        "command": list(command),
        "passed": [*passed, *own],
        "filters": [seccomp],
        "masked": [os.fspath(each) for each in enclosure.masked],
        "fixed": [os.fspath(each) for each in _fixed(enclosure)],
        "shows_root": Path("/") in (*enclosure.readable, *enclosure.writable),
    }
    told = _held("trivet-keeper", marshal.dumps(specification))
    keeper = os.fspath(Path(__file__).with_name("keeper.py"))
    return Prepared(
        command=(sys.executable, "-I", "-S", keeper, str(life), str(told)),
        passed=(life, *passed, *own, seccomp, told),
        own=(*own, seccomp, told),
    )


def arguments(enclosure: Enclosure) -> Iterator[str | tuple[str, str, str]]:
    """Bubblewrap's, up to descriptors and command; what is to be shown as a triple of how, which and where."""
    yield from ("--unshare-user", "--unshare-ipc", "--unshare-pid", "--unshare-uts", "--unshare-cgroup-try")
    if not enclosure.has_network:
        yield "--unshare-net"
    yield from ("--as-pid-1", "--die-with-parent", "--new-session", "--cap-drop", "ALL")
    shown = {Path("/usr"): "--ro-bind"}
    shown |= dict.fromkeys((each for each in _machine() if each.exists()), "--ro-bind")
    shown |= dict.fromkeys((each for each in enclosure.masked if _is_seen(each, enclosure)), "--tmpfs")
    for kind, paths in (("--ro-bind", enclosure.readable), ("--bind", enclosure.writable)):
        shown |= dict.fromkeys(_placed(paths), kind)
    shown = {path: kind for path, kind in shown.items() if kind != "--ro-bind" or _around(path, shown) != kind}
    if Path("/") in shown:
        yield (shown.pop(Path("/")), "/", "/")
    else:
        for name in MERGED:
            there = Path("/", name)
            if there.is_symlink():
                yield from ("--symlink", f"usr/{name}", f"/{name}")
            elif there.is_dir():
                shown[there] = "--ro-bind"
    yield from ("--proc", "/proc", "--dev", "/dev", "--size", str(SCRATCH), "--tmpfs", "/dev/shm")
    for pattern in DEVICES:
        for each in Path("/dev").glob(pattern.removeprefix("/dev/")):
            yield from ("--dev-bind", os.fspath(each), os.fspath(each))
    if Path("/tmp") not in shown and not {*enclosure.readable, *enclosure.writable} & {Path("/")}:
        yield from ("--size", str(SCRATCH), "--tmpfs", "/tmp")
    for path, kind in sorted(shown.items(), key=lambda each: len(each[0].parts)):
        if kind == "--tmpfs":
            yield from ("--size", str(MB), "--perms", "0755", "--tmpfs", os.fspath(path))
        else:
            yield (kind, os.fspath(path), os.fspath(path))
    for path, kind in shown.items():
        if kind == "--tmpfs":
            yield from ("--remount-ro", os.fspath(path))
    yield from ("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--clearenv")
    for name, value in enclosure.environment.items():
        yield from ("--setenv", name, value)


def _around(path: Path, shown: Mapping[Path, str]) -> str:
    """How the nearest folder is shown that it lies in."""
    return next((shown[each] for each in path.parents if each in shown), "")


def _placed(paths: tuple[Path, ...]) -> Iterator[Path]:
    """Each where it really is; and by its other name, unless that leads over a link that is seen inside as well."""
    there = [each for each in paths if each.exists()]
    real = [each.resolve() for each in there]
    yield from real
    for each, target in zip(there, real, strict=True):
        if each != target and not any(other in each.parents for other in (*real, *there)):
            yield each


def _fixed(enclosure: Enclosure) -> Iterator[Path]:
    """What must stay as it is when a folder above it is shown: that is for reading only, or is masked."""
    yield from _placed(enclosure.writable)
    for each in _placed(enclosure.readable):
        if any(each.is_relative_to(folder) for folder in enclosure.masked):
            yield each


def _machine() -> Iterator[Path]:
    yield from (Path("/etc", name) for name in ETC)
    computes = any(any(Path("/dev").glob(pattern.removeprefix("/dev/"))) for pattern in DEVICES)
    yield from map(Path, MACHINE if computes else ("/sys/devices/system",))


def _is_seen(path: Path, enclosure: Enclosure) -> bool:
    """Whether something is shown of which it would be a part."""
    return path.is_dir() and any(path.is_relative_to(each) for each in (*enclosure.readable, *enclosure.writable))


def _held(name: str, content: bytes) -> int:
    """A descriptor to read these bytes from."""
    number = os.memfd_create(name)
    rest = memoryview(content)
    while rest:
        rest = rest[os.write(number, rest) :]
    os.lseek(number, 0, os.SEEK_SET)
    return number
