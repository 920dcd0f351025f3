"""Where folders of root's are laid out for a sandbox that is not root.

Started as root, a sandbox gets a user of its own on this machine, who may not pass through `/root` and owns nothing. So a
thread with mounts of its own binds the folders to a place where that user may go, with what root owns shown as his.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from trivet_sandbox import kernel
from trivet_sandbox.arguments import Mounts

FIRST_USER, USERS = 0x6E000000, 0x00FFFFFF
"""User ids that nobody else has: beyond those of people, of containers' usual ranges, and below 2^31."""


def own_user() -> int:
    return FIRST_USER + int.from_bytes(os.urandom(3), "big") % USERS


class Stage:
    """Only to be used by the thread that then starts the sandbox; its mounts vanish with that thread."""

    def __init__(self, user: int) -> None:
        self._user = user
        self._folder = Path(tempfile.mkdtemp(prefix="trivet-sandbox-"))
        self._folder.chmod(0o755)
        kernel.own_mounts()
        kernel.mount(None, self._folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")

    def shown(self, mounts: Mounts) -> Mounts:
        """The same folders, at places that the user may go to. Raises OSError if the workspace cannot be shown as his."""
        return Mounts(
            interpreter=None if mounts.interpreter is None else self._bound(mounts.interpreter, "interpreter"),
            packages=tuple(self._bound(each, f"packages-{place}") for place, each in enumerate(mounts.packages)),
            inside=self._bound(mounts.inside, "inside"),
            workspace=None if mounts.workspace is None else self._owned(mounts.workspace, "workspace"),
            is_writable=mounts.is_writable,
        )

    def close(self) -> None:
        """Take the mounts away, then the bare folder. Nothing is ever deleted below it: what is seen there is the user's."""
        kernel.unmount(self._folder)
        self._folder.rmdir()

    def _bound(self, folder: Path, name: str) -> Path:
        place = self._folder / name
        place.mkdir()
        kernel.mount(folder, place, None, kernel.MS_BIND | kernel.MS_REC)
        return place

    def _owned(self, folder: Path, name: str) -> Path:
        place = self._folder / name
        place.mkdir()
        with _mapping(self._user) as owners:
            kernel.mount_as(folder, place, owners)
        return place


class _mapping:
    """A user namespace in which root is that user, as a descriptor."""

    def __init__(self, user: int) -> None:
        self._user = user

    def __enter__(self) -> int:
        code = (
            "import ctypes,sys;l=ctypes.CDLL(None,use_errno=True);r=l.unshare(0x10000000);"
            "print(r,flush=True);sys.stdin.read()"
        )
        with subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdin is not None
            assert child.stdout is not None
            if child.stdout.readline().strip() != "0":
                raise PermissionError(1, "the kernel makes no user namespace")
            for kind in ("uid_map", "gid_map"):
                Path(f"/proc/{child.pid}/{kind}").write_text(f"0 {self._user} 1\n")
            self._open = os.open(f"/proc/{child.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        return self._open

    def __exit__(self, *_: object) -> None:
        os.close(self._open)
