"""Attacks on the files of the machine, and through files that are left in the workspace."""

from corpus.attack import Attack


def _one(name: str, program: str, **more: object) -> Attack:
    return Attack(name=name, programs=(program,), **more)  # type: ignore[arg-type]


_CANARY = "name = os.path.join({folder}, 'trivet-canary')\nopen(name, 'x').close()\nos.unlink(name)\nescaped(name)"

FILES = (
    _one("reads a file by its path", "print(open(BAIT['secret_file']).read())"),
    _one("reads a file by a path that leaves the workspace", "print(open('../outside/secret.txt').read())"),
    _one("reads a file over a link that it makes", "os.symlink(BAIT['secret_file'], 'mine')\nprint(open('mine').read())"),
    _one("reads a file over a link that was there", "print(open('way out').read())"),
    _one("lists a folder of the machine", "if os.listdir(BAIT['outside']): escaped('listed')"),
    _one(
        "climbs out by open folders",
        "for _ in range(8):\n"
        "    os.fchdir(os.open('..', os.O_RDONLY | os.O_DIRECTORY))\n"
        "    if os.path.exists('outside/secret.txt'): print(open('outside/secret.txt').read())\n"
        "    if os.path.exists(BAIT['secret_file'].lstrip('/')): print(open(BAIT['secret_file'].lstrip('/')).read())",
    ),
    _one("writes a file beside the workspace", "open(BAIT['outside'] + '/new.txt', 'w').write('x')"),
    _one("changes a file beside the workspace", "open(BAIT['outside'] + '/precious.txt', 'w').write('spoilt')"),
    _one("removes a file beside the workspace", "os.unlink(BAIT['outside'] + '/precious.txt')"),
    _one("cuts a file beside the workspace", "os.truncate(BAIT['outside'] + '/precious.txt', 0)"),
    _one("changes the mode of a file beside the workspace",
         "os.chmod(BAIT['outside'] + '/precious.txt', 0o777)\n"
         "if os.stat(BAIT['outside'] + '/precious.txt').st_mode & 0o777 == 0o777: escaped('mode')"),
    _one("changes the mode of the folder beside the workspace by a descriptor of it",
         "there = os.open(BAIT['outside'], os.O_RDONLY)\nos.fchmod(there, 0o777)\n"
         "if os.fstat(there).st_mode & 0o777 == 0o777: escaped('mode')"),
    _one("changes the times of a file beside the workspace",
         "os.utime(BAIT['outside'] + '/precious.txt', (1, 1))\n"
         "if os.stat(BAIT['outside'] + '/precious.txt').st_mtime == 1: escaped('times')"),
    _one("puts a mark on a file beside the workspace",
         "os.setxattr(BAIT['outside'] + '/precious.txt', 'user.trivet', b'x')\nescaped('mark')"),
    _one("moves a file into the workspace", "os.rename(BAIT['outside'] + '/precious.txt', 'precious.txt')"),
    _one("moves a file over the edge by file descriptors of folders",
         "here, there = os.open('.', os.O_RDONLY), os.open('../outside', os.O_RDONLY)\n"
         "os.rename('precious.txt', 'precious.txt', src_dir_fd=there, dst_dir_fd=here)"),
    _one("gives a file a second name in the workspace",
         "os.link(BAIT['secret_file'], 'second')\nprint(open('second').read())"),
    _one("reads the users", "if 'root:' in open('/etc/passwd').read(): escaped('users')"),
    _one("reads the passwords", "if open('/etc/shadow').read(): escaped('passwords')", is_root_only=True),
    _one("reads the home folder", "if os.listdir(BAIT['home']): escaped('home')"),
    _one("reads the code that started it", "if 'trivet' in open(BAIT['source']).read(): escaped('source')"),
    _one("writes beside the system's programs", _CANARY.format(folder="'/usr/bin'"), is_root_only=True),
    _one("writes to the root folder", _CANARY.format(folder="'/'"), is_root_only=True),
    _one("writes beside the devices", "open('/dev/trivet-canary', 'w').close(); os.unlink('/dev/trivet-canary')\n"
         "escaped('/dev')", is_root_only=True),
    _one("writes beside its own interpreter", _CANARY.format(folder="os.path.dirname(os.__file__)"), is_root_only=True),
    _one("finds a descriptor that it was not given",
         "import stat\nfor n in range(3, 256):\n"
         "    try: told = os.fstat(n)\n"
         "    except OSError: continue\n"
         "    if stat.S_ISREG(told.st_mode): print(os.pread(n, 4096, 0))\n"
         "    if stat.S_ISSOCK(told.st_mode) or stat.S_ISDIR(told.st_mode): escaped('descriptor', n)"),
    _one("opens a disk, a terminal or the machine's memory",
         "import stat\nfor name in os.listdir('/dev'):\n"
         "    if name in ('null', 'zero', 'full', 'random', 'urandom', 'tty', 'ptmx', 'console', 'shm', 'pts', 'fd', 'core'): continue\n"
         "    if not name.startswith('std'): escaped('/dev/' + name)"),
    _one("reads the kernel's log device", "os.read(os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK), 4096)\nescaped('log')",
         is_root_only=True),
    _one("lists the machine's devices", "if os.listdir('/sys'): escaped('/sys')"),
    _one("writes to a control group", "os.mkdir('/sys/fs/cgroup/trivet-canary')\nos.rmdir('/sys/fs/cgroup/trivet-canary')\n"
         "escaped('group')", is_root_only=True),
    _one("writes to a read-only workspace", "open('new.txt', 'w').write('x')\nescaped('written')", is_writable=False),
    _one("changes times in a read-only workspace",
         "os.utime('.', (1, 1))\nif os.stat('.').st_mtime == 1: escaped('touched')", is_writable=False),
    _one("removes from a read-only workspace", "os.unlink('way out')\nescaped('removed')", is_writable=False),
    _one("mounts a read-only workspace again",
         "if call(165, 0, b'/workspace', 0, 32, 0)[1] not in (1, 38): escaped('mount')\n"
         "open('new.txt', 'w').write('x')\nescaped('written')", is_writable=False),
)  # fmt: skip

LEFT_BEHIND = (
    _one("leaves a setuid program", "open('tool', 'w').close()\nos.chmod('tool', 0o4755)"),
    _one("leaves a setuid program by its descriptor", "os.fchmod(os.open('tool', os.O_CREAT | os.O_WRONLY), 0o6755)"),
    _one("makes a file setuid from the start",
         "os.umask(0)\nos.close(os.open('tool', os.O_CREAT | os.O_WRONLY, 0o4755))"),
    _one("makes a setgid folder", "os.mkdir('folder')\nos.chmod('folder', 0o2755)"),
    _one("makes a setuid file as a device would be made",
         "import stat\nos.umask(0)\nos.mknod('tool', stat.S_IFREG | 0o4755)"),
    _one("leaves a setuid program by the newest call for it",
         "open('tool', 'w').close()\nif call(452, -100, b'tool', 0o4755, 0)[1]: os.chmod('tool', 0o4755)"),
    _one("leaves a device", "import stat\nos.mknod('disk', stat.S_IFBLK | 0o666, os.makedev(8, 0))", is_root_only=True),
    _one("leaves a program with capabilities",
         "open('tool', 'w').close()\n"
         "os.setxattr('tool', 'security.capability', bytes.fromhex('0100000200200000000000000000000000000000'))",
         is_root_only=True),
    _one("gives a file away", "open('gift', 'w').close()\nos.chown('gift', 12345, 12345)", is_root_only=True),
    _one("leaves a link for the host", "os.symlink(BAIT['secret_file'], 'result.txt')", reads=("result.txt",)),
    _one("leaves a link to a folder for the host", "os.symlink(BAIT['outside'], 'results')", reads=("results/secret.txt",)),
    _one("leaves a chain of links for the host",
         "os.mkdir('a')\nos.symlink('../../outside', 'a/b')\nos.symlink('a/b', 'c')", reads=("c/secret.txt",)),
    _one("leaves a link through the host's own process", "os.symlink('/proc/self/environ', 'result.txt')",
         reads=("result.txt",)),
    _one("has the host read a path that leaves", "pass", reads=("../outside/secret.txt", "x/../../outside/secret.txt")),
    _one("has the host read an absolute path", "print('no')",
         reads=("/proc/self/cwd/../outside/secret.txt", "/proc/self/environ")),
    _one("leaves a pipe that nobody writes to", "os.mkfifo('result.txt')", reads=("result.txt",)),
    _one("leaves a huge file with nothing in it", "os.truncate(os.open('result.txt', os.O_CREAT | os.O_RDWR), 7 << 20)",
         reads=("result.txt",)),
    _one("leaves a second name of a file that was made outside",
         "os.link('../outside/secret.txt', 'result.txt')", reads=("result.txt",)),
    Attack(
        name="swaps a folder for a link while the host reads",
        programs=(
            "os.mkdir('real')\nopen('real/secret.txt', 'w').write('harmless')\nos.symlink(BAIT['outside'], 'false')\n"
            "os.rename('real', 'd')\n"
            "if os.fork() == 0:\n"
            "    end = time.monotonic() + 4\n"
            "    while time.monotonic() < end:\n"
            "        try: os.rename('d', 'spare'); os.rename('false', 'd'); os.rename('d', 'false'); os.rename('spare', 'd')\n"
            "        except OSError: pass\n"
            "    os._exit(0)",
        ),
        reads=("d/secret.txt",),
        reads_while_open=1500,
    ),
)  # fmt: skip
