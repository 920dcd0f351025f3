"""Where folders of root's are laid out for a sandbox that is not root.

Started as root, a sandbox gets a user of its own on this machine, who may not pass through `/root` and owns nothing. So a
thread with mounts of its own binds the folders to a place where that user may go, with what the workspace's owner owns shown
as his.
"""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from trivet_sandbox import kernel
from trivet_sandbox.arguments import Mounts
from trivet_sandbox.errors import SandboxFailed

FIRST_USER, USERS = 0x6E000000, 0x00FFFFFF
"""User ids that nobody else has: beyond those of people, of containers' usual ranges, and below 2^31."""


FOLDER = Path("/run/trivet-sandbox")
"""Where they are laid out. It stays, empty, and each sandbox sees its own mounts there: a host that is killed leaves nothing."""


def own_user() -> int:
    return FIRST_USER + int.from_bytes(os.urandom(3), "big") % USERS


class Stage:
    """Mounts of the thread that makes it. They are never taken away one by one, and nothing is ever deleted below `folder`:
    what is seen there is the machine's. They vanish with the last thread and process that sees them."""

    def __init__(self, user: int) -> None:
        """Raises OSError."""
        self._user = user
        self._folder = folder = FOLDER
        folder.mkdir(exist_ok=True)  # only root can make anything in /run, so nobody else has laid a link there
        folder.chmod(0o755)
        kernel.own_mounts()
        kernel.mount(None, folder, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")

    def shown(self, mounts: Mounts) -> Mounts:
        """The same folders, at places that the user may go to. Raises OSError, SandboxFailed."""
        return replace(
            mounts,
            interpreter=None if mounts.interpreter is None else self.bound(mounts.interpreter, "interpreter"),
            packages=tuple(self.bound(each, f"packages-{place}") for place, each in enumerate(mounts.packages)),
            modules=tuple(self.bound(each, each.name) for each in mounts.modules),
            attachments={
                name: self.bound(each, f"attachment-{place}")
                for place, (name, each) in enumerate(mounts.attachments.items())
            },
            inside=self.bound(mounts.inside, "inside"),
            workspace=None if mounts.workspace is None else self._owned(mounts.workspace),
        )

    def program(self, source: Path) -> Path:
        """Here is a program from outside of /usr; if a wheel brought it, with the libraries that it finds beside its package."""
        package = next((each for each in source.parents if each.name and _libraries(each).is_dir()), None)
        if package is None:
            return self.bound(source, "bubblewrap")
        self.bound(_libraries(package), f"wheel/{_libraries(package).name}")
        return self.bound(package, f"wheel/{package.name}") / source.relative_to(package)

    def bound(self, source: Path, name: str) -> Path:
        """Here `bound/name` is the source, a folder or a file."""
        place = self._folder / "bound" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            place.mkdir()
        else:
            place.touch()
        kernel.mount(source, place, None, kernel.MS_BIND | kernel.MS_REC)
        return place

    def _owned(self, folder: Path) -> Path:
        place = self._folder / "workspace"
        place.mkdir()
        told = folder.stat()
        try:
            with _mapping(told.st_uid, told.st_gid, self._user) as owners:
                kernel.mount_as(folder, place, owners)
        except OSError as error:
            if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP):
                raise
            raise SandboxFailed(
                f"the file system of '{folder}' cannot show its files as another user's, which is needed as root. Put the"
                " workspace on ext4, xfs or btrfs, or start trivet as an ordinary user",
            ) from error
        return place


def _libraries(package: Path) -> Path:
    """Where wheels have those that were not the system's own (auditwheel)."""
    return package.with_name(f"{package.name}.libs")


@contextmanager
def _mapping(owner: int, group: int, user: int) -> Iterator[int]:
    """A user namespace in which the owner is that user, as a descriptor."""
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
            raise PermissionError(errno.EPERM, "the kernel makes no user namespace")
        for kind, id in (("uid_map", owner), ("gid_map", group)):
            Path(f"/proc/{child.pid}/{kind}").write_text(f"{id} {user} 1\n")
        descriptor = os.open(f"/proc/{child.pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
