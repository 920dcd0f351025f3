"""What an attack may be after, laid out on this machine, and a look at whether it got it."""

import contextlib
import os
import secrets
import select
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

SECRET = "TRIVET_TEST_BAIT"
"""Must be set when this process is started, as only then others find it in /proc."""


@dataclass
class Bait:
    secret: str
    outside: Path
    """A folder beside the workspace, which no program has any business in."""
    workspace: Path
    known: dict[str, object]
    """What an attack may know: paths, ports, process ids."""
    listeners: list[socket.socket] = field(default_factory=list)
    victim: subprocess.Popen[bytes] | None = None

    def taken(self) -> Iterator[str]:
        """What happened to it, besides that the secret was told."""
        for listener in self.listeners:
            if select.select([listener], [], [], 0)[0]:
                yield f"{listener.getsockname()!r} was reached"
        if self.victim is not None and self.victim.poll() is not None:
            yield "a process of this machine was killed"
        names = sorted(each.name for each in self.outside.iterdir())
        if names != ["other", "precious.txt", "secret.txt", "service.sock"]:
            yield f"the folder beside the workspace has now {names}"
        elif (self.outside / "precious.txt").read_text() != "precious":
            yield "a file beside the workspace was changed"
        yield from self._left_behind()

    def _left_behind(self) -> Iterator[str]:
        owner = self.workspace.stat().st_uid
        for folder, folders, files in os.walk(self.workspace):
            for path in (Path(folder, name) for name in (*folders, *files)):
                try:
                    told = path.lstat()
                    names = os.listxattr(path, follow_symlinks=False)
                except FileNotFoundError:
                    continue  # what is left of an attack moves it about
                if told.st_mode & (stat.S_ISUID | stat.S_ISGID):
                    yield f"{path.name} has a mode of {stat.filemode(told.st_mode)}"
                if stat.S_ISCHR(told.st_mode) or stat.S_ISBLK(told.st_mode):
                    yield f"{path.name} is a device"
                if told.st_uid != owner:
                    yield f"{path.name} belongs to another user"
                if "security.capability" in names:
                    yield f"{path.name} has capabilities"


@contextmanager
def laid(folder: Path) -> Iterator[Bait]:
    """Bait below an empty folder. The secret is in this process's environment, too, and in an open, inheritable descriptor."""
    secret = os.environ[SECRET]
    outside, workspace = folder / "outside", folder / "workspace"
    outside.mkdir()
    workspace.mkdir()
    (outside / "other").mkdir()
    (outside / "secret.txt").write_text(secret)
    (outside / "other" / "secret.txt").write_text(secret)
    (outside / "precious.txt").write_text("precious")
    (workspace / "way out").symlink_to(outside / "secret.txt")
    abstract = "\0trivet-" + secrets.token_hex(8)
    with ExitStack() as stack:
        listeners = []
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            (socket.AF_UNIX, socket.SOCK_STREAM, abstract),
            (socket.AF_UNIX, socket.SOCK_STREAM, os.fspath(outside / "service.sock")),
            (socket.AF_UNIX, socket.SOCK_STREAM, os.fspath(workspace / "agent.sock")),
        ):
            opened = stack.enter_context(socket.socket(family, kind))
            opened.bind(address)
            if kind == socket.SOCK_STREAM:
                opened.listen()
            listeners.append(opened)
        victim = stack.enter_context(
            subprocess.Popen([sys.executable, "-c", "import time; time.sleep(120)"], env={"VICTIM_SECRET": secret})
        )
        stack.callback(victim.kill)
        handle = os.open(outside / "secret.txt", os.O_RDONLY)
        stack.callback(os.close, handle)
        os.set_inheritable(handle, True)
        yield Bait(
            secret,
            outside,
            workspace,
            {
                "outside": os.fspath(outside),
                "secret_file": os.fspath(outside / "secret.txt"),
                "tcp": listeners[0].getsockname()[1],
                "udp": listeners[1].getsockname()[1],
                "abstract": abstract,
                "victim": victim.pid,
                "host": os.getpid(),
                "home": os.fspath(Path.home()),
                "name": socket.gethostname(),
                "source": __file__,
            },
            listeners,
            victim,
        )
        with contextlib.suppress(ProcessLookupError):
            victim.send_signal(signal.SIGKILL)
