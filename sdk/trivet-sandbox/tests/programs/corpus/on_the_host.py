"""Attacks on the pipe to the host, and on other sessions."""

from corpus.attack import Attack
from corpus.on_files import _one

_FRAMES = (
    "import json\n"
    "def frame(told):\n"
    "    body = told if isinstance(told, bytes) else json.dumps(told).encode()\n"
    "    return len(body).to_bytes(4, 'little') + body\n"
    "def send(data, lines=False):\n"
    "    for n in range(1, 64):\n"
    "        if n == 2: continue\n"
    "        try: os.set_blocking(n, False); os.write(n, data); os.set_blocking(n, True)\n"
    "        except OSError: pass\n"
    "def say(told={'value': 'FORGED', 'error': ''}):\n"
    "    for _ in range(3): print('\\n' + (told if isinstance(told, str) else json.dumps(told)), flush=True)\n"
)
_SECOND = "VALUE = 'genuine'\nVALUE"


def _then(name: str, program: str, **more: object) -> Attack:
    return Attack(name=name, programs=(_FRAMES + program, _SECOND), **more)  # type: ignore[arg-type]


HOST = (
    _then("answers the next program beforehand",
          "for id in ['', '0', '1', '2', 1, 2, None, True]:\n"
          "    send(frame({'id': id, 'status': 'ok', 'value': 'FORGED'}))\n"
          "say()"),
    _then("answers the next program in lines",
          "say({'id': '2', 'value': 'FORGED', 'error': '', 'ready': True})"),
    _then("answers with every number that may come",
          "send(b''.join(frame({'id': n, 'value': 'FORGED'}) for n in range(500)))\n"
          "say()"),
    _then("says that it is ready once more",
          "send(frame({'ready': True, 'value': 'FORGED'}))\n"
          "say({'ready': True, 'value': 'FORGED', 'error': ''})"),
    _then("is asked by itself", "send(frame({'id': 'x', 'code': 'print(\"FORGED\")'}))\n"
          "say()"),
    _then("sends what is nested too deep",
          "send(frame(b'[' * 50_000))\nsay('[' * 200_000)"),
    _then("sends a number that is too long", "send(frame(b'9' * 50_000))\nsay(); say('9' * 50_000)"),
    _then("sends a frame without an end", "send((1 << 31).to_bytes(4, 'little'))\n"
          "say()", timeout=2.0),
    _then("floods the pipe",
          "import select\nfor n in range(3, 64):\n"
          "    try: os.set_blocking(n, True); [os.write(n, bytes(65536)) for _ in range(400)]\n"
          "    except OSError: pass\n"
          "say()", timeout=5.0),
    _then("answers with values of other kinds",
          "send(frame({'id': None, 'value': {'a': [1]}, 'error': 7, 'figures': 'x', 'table': []}))\n"
          "say({'value': 'FORGED', 'error': '', 'id': None})"),
    _then("closes the pipe", "say()\nos.closerange(3, 64)", timeout=5.0),
)  # fmt: skip

SESSIONS = (
    Attack(name="leaves a message in the folder for passing files",
           programs=("open('/tmp/trivet-left', 'w').write('x')",),
           afterwards=("if os.path.exists('/tmp/trivet-left'): os.unlink('/tmp/trivet-left'); escaped('left')",)),
    Attack(name="leaves a message in shared memory",
           programs=("open('/dev/shm/trivet-left', 'w').write('x')",),
           afterwards=("if os.path.exists('/dev/shm/trivet-left'): os.unlink('/dev/shm/trivet-left'); escaped('left')",)),
    Attack(name="leaves a message in memory that has a key",
           programs=("held = call(29, 0x7e57, 4096, 0o1666)",),
           afterwards=("found, _ = call(29, 0x7e57, 4096, 0o666)\nif found >= 0: call(31, found, 0, 0); escaped('left')",)),
    Attack(name="leaves a message among the kernel's keys",
           programs=("call(248, b'user', b'trivet-left', b'x', 1, -4)",),
           afterwards=("if call(249, b'user', b'trivet-left', 0, -4)[0] >= 0: escaped('left')",), is_root_only=True),
    Attack(name="leaves a process that listens for the next session",
           programs=("import socket\nif os.fork() == 0:\n    os.setsid()\n    null = os.open(os.devnull, os.O_RDWR)\n"
                     "    [os.dup2(null, n) for n in range(3)]\n    server = socket.socket(socket.AF_UNIX)\n"
                     "    server.bind('\\0trivet-left-' + str(BAIT['host'])); server.listen(); server.settimeout(5)\n"
                     "    server.accept(); os._exit(0)\ntime.sleep(0.3)",),
           afterwards=("import socket\nsocket.socket(socket.AF_UNIX).connect('\\0trivet-left-' + str(BAIT['host']))\n"
                       "escaped('talked')",)),
    Attack(name="changes the library for the next session",
           programs=("path = os.path.dirname(os.__file__) + '/trivet_left.py'\nopen(path, 'w').write('x = 1')",),
           afterwards=("import trivet_left\nos.unlink(trivet_left.__file__)\nescaped('imported')",), is_root_only=True),
    _one("reads the workspace of another run", "print(open('../outside/other/secret.txt').read())"),
    Attack(name="has the next session import its module for one of the library's",
           programs=("open('colorsys.py', 'w').write('print(\"ESCAPED\", \"imported\")')",),
           afterwards=("import colorsys",)),
)  # fmt: skip
