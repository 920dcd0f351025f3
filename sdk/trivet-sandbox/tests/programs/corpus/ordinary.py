"""Programs that mean no harm, and what must come of them: a sandbox that starts nothing holds every attack."""

from dataclasses import dataclass
from pathlib import Path

from corpus.adapters import TIGHT
from trivet_sandbox import Interpreter, Limits, Session
from trivet_sandbox.backend import Backend


@dataclass(frozen=True)
class Ordinary:
    name: str
    programs: tuple[str, ...]
    told: str
    """Output and value of the last one."""
    needs: str = ""
    """A package."""


def _one(name: str, program: str, told: str, needs: str = "") -> Ordinary:
    return Ordinary(name, (program,), told, needs)


_WORKER = "def square(x): return x * x\n"

PROGRAMS = (
    _one("prints", "print(1)", "1\n"),
    _one("tells its last value", "6 * 7", "42"),
    Ordinary("remembers", ("x = [1]\ndef f(): return x", "x.append(2)", "f()"), "[1, 2]"),
    _one("reads and writes files", "open('a.txt', 'w').write('hello')\nopen('a.txt').read()", "'hello'"),
    _one("writes Chinese texts to files of Chinese names",
         "import os\nopen('报告.txt', 'w').write('你好，世界')\nprint(open('报告.txt').read(), os.listdir('.'))",
         "你好，世界 ['报告.txt']\n"),
    _one("makes, copies, moves and removes folders",
         "import os, shutil, glob\nos.makedirs('a/b')\nopen('a/b/c.txt', 'w').close()\nshutil.copytree('a', 'd')\n"
         "shutil.move('d', 'e')\nshutil.rmtree('a')\nsorted(glob.glob('**/*', recursive=True))", "['e', 'e/b', 'e/b/c.txt']"),
    _one("follows its own links", "import os\nopen('a', 'w').write('x')\nos.symlink('a', 'b')\nopen('b').read()", "'x'"),
    _one("imports its own module", "open('mine.py', 'w').write('x = 5')\nimport mine\nmine.x", "5"),
    _one("uses temporary files",
         "import tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/x', 'w').write('ok')\n    print(open(d + '/x').read())",
         "ok\n"),
    _one("keeps a database",
         "import sqlite3\nwith sqlite3.connect('data.db') as db:\n    db.execute('pragma journal_mode=wal')\n"
         "    db.execute('create table t (x)')\n    db.executemany('insert into t values (?)', [(1,), (2,)])\n"
         "sqlite3.connect('data.db').execute('select sum(x) from t').fetchone()", "(3,)"),
    _one("packs and unpacks",
         "import gzip, zipfile, json\nwith zipfile.ZipFile('a.zip', 'w') as z: z.writestr('x.json', json.dumps([1]))\n"
         "gzip.open('a.gz', 'wb').write(zipfile.ZipFile('a.zip').read('x.json'))\njson.loads(gzip.open('a.gz').read())", "[1]"),
    _one("maps a file", "import mmap\nopen('m', 'wb').write(b'abc')\nwith open('m', 'r+b') as f:\n"
         "    m = mmap.mmap(f.fileno(), 0)\n    m[0:1] = b'x'\n    m.flush()\nopen('m').read()", "'xbc'"),
    _one("uses threads",
         "import threading\nfound = []\nts = [threading.Thread(target=found.append, args=(n,)) for n in range(8)]\n"
         "[t.start() for t in ts] and [t.join() for t in ts] and sorted(found)", "[0, 1, 2, 3, 4, 5, 6, 7]"),
    _one("uses a pool of threads",
         "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool: print(sum(pool.map(abs, range(-9, 0))))",
         "45\n"),
    _one("uses a pool of processes",
         "import multiprocessing\n" + _WORKER + "with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(square, [1, 2, 3]))",
         "[1, 4, 9]\n"),
    _one("shares memory with a process",
         "import multiprocessing as m\nfrom multiprocessing import shared_memory\ns = shared_memory.SharedMemory(create=True, size=8)\n"
         "def fill(name):\n    t = shared_memory.SharedMemory(name)\n    t.buf[0] = 7\n    t.close()\n"
         "p = m.get_context('fork').Process(target=fill, args=(s.name,))\np.start()\np.join()\nprint(s.buf[0])\ns.close()\ns.unlink()", "7\n"),
    _one("hands things to a process over a queue",
         "import multiprocessing as m\nc = m.get_context('fork')\nq = c.Queue()\np = c.Process(target=q.put, args=('x',))\n"
         "p.start()\nprint(q.get(timeout=5))\np.join()", "x\n"),
    _one("runs a program of the system", "import subprocess\nsubprocess.run(['echo', '你好'], capture_output=True, text=True).stdout", "'你好\\n'"),
    _one("runs the shell", "import os\nos.system('for i in 1 2 3; do echo $i; done | tail -n 1 > last')\nopen('last').read()", "'3\\n'"),
    _one("runs another Python", "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(6 * 7)'], capture_output=True, text=True).stdout",
         "'42\\n'"),
    _one("waits for many things at once",
         "import asyncio\nasync def f(n):\n    await asyncio.sleep(0.01)\n    return n\n"
         "async def main(): return await asyncio.gather(*map(f, range(5)))\nasyncio.run(main())", "[0, 1, 2, 3, 4]"),
    _one("waits for a program of the system",
         "import asyncio\nasync def main():\n    p = await asyncio.create_subprocess_exec('echo', 'hi', stdout=-1)\n"
         "    return (await p.communicate())[0]\nasyncio.run(main())", "b'hi\\n'"),
    _one("waits for threads", "import asyncio\nasyncio.run(asyncio.to_thread(sum, [1, 2]))", "3"),
    _one("pickles what it defines",
         "import pickle\nfrom dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\npickle.loads(pickle.dumps(P(3)))", "P(x=3)"),
    _one("is told where it failed",
         "def f(n):\n    return 1 / n\ntry: f(0)\nexcept ZeroDivisionError as e:\n    import traceback\n    print(traceback.extract_tb(e.__traceback__)[-1].line)",
         "return 1 / n\n"),
    Ordinary("goes on after an error", ("x = 1", "undefined", "x"), "1"),
    Ordinary("goes on after an exit", ("x = 1", "import sys\nsys.exit(0)", "x"), "1"),
    Ordinary("goes on after leaving by name", ("x = 1", "exit()\nx = 2", "import sys\nx, sys.argv"), "(1, [''])"),
    Ordinary("goes on after a recursion without end", ("x = 1", "def f(): f()\nf()", "x"), "1"),
    Ordinary("goes on after taking too much at once", ("x = 1", "bytes(1 << 40)", "x"), "1"),
    Ordinary("prints again after its output was closed or replaced",
             ("import io, sys\nkept, sys.stdout = sys.stdout, io.StringIO()", "sys.stdout = kept", "print('back')"), "back\n"),
    _one("handles a signal",
         "import signal, time\nfound = []\nsignal.signal(signal.SIGALRM, lambda *_: found.append(1))\n"
         "signal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(0.05)\nfound", "[1]"),
    _one("has nothing to read", "try: input()\nexcept EOFError: print('nothing')", "nothing\n"),
    _one("talks over a pair of sockets",
         "import socket\na, b = socket.socketpair()\na.sendall(b'x')\nb.recv(1)", "b'x'"),
    _one("computes exactly", "from decimal import Decimal\nfrom fractions import Fraction\nDecimal('0.1') + Decimal('0.2'), Fraction(1, 3)",
         "(Decimal('0.3'), Fraction(1, 3))"),
    _one("makes random numbers and digests",
         "import hashlib, random, secrets, uuid\nrandom.seed(1)\nlen(secrets.token_bytes(8)), len(str(uuid.uuid4())), hashlib.sha256(b'').hexdigest()[:8]",
         "(8, 36, 'e3b0c442')"),
    _one("asks what it runs on", "import os, platform, shutil\n(os.cpu_count() or 0) > 0, platform.system(), shutil.disk_usage('.').free > 0",
         "(True, 'Linux', True)"),
    _one("calls the C library", "import ctypes, os\nctypes.CDLL(None).getpid() == os.getpid()", "True"),
    _one("reckons with dates", "import datetime\ndatetime.date(2024, 2, 28) + datetime.timedelta(days=2)", "datetime.date(2024, 3, 1)"),
    _one("reads a table", "import csv, io\nlist(csv.DictReader(io.StringIO('名,年\\n李,3\\n')))", "[{'名': '李', '年': '3'}]"),
    _one("warns", "import contextlib, io, warnings\nwith contextlib.redirect_stderr(io.StringIO()) as f: warnings.warn('careful')\n'careful' in f.getvalue()",
         "True"),
    _one("reckons with arrays", "import numpy\na = numpy.arange(9).reshape(3, 3)\nint((a @ a.T).trace())", "204", "numpy"),
    _one("solves equations with arrays",
         "import numpy\nnumpy.save('a.npy', numpy.eye(300) * 2)\nfloat(numpy.linalg.inv(numpy.load('a.npy'))[0, 0])", "0.5", "numpy"),
)  # fmt: skip

ROOMY = Limits(memory=4 * TIGHT.memory)


def outcome(
    ordinary: Ordinary,
    workspace: Path,
    interpreter: Interpreter,
    backend: Backend | None = None,
    *,
    control_groups: bool,
) -> str:
    """`works`, or what came instead."""
    limits = ROOMY if ordinary.needs else TIGHT
    with Session(
        workspace, limits=limits, interpreter=interpreter, control_groups=control_groups, backend=backend
    ) as session:
        result = [session.run(program, 20) for program in ordinary.programs][-1]
    return "works" if result.status == "ok" and result.stdout + result.value == ordinary.told else str(result)
