"""What code in a sandbox may ask of an x86-64 kernel: an allow-list, and what is looked at closer.

Numbers as in Linux's `arch/x86/entry/syscalls/syscall_64.tbl`. Whatever stands nowhere here is refused.
"""

from types import MappingProxyType
from typing import Final, NamedTuple

ALLOWED: Final = MappingProxyType({
    # files that are open
    "read": 0, "write": 1, "close": 3, "fstat": 5, "poll": 7, "lseek": 8, "pread64": 17, "pwrite64": 18, "readv": 19,
    "writev": 20, "pipe": 22, "select": 23, "dup": 32, "dup2": 33, "sendfile": 40, "flock": 73, "fsync": 74,
    "fdatasync": 75, "ftruncate": 77, "getdents": 78, "getdents64": 217, "fadvise64": 221, "epoll_wait": 232,
    "epoll_ctl": 233, "pselect6": 270, "ppoll": 271, "sync_file_range": 277, "epoll_pwait": 281, "signalfd": 282,
    "timerfd_create": 283, "eventfd": 284, "fallocate": 285, "timerfd_settime": 286, "timerfd_gettime": 287,
    "signalfd4": 289, "eventfd2": 290, "epoll_create1": 291, "dup3": 292, "pipe2": 293, "preadv": 295, "pwritev": 296,
    "copy_file_range": 326, "preadv2": 327, "pwritev2": 328, "close_range": 436, "epoll_pwait2": 441,
    "epoll_create": 213, "readahead": 187,
    # files by name
    "stat": 4, "lstat": 6, "access": 21, "truncate": 76, "getcwd": 79, "chdir": 80, "fchdir": 81, "rename": 82,
    "rmdir": 84, "link": 86, "unlink": 87, "symlink": 88, "readlink": 89, "utime": 132, "statfs": 137, "fstatfs": 138,
    "utimes": 235, "unlinkat": 263, "renameat": 264, "linkat": 265, "symlinkat": 266, "readlinkat": 267,
    "faccessat": 269, "newfstatat": 262, "utimensat": 280, "futimesat": 261, "renameat2": 316, "statx": 332,
    "faccessat2": 439, "umask": 95, "getxattr": 191, "lgetxattr": 192, "fgetxattr": 193, "listxattr": 194,
    "llistxattr": 195, "flistxattr": 196,
    # memory
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "mremap": 25, "msync": 26, "mincore": 27, "madvise": 28,
    "pkey_mprotect": 329, "pkey_alloc": 330, "pkey_free": 331,
    # signals, threads, processes of its own
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sched_yield": 24, "pause": 34, "nanosleep": 35,
    "getitimer": 36, "alarm": 37, "setitimer": 38, "getpid": 39, "fork": 57, "vfork": 58, "execve": 59, "exit": 60,
    "wait4": 61, "kill": 62, "rt_sigpending": 127, "rt_sigtimedwait": 128, "rt_sigsuspend": 130, "sigaltstack": 131,
    "gettid": 186, "tkill": 200, "futex": 202, "restart_syscall": 219, "exit_group": 231, "tgkill": 234, "waitid": 247,
    "set_tid_address": 218, "set_robust_list": 273, "get_robust_list": 274, "execveat": 322, "membarrier": 324,
    "rseq": 334, "pidfd_send_signal": 424, "pidfd_open": 434, "futex_waitv": 449, "arch_prctl": 158,
    "setpgid": 109, "getppid": 110, "getpgrp": 111, "setsid": 112, "getpgid": 121, "getsid": 124,
    # who and what it is
    "uname": 63, "getrlimit": 97, "setrlimit": 160, "prlimit64": 302, "getrusage": 98, "sysinfo": 99, "times": 100,
    "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getgroups": 115, "getresuid": 118, "getresgid": 120,
    "capget": 125, "getpriority": 140, "setpriority": 141, "sched_getparam": 143, "sched_getscheduler": 145,
    "sched_get_priority_max": 146, "sched_get_priority_min": 147, "sched_rr_get_interval": 148,
    "sched_setaffinity": 203, "sched_getaffinity": 204, "sched_getattr": 315, "getcpu": 309, "get_mempolicy": 239,
    # time
    "gettimeofday": 96, "time": 201, "timer_create": 222, "timer_settime": 223, "timer_gettime": 224,
    "timer_getoverrun": 225, "timer_delete": 226, "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230,
    # random numbers, and both ends of a pipe of its own
    "getrandom": 318, "recvfrom": 45, "recvmsg": 47, "shutdown": 48, "getsockname": 51, "getpeername": 52,
    "setsockopt": 54, "getsockopt": 55, "sendmsg": 46, "recvmmsg": 299, "sendmmsg": 307,
})  # fmt: skip

FOR_WORKERS: Final = MappingProxyType({
    # What libraries ask for that a program of a model's does without: nothing here reaches beyond what is seen inside.
    "memfd_create": 319, "mlock": 149, "munlock": 150, "mlock2": 325, "mlockall": 151, "munlockall": 152, "mbind": 237,
    "set_mempolicy": 238, "shmget": 29, "shmat": 30, "shmctl": 31, "shmdt": 67, "semget": 64, "semop": 65, "semctl": 66,
    "semtimedop": 220, "mq_open": 240, "mq_unlink": 241, "mq_timedsend": 242, "mq_timedreceive": 243, "mq_getsetattr": 245,
    "sched_setparam": 142, "sched_setscheduler": 144, "sched_setattr": 314, "ioprio_set": 251, "ioprio_get": 252,
    "inotify_init": 253, "inotify_add_watch": 254, "inotify_rm_watch": 255, "inotify_init1": 294, "sync": 162,
    "syncfs": 306, "splice": 275, "tee": 276, "vmsplice": 278, "chown": 92, "fchown": 93, "lchown": 94, "fchownat": 260,
    "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190, "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199,
    "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "setuid": 105, "setgid": 106, "setreuid": 113, "setregid": 114,
    "setresuid": 117, "setresgid": 119, "setfsuid": 122, "setfsgid": 123, "capset": 126, "cachestat": 451,
    # more filters for itself, devices that compute, and what a process says of itself
    "seccomp": 317, "prctl": 157, "ioctl": 16, "fcntl": 72,
})  # fmt: skip

FOR_NETWORK: Final = MappingProxyType({
    "connect": 42, "accept": 43, "sendto": 44, "bind": 49, "listen": 50, "accept4": 288,
})  # fmt: skip

MISSING: Final = MappingProxyType({
    # Said to be unknown, so that libraries take an older way, one that can be looked into: these hide what they
    # want in memory, where no filter reads.
    "clone3": 435, "openat2": 437, "fchmodat2": 452, "io_uring_setup": 425, "io_uring_enter": 426,
    "io_uring_register": 427, "landlock_create_ruleset": 444, "memfd_secret": 447,
})  # fmt: skip

NEWEST: Final = 462
"""Numbers beyond are of kernels to come, and said to be unknown as well."""


class Only(NamedTuple):
    """Allowed if one argument, by its place from 0, has one of these values: the lower 32 bits, behind `mask`."""

    place: int
    values: tuple[int, ...]
    mask: int = 0xFFFFFFFF
    is_whole: bool = False
    """The upper 32 bits must be 0, too."""


_SETUID_BITS = 0o6000
_NAMESPACES = 0x7E020000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_S_IFMT, _S_IFIFO, _S_IFREG = 0o170000, 0o010000, 0o100000


def _without_setuid(place: int) -> Only:
    return Only(place, (0,), mask=_SETUID_BITS)


_PRCTL = (
    1, 2,  # PR_SET_PDEATHSIG, PR_GET_PDEATHSIG
    3,  # PR_GET_DUMPABLE
    15, 16,  # PR_SET_NAME, PR_GET_NAME
    21, 23,  # PR_GET_SECCOMP, PR_CAPBSET_READ
    38, 39,  # PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS
    0x53564D41,  # PR_SET_VMA
)  # fmt: skip
_IOCTL = (
    0x5401, 0x540F, 0x5413,  # TCGETS, TIOCGPGRP, TIOCGWINSZ
    0x541B, 0x5421, 0x5450, 0x5451, 0x5452,  # FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, FIOASYNC
)  # fmt: skip
_FCNTL = (
    0, 1, 2, 3, 4, 5, 6, 7,  # F_DUPFD to F_SETLKW
    36, 37, 38,  # locks of open file descriptions
    1030, 1031, 1032,  # F_DUPFD_CLOEXEC, F_SETPIPE_SZ, F_GETPIPE_SZ
)  # fmt: skip

CHECKED: Final[MappingProxyType[str, tuple[int, tuple[Only, ...]]]] = MappingProxyType({
    # name: number, and what must all hold
    "open": (2, (_without_setuid(2),)),
    "creat": (85, (_without_setuid(1),)),
    "openat": (257, (_without_setuid(3),)),
    "mkdir": (83, (_without_setuid(1),)),
    "mkdirat": (258, (_without_setuid(2),)),
    "chmod": (90, (_without_setuid(1),)),
    "fchmod": (91, (_without_setuid(1),)),
    "fchmodat": (268, (_without_setuid(2),)),
    "mknod": (133, (_without_setuid(1), Only(1, (0, _S_IFIFO, _S_IFREG), mask=_S_IFMT))),
    "mknodat": (259, (_without_setuid(2), Only(2, (0, _S_IFIFO, _S_IFREG), mask=_S_IFMT))),
    "clone": (56, (Only(0, (0,), mask=_NAMESPACES),)),
    "fcntl": (72, (Only(1, _FCNTL),)),
    "ioctl": (16, (Only(1, _IOCTL),)),
    "prctl": (157, (Only(0, _PRCTL),)),
    "personality": (135, (Only(0, (0, 0xFFFFFFFF)),)),
    # A stream, so that no message can be sent to another address than the other end.
    "socketpair": (53, (Only(0, (1,)), Only(1, (1,), mask=0xF))),
    "sendto": (44, (Only(4, (0,), is_whole=True),)),
})  # fmt: skip

NETWORK_CHECKED: Final[MappingProxyType[str, tuple[int, tuple[Only, ...]]]] = MappingProxyType({
    # AF_INET and AF_INET6, streams and datagrams: a unix socket would reach the machine's own services, by abstract names too.
    "socket": (41, (Only(0, (2, 10)), Only(1, (1, 2), mask=0xF))),
})  # fmt: skip

_CLONE_THREAD = 0x00010000
PROGRAMS: Final = MappingProxyType({"fork": 57, "vfork": 58, "execve": 59, "execveat": 322})
"""What starts a process or a program, but for `clone`, which makes threads as well."""
THREADS: Final = ("clone", 56, Only(0, (_CLONE_THREAD,), mask=_CLONE_THREAD))
