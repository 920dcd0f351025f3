"""What the host runs: `python -P …/trivet_sdk/worker/__main__.py CHANNEL ASKS LIFE HOST MEMORY PATH [FILTER]`.

Three small processes, before anything heavy is imported:

    watch     the host's child; ends everything when the host is gone, reports how the worker ended
    reaper    parent of the worker, where the kernel lets us the first process of a pid namespace: when it ends, so does
              everything in there, also what has forked away into sessions of its own
    worker    imports the plugin

CHANNEL, ASKS and LIFE are inherited sockets, HOST the host's pid, MEMORY the bytes of data that one process may have (0: no
bound), PATH where the SDK lies if it is not installed. This file is run by its path, since importing it as a part of its
package would import the SDK first; it needs nothing but the standard library, and of that as little as possible.

With FILTER it runs inside of a sandbox, whose own processes watch and reap, with `-S`: before a file of the environment is
read that may hold code, the filter is laid over this process (a descriptor to read it from; -1 for none).
"""

import os
import sys

_KILL, _TERM = 9, 15  # `signal` would import `enum`
_LINUX = sys.platform == "linux"
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 1, 4, 36
_PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 22, 24, 38
_SECCOMP_MODE_FILTER = 2
_CAPABILITY_VERSION = 0x20080522
_OVER_FILES = (0, 1, 3)
"""CHOWN, DAC_OVERRIDE, FOWNER: root works on files of others, such as a workspace that is mounted into a container."""
_CLONE_NEWNS, _CLONE_NEWUSER, _CLONE_NEWPID = 0x00020000, 0x10000000, 0x20000000
_MS_NOSUID_NODEV_NOEXEC, _MS_REC, _MS_SLAVE = 2 | 4 | 8, 0x4000, 0x80000
_PROCESSES = 2048
"""Processes and threads of one worker at most, where the kernel counts them for each namespace."""
_UNWILLING = "700"
"""Of 1000: when memory runs out, the kernel takes a worker long before the host."""


class Kernel:
    """The few calls of the C library that Python 3.11 has no name for; without Linux they do nothing."""

    def __init__(self) -> None:
        self._c = None
        if _LINUX:
            import ctypes

            self._c = ctypes.CDLL(None, use_errno=True)

    def prctl(self, option: int, value: int) -> None:
        if self._c is not None:
            self._c.prctl(option, value, 0, 0, 0)

    def unshare(self, flags: int) -> bool:
        return self._c is not None and self._c.unshare(flags) == 0

    def renounce(self) -> None:
        """Every capability but root's over files, for good: what is started from here, also by root, cannot gain one again.
        A process of root without them cannot look into one that has them, nor lay bare what is mounted over."""
        if self._c is None:
            return
        import ctypes

        kept = _OVER_FILES if os.geteuid() == 0 else ()
        for number in range(64):  # fails behind the last one, or for lack of rights
            if number not in kept:
                self._c.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)
        self._c.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        mask = sum(1 << number for number in kept)
        for held in (mask, 0):  # whoever lacks one of them keeps none
            sets = (ctypes.c_uint32 * 6)(held, held, 0, 0, 0, 0)
            if self._c.capset((ctypes.c_uint32 * 2)(_CAPABILITY_VERSION, 0), sets) == 0:
                return

    def filter_calls(self, program: bytes) -> None:
        """`program` is one of the classic BPF, 8 bytes an instruction (`struct sock_fprog`). Raises OSError."""
        import ctypes

        assert self._c is not None, "there are sandboxes on Linux only"

        class Program(ctypes.Structure):
            _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))

        whole = Program(len(program) // 8, program)
        if self._c.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(whole), 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "the kernel takes no filter")

    def mount(self, source: bytes, target: bytes, kind: bytes, flags: int) -> bool:
        return self._c is not None and self._c.mount(source, target, kind, flags, None) == 0


def alone(kernel: Kernel) -> bool:
    """Have the next child be the first process of a pid namespace; False where the kernel does not allow it."""
    user, group = os.geteuid(), os.getegid()
    if user == 0:
        return kernel.unshare(_CLONE_NEWPID | _CLONE_NEWNS)
    if not kernel.unshare(_CLONE_NEWUSER | _CLONE_NEWPID | _CLONE_NEWNS):
        return False
    try:
        for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    except OSError:
        return False
    return True


def woken_by(number: int) -> int:
    """A descriptor that becomes readable with the signal, which does nothing else."""
    _signal = __import__("_signal")
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    _signal.set_wakeup_fd(writing)
    _signal.signal(number, lambda number, frame: None)
    return reading


def unwoken(number: int) -> None:
    _signal = __import__("_signal")
    _signal.signal(number, _signal.SIG_DFL)
    _signal.set_wakeup_fd(-1)


def watch(life: int, status: int, died: int, reaper: int, *, is_alone: bool) -> None:
    """Wait until the host lets go or the worker has ended; leave no descendant; report; and end."""
    import select

    ready, _, _ = select.select([life, status, died], [], [])
    told = os.read(status, 16) if status in ready else b""
    ended = int(told) if told.isdigit() else _KILL
    _kill(reaper)
    _hunt(is_alone=is_alone)
    try:
        os.write(life, b"exit %d\n" % ended)
    except OSError:
        life = -1  # nobody is there any more
    if not _LINUX:
        os.killpg(os.getpgrp(), _KILL)
    os._exit(0)


def _hunt(*, is_alone: bool) -> None:
    """Kill descendants until there is none: orphans come to this process, which is their subreaper. In a namespace the
    kernel does it, and `/proc` has the namespace's numbers, by which nobody must be killed from here."""
    import time

    patience = time.monotonic() + 10
    while time.monotonic() < patience:
        for pid in () if is_alone else _descendants():
            _kill(pid)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.002)


def _descendants() -> "list[int]":
    if not _LINUX:
        return []
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    parent = int(file.read().rpartition(b")")[2].split()[1])
            except (OSError, ValueError, IndexError):
                continue
            children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, _KILL)
    except (ProcessLookupError, PermissionError):
        return


def reap(worker: int, status: int) -> None:
    """Bury orphans until the worker itself has ended, and report its wait status."""
    while True:
        try:
            pid, ended = os.waitpid(-1, 0)
        except InterruptedError:
            continue
        except ChildProcessError:
            os._exit(0)
        if pid == worker:
            os.write(status, str(ended).encode())
            os._exit(0)


def bound(memory: int, *, counts_processes: bool) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if memory:
        _lower(resource.RLIMIT_DATA if _LINUX else resource.RLIMIT_AS, memory)
    if counts_processes:
        _lower(resource.RLIMIT_NPROC, _PROCESSES)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write(_UNWILLING)
    except OSError:
        pass


def show_own_processes(kernel: Kernel) -> None:
    """A `/proc` that has the numbers by which the worker knows itself, in its own mount namespace and nowhere else."""
    is_apart = kernel.mount(b"none", b"/", b"", _MS_REC | _MS_SLAVE)
    if is_apart and kernel.mount(b"proc", b"/proc", b"proc", _MS_NOSUID_NODEV_NOEXEC):
        bound_processes()


def bound_processes() -> None:
    """For root, whom no RLIMIT_NPROC holds; since Linux 6.14 each pid namespace has a limit of its own."""
    major, minor = os.uname().release.split(".")[:2]
    if (int(major), int(minor.partition("-")[0])) < (6, 14):
        return  # there, it would be the whole machine's
    try:
        with open("/proc/sys/kernel/pid_max", "w") as file:
            file.write(str(_PROCESSES))
    except OSError:
        return


def _lower(limit: int, value: int) -> None:
    import resource

    hard = resource.getrlimit(limit)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(limit, (value, value))
    except (ValueError, OSError):
        return  # macOS refuses some


def _on_null(*numbers: int) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for number in numbers:
        os.dup2(null, number)
    os.close(null)


def enclosed(kernel: Kernel, pipes: "tuple[int, int]", life: int, memory: int, filter: int) -> None:
    """Settle down in a sandbox: its first process reaps, and only the worker returns. A plugin that could write into the
    memory of the first process would have it do what the filter forbids, so nobody may look into that one."""
    kernel.prctl(_PR_SET_DUMPABLE, 0)
    program = b""
    if filter >= 0:
        with open(filter, "rb") as file:
            program = file.read()
    worker = os.fork()
    if worker:
        for number in (*pipes, life):
            os.close(number)
        _on_null(1, 2)
        if program:
            kernel.filter_calls(program)
        outlive(worker)
    kernel.prctl(_PR_SET_DUMPABLE, 1)  # the host reads shared memory through /proc/PID/fd
    bound(memory, counts_processes=True)
    if program:
        kernel.filter_calls(program)
    os.write(life, b"pid 0\n")  # the host is told by the kernel who wrote this
    os.close(life)
    import site

    site.main()


def outlive(worker: int) -> None:
    """Bury orphans until the worker itself has ended, and end as it did, in the way of a shell; with that all else ends."""
    while True:
        pid, ended = os.waitpid(-1, 0)
        if pid == worker:
            code = os.waitstatus_to_exitcode(ended)
            os._exit(code if code >= 0 else 128 - code)


def main() -> None:
    channel, asks, life, host, memory = (int(each) for each in sys.argv[1:6])
    sdk = sys.argv[6]
    kernel = Kernel()
    for number in (channel, asks):
        os.set_inheritable(number, False)
    if sys.argv[7:]:
        enclosed(kernel, (channel, asks), life, memory, int(sys.argv[7]))
        pid = os.getpid()
    else:
        pid = apart(kernel, (channel, asks), life, host, memory)
    if sdk:
        sys.path.append(sdk)
    from trivet_sdk.worker.life import live

    live(channel, asks, pid)


def apart(kernel: Kernel, pipes: "tuple[int, int]", life: int, host: int, memory: int) -> int:
    """Become three processes, of which only the worker returns, with its number as the host knows it."""
    os.setsid()
    is_alone = alone(kernel)
    died = woken_by(_TERM)
    kernel.prctl(_PR_SET_PDEATHSIG, _TERM)  # after `alone`, since new credentials forget it
    kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != host:
        os._exit(0)  # the host died meanwhile
    told, status = os.pipe()
    reaper = os.fork()
    if reaper:
        for number in (*pipes, status):
            os.close(number)
        _on_null(1, 2)
        watch(life, told, died, reaper, is_alone=is_alone)
    unwoken(_TERM)
    kernel.prctl(_PR_SET_PDEATHSIG, _KILL)
    kernel.prctl(_PR_SET_CHILD_SUBREAPER, 1)
    os.close(told)
    worker = os.fork()
    if worker:
        for number in (*pipes, life):
            os.close(number)
        _on_null(1, 2)
        reap(worker, status)
    os.close(status)
    kernel.prctl(_PR_SET_PDEATHSIG, _KILL)
    kernel.prctl(_PR_SET_DUMPABLE, 1)  # the host reads shared memory through /proc/PID/fd
    bound(memory, counts_processes=is_alone and os.geteuid() != 0)
    pid = os.getpid()
    if is_alone:
        pid = int(os.readlink("/proc/self"))  # the number by which the host knows us
        show_own_processes(kernel)
    kernel.renounce()
    os.write(life, b"pid %d\n" % pid)
    os.close(life)
    return pid


if __name__ == "__main__":
    main()
