"""Attempts to break what a sandbox promises, made from within, with bait laid out on this machine."""

import json
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from trivet_sandbox.arguments import environment
from trivet_sandbox.errors import SandboxFailed
from trivet_sandbox.interpreter import this_interpreter
from trivet_sandbox.limits import Limits
from trivet_sandbox.result import Result

PROMISES: Final = {
    "files": "of this machine's files, programs see only /usr and the interpreter",
    "writing": "they write nowhere but in the workspace and in memory",
    "environment": "they see no variable of the environment",
    "processes": "they see and reach no process of this machine",
    "network": "they reach neither the network nor a socket of this machine",
    "kernel": "they may ask the kernel for what is on a list, and for nothing else",
    "rights": "they have no rights of root, and can leave none behind in a file",
    "limits": "their memory, processes and files are bounded",
    "ending": "they end when their time is over, with all that they have started",
}


@dataclass(frozen=True)
class Probe:
    name: str
    promise: str
    is_kept: bool
    said: str = ""
    """How it was broken."""


def probed(bubblewrap: Path) -> tuple[tuple[Probe, ...], str]:
    """Each promise with what became of the attempt, or none and why no sandbox could be started. Blocks."""
    from trivet_sandbox.session import Session

    bait = tempfile.NamedTemporaryFile(prefix="trivet-bait-")  # noqa: SIM115 - closed below
    local, near = socket.socket(socket.AF_UNIX), socket.socket()
    with bait, local, near:
        os.fchmod(bait.fileno(), 0o644)
        local.bind("\0trivet-bait-" + os.path.basename(bait.name))
        local.listen()
        near.bind(("127.0.0.1", 0))
        near.listen()
        limits = Limits()
        given = {
            "file": bait.name,
            "variables": [*environment(this_interpreter()), "PWD"],
            "process": os.getpid(),
            "socket": local.getsockname().decode(),
            "port": near.getsockname()[1],
            "limits": [limits.memory, limits.processes, limits.files, limits.file],
        }
        program = (Path(__file__).parent / "inside" / "canary.py").read_text()
        try:
            with Session(limits=limits, bubblewrap=bubblewrap) as session:
                told = session.run(f"GIVEN = {given!r}\n{program}", 20)
                ended = session.run("import os\nos.fork()\nwhile True: pass", 0.2) if session.is_open else told
        except SandboxFailed as error:
            return (), f"{error}"
    return tuple(_judged(told, ended)), ""


def _judged(told: Result, ended: Result) -> list[Probe]:
    try:
        broken = dict(json.loads(told.stdout))
    except ValueError:
        said = f"the probe said nothing: {told.status}, {told.error.strip() or told.stderr.strip()}"
        broken = dict.fromkeys(PROMISES, said)
    else:
        broken["ending"] = "" if ended.status == "timeout" else f"the probe's end was: {ended.status}"
    return [Probe(name, promise, broken.get(name, "not tried") == "", broken.get(name, "not tried"))
            for name, promise in PROMISES.items()]  # fmt: skip
