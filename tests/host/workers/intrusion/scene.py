"""Where the intruder is let loose: folders with bait, listeners, and a host, started as this user or as an ordinary one."""

import importlib.metadata
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import trivet
import trivet_sandbox
import trivet_sdk

HERE = Path(__file__).parent
NOBODY = 54321
"""A user who owns nothing but what he is given here."""
PATIENCE = 120


class Scene:
    """`secret` and `elsewhere` are for no plugin, `first` and `second` are workspaces, `socket` a unix socket at a path."""

    def __init__(self, folder: Path, user: int | None, python: str, packages: Path | None) -> None:
        self.folder = folder
        self._user, self._python, self._packages = user, python, packages
        self.home = folder / "home"
        self.secret = folder / "hidden" / ".ssh" / "id_密"
        self.elsewhere = folder / "elsewhere"
        self.first, self.second = folder / "一", folder / "二"
        self.attached = folder / "attached" / "数据.csv"
        for each in (self.home, self.elsewhere, self.first, self.second, self.secret.parent, self.attached.parent):
            each.mkdir(parents=True)
        self.secret.write_text("the key")
        self.attached.write_text("attached")
        for each in (self.first, self.second):
            (each / "目标.txt").write_text(f"goal {each.name}")
            (each / "link").symlink_to(each / "目标.txt")
        (folder / "code").mkdir()
        shutil.copy(HERE / "intruder.py", folder / "code")
        shutil.copy(HERE / "breaking_in.py", folder)
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        for each in (self.home, self.elsewhere, self.first, self.second, *self.secret.parents[:2], self.secret):
            if user is not None:
                subprocess.run(["chown", "-R", f"{user}:{user}", each], check=True)
        self.secret.chmod(0o600)
        self.secret.parent.chmod(0o700)
        self.port, self.socket, self.abstract = 0, folder / "socket", f"@{folder.name}"

    @contextmanager
    def listening(self) -> Iterator[None]:
        """On this machine, over TCP, at a path and at an abstract name; who connects is greeted."""
        with ExitStack() as stack:
            for family, address in (
                (socket.AF_INET, ("127.0.0.1", 0)),
                (socket.AF_UNIX, str(self.socket)),
                (socket.AF_UNIX, self.abstract.replace("@", "\0")),
            ):
                listener = stack.enter_context(socket.socket(family))
                stack.callback(listener.shutdown, socket.SHUT_RDWR)  # wakes the thread
                listener.bind(address)
                listener.listen()
                threading.Thread(target=_greet, args=(listener,), daemon=True).start()
                if family == socket.AF_INET:
                    self.port = listener.getsockname()[1]
            self.socket.chmod(0o777)
            yield

    def let_loose(self, permissions: str, attempts: list[tuple[Any, ...]], sandbox: str = "require") -> Any:
        """What became of each attempt (tool, arguments, workspace, attachments), or why the plugin does not start."""
        (self.folder / "code" / "permissions.toml").write_text(f"[permissions]\n{permissions}\n")
        told = [
            (name, arguments, str(rest[0] if rest else self.first), rest[1] if rest[1:] else {})
            for name, arguments, *rest in attempts
        ]
        (self.folder / "attempts.json").write_text(json.dumps(told))
        environment = {**os.environ, "CANARY_KEY": "sk-1", "HOME": str(self.folder / "hidden")}
        if self._user is not None:
            environment = {"PATH": "/usr/bin:/bin", "CANARY_KEY": "sk-1", "HOME": str(self.folder / "hidden")}
            environment |= {"PYTHONPATH": str(self._packages), "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [self._python, str(self.folder / "breaking_in.py"), str(self.folder), sandbox],
            env=environment, user=self._user, group=self._user, extra_groups=None if self._user is None else (),
            cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


def _greet(listener: socket.socket) -> None:
    while True:
        try:
            opened, _ = listener.accept()
        except OSError:
            return
        with opened:
            opened.sendall(b"hello")


def copied_packages(folder: Path) -> None:
    """trivet, and what it needs, for a user who may go where neither root's Python nor these sources are."""
    for package in (trivet, trivet_sdk, trivet_sandbox):
        source = Path(str(package.__file__)).parent
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    waiting, seen = ["trivet"], set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        try:
            found = importlib.metadata.distribution(name)
        except importlib.metadata.PackageNotFoundError:
            continue  # for another system
        waiting += [re.split(r"[^\w.-]", each)[0].lower() for each in found.requires or () if "extra ==" not in each]
        if name.startswith("trivet"):
            continue
        for file in found.files or ():
            if ".." not in file.parts and "__pycache__" not in file.parts:
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file.locate(), folder / file)
    subprocess.run(["chmod", "-R", "a+rX", folder], check=True)


def python_for_everybody() -> str | None:
    """A Python of this version that an ordinary user may start."""
    code = f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for each in (sys.executable, "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [each, "-c", code], user=NOBODY, group=NOBODY, extra_groups=(), cwd="/", env={}, check=False,
                capture_output=True,
            )  # fmt: skip
        except OSError:
            continue
        if done.returncode == 0:
            return each
    return None
