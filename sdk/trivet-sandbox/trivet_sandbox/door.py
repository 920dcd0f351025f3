"""A sandbox's mounts: what it starts with, laid out for it, and what is shown and hidden while it lives. Only for `keeper`."""

import errno
import os
import select

from trivet_sandbox import kernel

FOLDER = "/run/trivet-sandbox"
"""Where root's folders are laid out; see `stage`."""
_KILL = 9
_PATIENCE = 10.0
_UNABLE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
"""What a file system says that cannot show files as another user's."""


class Refused(Exception):
    """`str()` says why, and what helps."""


class Binds:
    """Folders of this machine, ready to be shown to `user`; None if that is who runs this."""

    def __init__(self, user: "int | None") -> None:
        self._user = user
        self._count = 0
        self._owners: dict[tuple[int, int], int] = {}

    def staged(self, source: str, *, is_writable: bool) -> str:
        """Where bubblewrap finds it. Raises Refused, OSError."""
        if self._user is None or source == "/usr":
            return source
        self._count += 1
        place = f"{FOLDER}/{self._count}"
        if os.path.isdir(source):
            os.mkdir(place)
        else:
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o600))
        tree = self.tree(source, is_writable=is_writable)
        kernel.move_tree(tree, place)
        os.close(tree)
        return place

    def tree(self, source: str, *, is_writable: bool) -> int:
        """As a mount without a place. Raises Refused, OSError."""
        attributes = kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
        attributes |= 0 if is_writable else kernel.MOUNT_ATTR_RDONLY
        for depth in (kernel.AT_RECURSIVE, 0):
            tree = kernel.tree_of(source, depth)
            try:
                kernel.set_attributes(tree, attributes, flags=depth)
                if self._user is not None:
                    told = os.stat(source)
                    owners = self._mapping(told.st_uid, told.st_gid, self._user)
                    kernel.set_attributes(tree, kernel.MOUNT_ATTR_IDMAP, owners, depth)
            except OSError as error:
                if error.errno not in _UNABLE:
                    os.close(tree)
                    raise
                if not depth and not is_writable:
                    return tree  # what everybody may read can be read as it is
                os.close(tree)
            else:
                return tree
        raise Refused(
            f"the file system of '{source}' cannot show its files as another user's, which is needed as root. Put it on"
            " ext4, xfs or btrfs, or start trivet as an ordinary user"
        )

    def _mapping(self, owner: int, group: int, user: int) -> int:
        """A user namespace in which the owner is that user."""
        if (owner, group) not in self._owners:
            told, tell = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    kernel.unshare(kernel.CLONE_NEWUSER)
                    os.write(tell, b"x")
                    select.select([], [], [], _PATIENCE)
                finally:
                    os._exit(0)
            os.close(tell)
            try:
                if not os.read(told, 1):
                    raise PermissionError(errno.EPERM, "the kernel makes no user namespace")
                for kind, id in (("uid_map", owner), ("gid_map", group)):
                    with open(f"/proc/{child}/{kind}", "w") as file:
                        file.write(f"{id} {user} 1\n")
                self._owners[owner, group] = os.open(f"/proc/{child}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
            finally:
                os.close(told)
                os.kill(child, _KILL)
                os.waitpid(child, 0)
        return self._owners[owner, group]


class Door:
    """The sandbox's mounts, changed while it lives."""

    def __init__(self, first: int, binds: Binds, specification: "dict[str, list[str]]", user: "int | None") -> None:
        """`first`: its process 1. Of the specification, `masked`: folders of which nothing is seen but what was shown there by
        itself; `fixed`: folders that stay as they are whatever is shown above them."""
        self._mounts = os.open(f"/proc/{first}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        self._owner = kernel.owner_of(self._mounts)
        self._binds, self._user = binds, user
        self._masked, self._fixed = specification["masked"], specification["fixed"]
        self._shows_root = bool(specification["shows_root"])
        self._shown: list[str] = []

    def show(self, path: str, *, is_writable: bool) -> str:
        """Why it cannot be done, or nothing."""
        try:
            tree = self._binds.tree(path, is_writable=is_writable)
            is_folder = os.path.isdir(path)
        except Refused as error:
            return str(error)
        except OSError as error:
            return f"'{path}' cannot be shown: {error.strerror}"
        said = self._inside(lambda: self._laid(tree, path, is_folder=is_folder), path)
        os.close(tree)
        if not said:
            self._shown.append(path)
        return said

    def hide(self, path: str) -> str:
        """Why it cannot be done, or nothing."""
        if path in self._shown:
            self._shown.remove(path)
        return self._inside(lambda: self._taken(path), path)

    def _inside(self, action: "object", path: str) -> str:
        """Have a child of this process do it, as whoever has all rights over the sandbox's mounts and none besides."""
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                if self._user is not None:
                    os.setgroups([])
                    os.setresgid(self._user, self._user, self._user)
                    os.setresuid(self._user, self._user, self._user)
                kernel.enter(self._owner, kernel.CLONE_NEWUSER)
                kernel.enter(self._mounts, kernel.CLONE_NEWNS)
                action()  # type: ignore[operator]
            except OSError as error:
                os.write(tell, f"'{path}' cannot be shown or hidden in the sandbox: {error.strerror}".encode())
            finally:
                os._exit(0)
        os.close(tell)
        said = b""
        while piece := os.read(told, 4096):
            said += piece
        os.close(told)
        os.waitpid(child, 0)
        return said.decode()

    def _laid(self, tree: int, path: str, *, is_folder: bool) -> None:
        """The new mount at its place, and above it again what it would cover."""
        held = _trees(each for each in self._fixed if _is_below(each, path))
        held += self._lifted(path)
        self._place(path, is_folder=is_folder)
        kernel.move_tree(tree, path)
        masked = [each for each in self._masked if _is_below(each, path) and os.path.isdir(each)]
        for each in masked:
            kernel.mount("none", each, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
        self._again(held)
        for each in masked:
            _protect(each, is_writable=False)

    def _taken(self, path: str) -> None:
        held = self._lifted(path)
        kernel.unmount(path)
        self._again(held)

    def _lifted(self, path: str) -> "list[tuple[str, int, bool]]":
        """What was shown below a place, taken away there."""
        held = _trees(each for each in self._shown if _is_below(each, path))
        for each, _, _ in reversed(held):
            kernel.unmount(each)
        return held

    def _again(self, held: "list[tuple[str, int, bool]]") -> None:
        for each, tree, is_folder in sorted(held, key=lambda each: len(each[0])):
            self._place(each, is_folder=is_folder)
            kernel.move_tree(tree, each)

    def _place(self, path: str, *, is_folder: bool) -> None:
        """Something to mount on."""
        above = [path] if is_folder else [os.path.dirname(path)]
        while not os.path.isdir(above[-1]):
            above.append(os.path.dirname(above[-1]))
        lacks_file = not is_folder and not os.path.exists(path)
        if len(above) == 1 and not lacks_file:
            return
        is_protected = bool(os.statvfs(above[-1]).f_flag & os.ST_RDONLY)
        base = self._base(above[-1]) if is_protected else ""
        if is_protected:
            _protect(base, is_writable=True)
        try:
            for each in reversed(above[:-1]):
                os.mkdir(each, 0o755)
            if lacks_file:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        finally:
            if is_protected:
                _protect(base, is_writable=False)

    def _base(self, path: str) -> str:
        """The folder in memory that a path lies in; what lies on a disk is never changed from here. Raises OSError."""
        for each in sorted(("/", *self._masked), key=len, reverse=True):
            is_in = path == each or _is_below(path, each)
            if is_in and os.path.ismount(each) and os.stat(each).st_dev == os.stat(path).st_dev and self._is_bare(each):
                return each
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), path)

    def _is_bare(self, base: str) -> bool:
        return base != "/" or not self._shows_root


def _trees(paths: "object") -> "list[tuple[str, int, bool]]":
    """What is seen at these places, as mounts without a place; those above come before those below."""
    found = sorted(paths, key=len)  # type: ignore[call-overload]
    return [(each, kernel.tree_of(each, kernel.AT_RECURSIVE), os.path.isdir(each)) for each in found]


def _protect(path: str, *, is_writable: bool) -> None:
    flags = kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_NOSUID | kernel.MS_NODEV
    kernel.mount("none", path, None, flags | (0 if is_writable else kernel.MS_RDONLY))


def _is_below(path: str, folder: str) -> bool:
    return path != folder and path.startswith(folder.rstrip("/") + "/")
