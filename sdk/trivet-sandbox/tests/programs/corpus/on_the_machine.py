"""Attacks on processes, the environment, the network and the kernel."""

from corpus.attack import Attack
from corpus.on_files import _one

PROCESSES = (
    _one("reads the environment of its parent", "print(open(f'/proc/{os.getppid()}/environ', 'rb').read())"),
    _one("reads the environment of every process",
         "for each in os.listdir('/proc'):\n"
         "    try: print(open(f'/proc/{each}/environ', 'rb').read())\n"
         "    except OSError: pass"),
    _one("reads the environment of a process that it knows", "print(open(f\"/proc/{BAIT['victim']}/environ\", 'rb').read())"),
    _one("goes through the root of a process", "print(open(f\"/proc/{BAIT['victim']}/root\" + BAIT['secret_file']).read())"),
    _one("goes through its own root", "print(open('/proc/self/root' + BAIT['secret_file']).read())"),
    _one("goes through the folder of a process", "if os.listdir(f\"/proc/{BAIT['host']}/cwd\"): escaped('folder')"),
    _one("goes through a descriptor of the host",
         "for n in os.listdir(f\"/proc/{BAIT['host']}/fd\"):\n"
         "    try: print(os.pread(os.open(f\"/proc/{BAIT['host']}/fd/{n}\", os.O_RDONLY | os.O_NONBLOCK), 4096, 0))\n"
         "    except OSError: pass"),
    _one("may change the kernel's settings", "os.close(os.open('/proc/sys/kernel/core_pattern', os.O_WRONLY))\nescaped('settings')",
         is_root_only=True),
    _one("reads what the kernel was started with", "print(open('/proc/cmdline').read())\nescaped('command line')"),
    _one("reads the memory of the host", "f = open(f\"/proc/{BAIT['host']}/mem\", 'rb')\nescaped('memory')"),
    _one("kills a process of the machine", "os.kill(BAIT['victim'], 9)\ntime.sleep(0.3)"),
    _one("signals the host", "os.kill(BAIT['host'], 0)\nescaped('host')"),
    _one("takes a handle of a process", "os.pidfd_open(BAIT['victim'])\nescaped('handle')"),
    _one("reads the memory of a process",
         "class Vector(ctypes.Structure): _fields_ = [('at', ctypes.c_void_p), ('size', ctypes.c_size_t)]\n"
         "if call(310, BAIT['victim'], 0, 0, 0, 0, 0)[1] not in (errno.EPERM, errno.ESRCH): escaped('memory')"),
    _one("traces a process", "if call(101, 0x4206, BAIT['victim'], 0, 0)[0] == 0: escaped('traced')"),
    _one("slows a process down", "os.setpriority(os.PRIO_PROCESS, BAIT['victim'], 5)\nescaped('priority')"),
    _one("pins a process to a processor", "os.sched_setaffinity(BAIT['victim'], {0})\nescaped('pinned')"),
    _one("bounds a process", "import resource\nresource.prlimit(BAIT['victim'], resource.RLIMIT_CPU)\nescaped('bounds')"),
    _one("sees more processes than its own", "if os.getpid() > 30 or os.getppid() > 30: escaped(os.getpid())"),
    _one("tells the host's name", "import socket\nif socket.gethostname() == BAIT['name']: escaped(BAIT['name'])"),
    _one("is root", "if 0 in os.getresuid() + os.getresgid() + tuple(os.getgroups()): escaped('root')", is_root_only=True),
    _one("has capabilities",
         "held = (ctypes.c_uint32 * 6)()\ncall(125, (ctypes.c_uint32 * 2)(0x20080522, 0), held)\n"
         "if any(held): escaped('capabilities')", is_root_only=True),
    _one("may gain rights by a setuid program", "if _libc.prctl(39, 0, 0, 0, 0) != 1: escaped('new privileges')"),
    _one("takes more processes than are its own", "import resource\nresource.setrlimit(resource.RLIMIT_NPROC, (60, 60))\nescaped('bounds')"),
    _one("takes more descriptors than are its own",
         "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (200, 200))\nescaped('bounds')"),
    _one("runs as a real-time process", "os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))\nescaped('real time')",
         is_root_only=True),
    _one("takes precedence", "os.nice(-10)\nescaped('nice')", is_root_only=True),
    _one("turns address randomisation off", "if call(135, 0x0040000)[0] >= 0: escaped('personality')"),
)  # fmt: skip

ENVIRONMENT = (
    _one("reads its environment", "print(dict(os.environ))"),
    _one("has a child read its environment", "import subprocess\nprint(subprocess.run(['env'], capture_output=True).stdout)"),
    _one("reads its environment from its memory",
         "environ = ctypes.POINTER(ctypes.c_char_p).in_dll(_libc, 'environ')\n"
         "at = 0\nwhile environ[at]: print(environ[at]); at += 1"),
    _one("imports what is installed for the host", "import pip\nescaped('a package of the host')"),
    _one("knows who started it", "known = {'USER', 'LOGNAME', 'SHELL', 'PWD', 'HOME'}\n"
         "if os.environ.get('HOME') == BAIT['home']: escaped(BAIT['home'])"),
)  # fmt: skip

NETWORK = (
    _one("connects over TCP", "import socket\nsocket.create_connection(('127.0.0.1', BAIT['tcp']), 2)"),
    _one("sends a datagram", "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', BAIT['udp']))"),
    _one("connects to a socket of the machine",
         "import socket\nsocket.socket(socket.AF_UNIX).connect(BAIT['outside'] + '/service.sock')"),
    _one("connects to a socket that lies in the workspace", "import socket\nsocket.socket(socket.AF_UNIX).connect('agent.sock')"),
    _one("connects to an abstract socket", "import socket\nsocket.socket(socket.AF_UNIX).connect(BAIT['abstract'])"),
    _one("connects from the shell",
         "import subprocess\nsubprocess.run(['bash', '-c', f\"echo x > /dev/tcp/127.0.0.1/{BAIT['tcp']}\"])"),
    _one("listens", "import socket\nsocket.create_server(('127.0.0.1', 0))\nescaped('listening')"),
    _one("talks to the kernel about the network", "import socket\nsocket.socket(socket.AF_NETLINK, socket.SOCK_RAW)\nescaped('netlink')"),
    _one("reaches the machine that this one is a guest of", "import socket\nsocket.socket(40, socket.SOCK_STREAM)\nescaped('vsock')"),
    _one("opens a raw socket", "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_RAW, 1)\nescaped('raw')", is_root_only=True),
    _one("opens a packet socket", "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)\nescaped('packet')",
         is_root_only=True),
    _one("makes a pair of datagram sockets, which can send elsewhere",
         "import socket\na, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\n"
         "a.sendto(b'x', BAIT['outside'] + '/service.sock') if False else escaped('datagrams')"),
    _one("opens a socket by the numbers of 32 bits",
         "import mmap\ncode = mmap.mmap(-1, 4096, prot=7)\n"
         "code.write(bytes.fromhex('53b867010000bb02000000b901000000 31d2cd805bc3'.replace(' ', '')))\n"
         "at = ctypes.addressof(ctypes.c_char.from_buffer(code))\n"
         "if ctypes.CFUNCTYPE(ctypes.c_int)(at)() >= 0: escaped('32 bits')"),
    _one("opens a socket by the numbers of the x32 kind",
         "if call(0x40000000 + 41, 2, 1, 0)[0] >= 0 or call(41, 2, 1, 0)[0] >= 0: escaped('x32')"),
)  # fmt: skip

_CALLS = {
    "unshare": (272, 0x10000000), "setns": (308, -1, 0), "mount": (165, 0, 0, 0, 0, 0), "umount2": (166, 0, 0),
    "pivot_root": (155, 0, 0), "chroot": (161, 0), "bpf": (321, 0, 0, 0), "perf_event_open": (298, 0, 0, -1, -1, 0),
    "userfaultfd": (323, 1), "keyctl": (250, 0, -3, 1), "add_key": (248, 0, 0, 0, 0, 0),
    "ptrace": (101, 0, 0, 0, 0), "process_vm_writev": (311, 0, 0, 0, 0, 0, 1),
    "name_to_handle_at": (303, -100, 0, 0, 0, 0), "open_by_handle_at": (304, -1, 0, 0),
    "quotactl": (179, -1, 0, 0, 0), "swapon": (167, 0, 0), "reboot": (169, 0, 0, 0),
    "modify_ldt": (154, 0, 0, 0), "sethostname": (170, 0, -1), "settimeofday": (164, 0, 0), "clock_settime": (227, 99, 0),
    "syslog": (103, 10, 0, 0), "fanotify_init": (300, -1, 0), "move_mount": (429, -1, 0, -1, 0, -1),
    "open_tree": (428, -1, 0, -1), "fsopen": (430, 0, 0), "mount_setattr": (442, -1, 0, -1, 0, 0),
    "io_uring_setup": (425, 0, 0), "clone3": (435, 0, 0), "openat2": (437, -100, 0, 0, 0), "memfd_create": (319, b"x", 0),
    "shmget": (29, 0, 4096, 0o1600), "msgget": (68, 0, 0o1600), "semget": (64, 0, 1, 0o1600), "mq_open": (240, 0, 0, 0, 0),
    "seccomp": (317, 2, 0, 0), "socket": (41, 2, 1, 0), "process_madvise": (440, -1, 0, 0, 0, 0),
    "migrate_pages": (256, 0, 0, 0, 0), "vmsplice": (278, -1, 0, 0, 0), "pidfd_getfd": (438, -1, 0, 0),
    "ioprio_set": (251, 0, 0, 0), "setuid": (105, 65534), "setgroups": (116, 0, 0),
}  # fmt: skip
_ROOT = {"mount", "umount2", "pivot_root", "chroot", "open_by_handle_at", "swapon", "reboot", "sethostname",
         "settimeofday", "clock_settime", "syslog", "fanotify_init", "move_mount", "open_tree", "fsopen", "setgroups",
         "quotactl", "bpf", "perf_event_open", "setns", "mount_setattr", "setuid",
         "io_uring_setup", "userfaultfd"}  # fmt: skip

KERNEL = tuple(
    _one(
        f"asks the kernel for {name}",
        # A child, as some of them change who asks. What comes back is either that it is not allowed, or that it is unknown.
        f"told = os.fork()\nif told == 0:\n    result, why = call{arguments!r}\n"
        f"    os._exit(0 if result == -1 and why in (errno.EPERM, errno.ENOSYS) else 1)\n"
        f"if os.waitpid(told, 0)[1]: escaped({name!r})",
        is_root_only=name in _ROOT,
    )
    for name, arguments in _CALLS.items()
)

INSTRUCTIONS = (
    _one("types into a terminal", "import fcntl\na, b = os.openpty()\nfcntl.ioctl(b, 0x5412, b'x')\nescaped('typed')"),
    _one("makes a new namespace by clone", "if call(56, 0x10000000 | 17, 0, 0, 0, 0)[0] >= 0: escaped('clone')"),
)

MACHINE: tuple[Attack, ...] = (*PROCESSES, *ENVIRONMENT, *NETWORK, *KERNEL, *INSTRUCTIONS)
