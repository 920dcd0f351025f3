"""`python -m corpus attacks|ordinary sandbox|watched|reduced|bare [--modules PATH…] [NAME…]`: run them, each in a new folder,
and print what became of each as a line of JSON."""

import json
import os
import secrets
import shutil
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from corpus.adapters import bare, sandbox
from corpus.attack import verdict
from corpus.attacks import ATTACKS
from corpus.bait import SECRET, laid
from corpus.ordinary import PROGRAMS, outcome
from trivet_sandbox import this_interpreter
from trivet_sandbox.reduced import reduced_backend


def main() -> None:
    if SECRET not in os.environ:
        found = {**os.environ, SECRET: f"secret-{secrets.token_hex(16)}"}
        os.execve(sys.executable, [sys.executable, "-m", "corpus", *sys.argv[1:]], found)
    parser = ArgumentParser()
    parser.add_argument("what", choices=("attacks", "ordinary"))
    parser.add_argument("where", choices=("sandbox", "watched", "reduced", "bare"))
    parser.add_argument("--modules", type=Path, nargs="*", default=())
    parser.add_argument("names", nargs="*")
    given = parser.parse_intermixed_args()
    control_groups = given.where in ("sandbox", "reduced")
    backend = reduced_backend() if given.where == "reduced" else None
    if given.what == "ordinary":
        interpreter = this_interpreter(modules=tuple(given.modules))
        seen = {each.name for each in given.modules}
        for each in PROGRAMS:
            if not each.needs or each.needs in seen:
                with _folder() as folder:
                    _say(each.name, outcome(each, folder, interpreter, backend, control_groups=control_groups))
        return
    adapter = bare() if given.where == "bare" else sandbox(backend, control_groups=control_groups)
    for attack in ATTACKS:
        if not given.names or attack.name in given.names:
            with _folder() as folder, laid(folder) as bait:
                _say(attack.name, verdict(attack, adapter, bait))


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="trivet-attack-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)  # the sandbox's mounts were never seen from here


def _say(name: str, told: str) -> None:
    print(json.dumps([name, told]), flush=True)


if __name__ == "__main__":
    main()
