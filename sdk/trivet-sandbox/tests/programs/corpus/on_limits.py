"""Floods, and what does not want to end."""

from corpus.attack import Attack
from corpus.on_files import _one

_HEARTBEAT = (
    "if os.fork() == 0:\n    os.setsid()\n    if os.fork(): os._exit(0)\n"
    "    null = os.open(os.devnull, os.O_RDWR)\n    [os.dup2(null, n) for n in range(3)]\n"
    "    import signal; [signal.signal(n, signal.SIG_IGN) for n in (1, 2, 15)]\n"
    "    end = time.monotonic() + 6\n"
    "    while time.monotonic() < end:\n"
    "        with open('heartbeat', 'a') as f: f.write('x')\n"
    "        time.sleep(0.02)\n"
    "    os._exit(0)\n"
    "time.sleep(0.2)\n"
)
_SHARED = "import mmap\nheld = mmap.mmap(-1, 700 << 20)\nfor at in range(700): held[at << 20:(at + 1) << 20] = block\n"
_MANY = (
    "names = [f'{folder}/trivet-flood-{{os.getpid()}}-{{n}}' for n in range(20)]\n"
    "try:\n"
    "    for name in names:\n        with open(name, 'wb') as f: f.write(bytes(4 << 20))\n"
    "    escaped('80 MB')\n"
    "finally:\n    for name in names: os.path.exists(name) and os.unlink(name)"
)
_TREE = """
down, end = os.pipe()
alive, up = os.pipe()
first = os.getpid()
for _ in range(6):
    try: os.fork()
    except OSError: pass
os.write(up, b'x')
if os.getpid() != first:
    os.close(end); os.read(down, 1); os._exit(0)
time.sleep(0.7)
os.set_blocking(alive, False)
found = len(os.read(alive, 999))
os.close(end)
if found >= 60: escaped(found, 'processes')
"""
_INODES = """
folder = f'/tmp/trivet-flood-{os.getpid()}'
os.mkdir(folder)
for n in range(60_000): os.close(os.open(f'{folder}/n{n}', os.O_CREAT | os.O_WRONLY))
escaped('files')
for n in range(60_000): os.unlink(f'{folder}/n{n}')
os.rmdir(folder)
"""

LIMITS = (
    _one("takes much memory", "held = bytearray(b'x') * (400 << 20)\nescaped('400 MB')"),
    _one("takes much memory piece by piece", "held = [b'x' * (1 << 20) for _ in range(400)]\nescaped('400 MB')"),
    _one("takes much shared memory", "block = b'x' * (1 << 20)\n" + _SHARED + "escaped('700 MB')"),
    _one("takes much memory in many processes",
         "alive, up = os.pipe()\ndown, end = os.pipe()\n"
         "for _ in range(8):\n"
         "    if os.fork() == 0:\n        os.close(end)\n        held = bytearray(b'x') * (80 << 20)\n"
         "        os.write(up, b'x')\n        os.read(down, 1)\n        os._exit(0)\n"
         "os.close(up)\nfound = 0\nwhile found < 8 and os.read(alive, 1): found += 1\n"
         "time.sleep(0.2)\nif found == 8: escaped('640 MB')"),
    Attack(name="takes much memory between two programs", programs=(
        "block = b'x' * (1 << 20)\nimport mmap\nheld = mmap.mmap(-1, 700 << 20)\n"
        "def fill():\n    time.sleep(0.3)\n    for at in range(700): held[at << 20:(at + 1) << 20] = block\n"
        "    time.sleep(0.5)\n    full.set()\n"
        "full = threading.Event()\nthreading.Thread(target=fill).start()",
        "if full.wait(10): escaped('700 MB')")),
    _one("fills the folder for passing files", _MANY.format(folder="/tmp")),
    _one("fills shared memory", _MANY.format(folder="/dev/shm")),
    _one("writes a large file",
         "with open('large', 'wb') as f:\n    for _ in range(80): f.write(bytes(1 << 20))\nescaped('80 MB')"),
    _one("makes a file large by a hole", "os.truncate(os.open('large', os.O_CREAT | os.O_RDWR), 1 << 40)\nescaped('1 TB')"),
    _one("fills the workspace with files",
         "for n in range(80):\n    with open(f'f{n}', 'wb') as f: f.write(b'x' * (7 << 20)); f.flush(); os.fdatasync(f.fileno())\n"
         "escaped('560 MB')", timeout=30.0),
    _one("fills the workspace with files that have no name",
         "held = []\nfor n in range(55):\n"
         "    held.append(open('f', 'wb')); os.unlink('f'); held[-1].write(b'x' * (7 << 20)); held[-1].flush()\n"
         "    os.fdatasync(held[-1].fileno())\nescaped('385 MB')", timeout=30.0),
    _one("fills the workspace with files that are only mapped",
         "import mmap\nheld = []\nfor n in range(80):\n    with open('f', 'w+b') as f:\n"
         "        f.write(b'x' * (7 << 20)); f.flush(); os.fdatasync(f.fileno()); held.append(_libc.mmap(0, 7 << 20, 1, 1, f.fileno(), 0))\n"
         "    os.unlink('f')\nescaped('560 MB')", timeout=30.0),
    _one("fills the workspace from a child",
         "import subprocess\nsubprocess.run(['sh', '-c', 'i=0; while [ $i -lt 80 ]; do dd if=/dev/zero of=g$i bs=1M count=7 "
         "conv=fdatasync status=none || exit 1; i=$((i+1)); done'], check=True)\nescaped('560 MB')", timeout=30.0),
    Attack(name="fills the workspace between two programs", timeout=30.0, programs=(
        "def fill():\n    for n in range(80):\n"
        "        with open(f'f{n}', 'wb') as f: f.write(b'x' * (7 << 20)); f.flush(); os.fdatasync(f.fileno())\n"
        "    full.set()\n"
        "full = threading.Event()\nthreading.Thread(target=fill).start()",
        "if full.wait(25): escaped('560 MB')")),
    _one("makes very many files", "for n in range(30_000): os.close(os.open(f'n{n}', os.O_CREAT | os.O_WRONLY))\nescaped('files')",
         timeout=30.0),
    _one("makes very many files in memory", _INODES, timeout=30.0),
    _one("makes many processes",
         "down, end = os.pipe()\nfor _ in range(60):\n    if os.fork() == 0: os.close(end); os.read(down, 1); os._exit(0)\n"
         "escaped('60 processes')"),
    _one("makes processes that make processes", _TREE),
    _one("makes many threads",
         "go = threading.Event()\nfor _ in range(60): threading.Thread(target=go.wait, daemon=True).start()\n"
         "go.set()\nescaped('60 threads')"),
    _one("opens many files", "held = [os.open('/dev/null', os.O_RDONLY) for _ in range(200)]\nescaped('200 files')"),
    _one("prints without measure", "for _ in range(200): print('x' * 100_000)"),
    _one("prints without end", "while True: print('x' * 10_000)", timeout=2.0),
    _one("has a long last value", "VALUE = 'x' * 5_000_000\nVALUE"),
    _one("raises a long error", "raise ValueError('x' * 5_000_000)"),
    _one("does not end, and leaves a process behind", _HEARTBEAT + "while True: pass", timeout=1.0),
    _one("leaves a process behind", _HEARTBEAT),
    _one("ends itself, and leaves a process behind", _HEARTBEAT + "os._exit(0)"),
    _one("commands a terminal", "print('\\x1b[2J\\x1b]0;title\\x07 hello \\x9b31m')"),
    _one("commands a terminal by its value", "class Odd:\n    def __repr__(self): return '\\x1b[31mred'\n"
         "VALUE = Odd()\nstr(VALUE)\nVALUE\nraise ValueError('\\x1b[31mred')"),
    _one("writes what is no text", "sys.stdout.buffer.write(b'\\xff\\xfe \\xed\\xa0\\x80\\n'); sys.stdout.flush()"),
    _one("raises half a character", "raise ValueError('\\ud800')"),
)  # fmt: skip
