"""What stands between a host and a program that lives in a sandbox for long, a plugin's worker for instance.

`python -I -S keeper.py LIFE SPECIFICATION`, both descriptors: a socket to the host, and a `marshal`led dictionary as made by
`enclosure.prepared`. It starts bubblewrap, which builds the sandbox, and then stays, outside of it, for three ends:

- when the host lets go of LIFE or dies, everything inside is ended; when the program has ended, the host is told how;
- folders that come up later (the workspace of the next run) are shown inside at the places where they are outside, and taken
  away again, as the host says in lines over LIFE;
- started by root, it shows folders to a user id that nobody else has, by id-mapped mounts.

For the second end it needs rights over the sandbox's mounts, which only a forefather of its user namespace has: so an ordinary
user's keeper lives in a user namespace of its own. Nothing is imported but what is quick, as every start waits for it.
"""

import errno
import marshal
import os
import select
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trivet_sandbox import kernel
else:
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import kernel

    sys.path.pop(0)

FOLDER = "/run/trivet-sandbox"
"""Where root's folders are laid out; see `stage`."""
_KILL = 9
_UNABLE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
"""What a file system says that cannot show files as another user's."""
PATIENCE = 10.0
"""Seconds in which the kernel ends all that is inside."""


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
        if self._user is None or source in ("/usr", "/"):
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
                    select.select([], [], [], PATIENCE)
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
                os.write(tell, f"'{path}' cannot be shown in the sandbox: {error.strerror}".encode())
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


def apart(user: "int | None") -> None:
    """Mounts of this process alone, with all rights over them. Raises Refused."""
    me, group = os.geteuid(), os.getegid()
    try:
        if user is not None:
            kernel.unshare(kernel.CLONE_NEWNS)
        else:
            kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS)
            for name, text in (("setgroups", "deny"), ("uid_map", f"{me} {me} 1"), ("gid_map", f"{group} {group} 1")):
                with open(f"/proc/self/{name}", "w") as file:
                    file.write(text)
        kernel.mount(None, "/", None, kernel.MS_REC | kernel.MS_SLAVE)
        if user is not None:
            os.makedirs(FOLDER, exist_ok=True)
            os.chmod(FOLDER, 0o755)
            kernel.mount(None, FOLDER, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755,size=1m")
    except OSError as error:
        raise Refused(f"the kernel lets this user make no namespaces of his own: {error.strerror}") from None


def started(specification: "dict[str, object]", binds: Binds, user: "int | None") -> "tuple[int, int]":
    """Bubblewrap's process id, and that of the first process inside; 0 if bubblewrap has ended. Raises Refused, OSError."""
    told, tell = os.pipe()
    line: list[str] = [str(specification["bubblewrap"])]
    if user is not None and not line[0].startswith("/usr/"):
        line[0] = binds.staged(line[0], is_writable=False)
    for each in specification["arguments"]:  # type: ignore[attr-defined]
        if isinstance(each, tuple):
            kind, source, target = each
            line += [kind, binds.staged(source, is_writable=kind == "--bind"), target]
        else:
            line.append(each)
    line += ["--info-fd", str(tell), "--", *specification["command"]]  # type: ignore[misc]
    keeper = os.getpid()
    child = os.fork()
    if child == 0:
        try:
            os.close(told)
            os.set_inheritable(tell, True)
            if user is not None:
                os.setgroups([])
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            kernel.prctl(kernel.PR_SET_PDEATHSIG, _KILL)  # bubblewrap asks for the same, a moment later
            if os.getppid() == keeper:
                os.execve(line[0], line, {})
        except OSError as error:
            os.write(2, f"{line[0]} cannot be started: {error.strerror}\n".encode())
        finally:
            os._exit(1)
    os.close(tell)
    said = b""
    while not said.rstrip().endswith(b"}"):
        piece = os.read(told, 4096)
        if not piece:
            return child, 0
        said += piece
    os.close(told)
    number = said.partition(b'"child-pid"')[2].lstrip(b": ")
    return child, int(number[: len(number) - len(number.lstrip(b"0123456789"))])


def watch(life: int, child: int, door: "Door | None") -> None:
    """Do as the host says until it lets go, or all is over."""
    ended = os.pidfd_open(child)
    said = b""
    while True:
        ready, _, _ = select.select([life, ended], [], [])
        if ended in ready:
            return
        piece = os.read(life, 65536)
        if not piece:
            return
        *lines, said = (said + piece).split(b"\n")
        for line in lines:
            word, number, path = line.split(b" ")
            name = os.fsdecode(bytes.fromhex(path.decode()))
            if door is None:
                answer = "the sandbox has ended"
            elif word == b"hide":
                answer = door.hide(name)
            else:
                answer = door.show(name, is_writable=word == b"lend")
            os.write(life, b"done %s %s\n" % (number, answer.encode().hex().encode()))


def buried(child: int, first: "int | None") -> int:
    """End all, wait until nothing is left, and return bubblewrap's wait status."""
    import _signal
    import time

    if first is not None:
        try:
            _signal.pidfd_send_signal(first, _KILL)
        except ProcessLookupError:
            first = None
    status, is_ended = _KILL, False
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience:
        try:
            pid, found = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid == child:
            status, is_ended = found, True
        elif not pid:
            if not is_ended:
                os.kill(child, _KILL)
            time.sleep(0.002)
    return status


def told(status: int) -> int:
    """The wait status of the program: bubblewrap tells a signal as a shell does, by an exit code beyond 128."""
    code = os.waitstatus_to_exitcode(status)
    return code - 128 if 128 < code < 128 + 65 else status


def main() -> None:
    life, source = int(sys.argv[1]), int(sys.argv[2])
    with open(source, "rb") as file:
        specification = marshal.load(file)
    user = specification["user"]
    os.setsid()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, _KILL)  # and with this process goes bubblewrap, and all inside
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != specification["host"]:
        os._exit(0)  # the host died meanwhile
    first: int | None = None
    door: Door | None = None
    try:
        apart(user)
        if user is None:  # its credentials are new ones, for which this was not asked
            kernel.prctl(kernel.PR_SET_PDEATHSIG, _KILL)
        binds = Binds(user)
        child, number = started(specification, binds, user)
    except Refused as error:
        os.write(2, f"{error}\n".encode())
        os.write(life, b"exit 256\n")
        os._exit(1)
    for each in (*specification["passed"], *specification["filters"]):
        os.close(each)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    try:
        if number:
            first = os.pidfd_open(number)
            door = Door(number, binds, specification, user)
    except OSError:
        door = None  # it has ended already
    watch(life, child, door)
    status = buried(child, first)
    try:
        os.write(life, b"exit %d\n" % told(status))
    except OSError:
        pass  # nobody is there any more
    os._exit(0)


if __name__ == "__main__":
    main()
