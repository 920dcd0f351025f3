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

import marshal
import os
import select
import sys

if __name__ == "__main__":  # the package itself would be imported with all that it has
    _bare = type(sys)("trivet_sandbox")
    _bare.__path__ = [os.path.dirname(os.path.abspath(__file__))]
    sys.modules["trivet_sandbox"] = _bare

from trivet_sandbox import kernel
from trivet_sandbox.door import FOLDER, Binds, Door, Refused

_KILL = 9
PATIENCE = 10.0
"""Seconds in which the kernel ends all that is inside."""


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
                answer = ""  # the sandbox has ended, as the host is about to hear
            elif word == b"hide":
                answer = door.hide(name)
            else:
                answer = door.show(name, is_writable=word == b"lend")
            os.write(life, b"done %s %s\n" % (number, answer.encode().hex().encode()))


def buried(child: int, first: "int | None") -> int:
    """End all, wait until nothing is left, and return bubblewrap's wait status."""
    import signal
    import time

    if first is not None:
        try:
            signal.pidfd_send_signal(first, _KILL)
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
    finally:  # also if nobody is there any more
        os._exit(0)


if __name__ == "__main__":
    main()
