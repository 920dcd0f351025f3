"""Starts the code that serves a session where no namespace ends it as a whole, and stays beside it.

It adopts whatever the interpreter's descendants leave behind. It ends them all, and removes their temporary folder, when the
host lets go of `life` or dies, and when the interpreter has ended. Only the standard library; the interpreter is forked from it
before anything is confined, so it is out of reach of what is.
"""

import json
import os
import select
import shutil
import signal
import sys
import time
from contextlib import suppress
from typing import Any

sys.path.insert(0, os.path.abspath(f"{__file__}/../../.."))
from trivet_sandbox.inside import confinement, serve

sys.path.pop(0)

_PAUSE = 0.002
"""Seconds between two looks at what still runs."""


def main() -> None:
    plan = json.loads(sys.argv[1])
    confinement.adopt_orphans()
    reaper = os.getpid()
    wait, go = os.pipe()
    child = os.fork()
    if child == 0:
        _be_the_interpreter(plan, reaper, (wait, go))
    os.write(plan["told"], b"%d\n" % child)
    try:
        _let_go(plan)
        handle = os.pidfd_open(child)
        while handle not in select.select([handle, plan["life"]], [], [])[0]:
            if not os.read(plan["life"], 1):
                break
            os.write(go, b"g")
    finally:
        end_all()
        shutil.rmtree(plan["scratch"], ignore_errors=True)
    os._exit(0)


def _be_the_interpreter(plan: dict[str, Any], reaper: int, pipe: tuple[int, int]) -> None:
    wait, go = pipe
    try:
        confinement.die_with_parent(reaper)
        os.setsid()
        for descriptor in (plan["told"], plan["life"], go):
            os.close(descriptor)
        if os.read(wait, 1) != b"g":  # until then nobody bounds its memory
            os._exit(1)
        os.close(wait)
        confinement.confine(plan["confinement"])
        sys.argv[:] = ["", str(plan["requests"]), str(plan["replies"]), json.dumps(plan["bounds"])]
        serve.main()
        sys.stdout.flush()
    except BaseException as error:  # there is nobody above to tell it
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _let_go(plan: dict[str, Any]) -> None:
    """Of the pipes: whoever waits for their end waits for the interpreter's."""
    for descriptor in (plan["told"], plan["requests"], plan["replies"]):
        os.close(descriptor)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.chdir("/")


def end_all() -> None:
    """Whatever descends from this process. Stopped first, so that none starts another meanwhile."""
    with suppress(ChildProcessError):  # nobody is left: who loses its parent becomes our child
        while True:
            found = descendants(os.getpid())
            for kind in (signal.SIGSTOP, signal.SIGKILL):
                for each in found:
                    with suppress(OSError):
                        os.kill(each, kind)
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
            time.sleep(_PAUSE)


def descendants(process: int) -> list[int]:
    """As they are now. By their parents, as not every kernel lists children."""
    children: dict[int, list[int]] = {}
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError, ValueError, IndexError):
            with open(f"/proc/{name}/stat", "rb") as file:
                parent = int(file.read().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(name))
    found: list[int] = []
    waiting = [process]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


if __name__ == "__main__":
    main()
