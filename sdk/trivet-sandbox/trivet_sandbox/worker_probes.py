"""Attempts to break what an enclosure promises, made from within, with bait laid out on this machine."""

import json
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from trivet_sandbox.enclosure import Enclosure, filter_of, prepared
from trivet_sandbox.probes import Probe

WORKER_PROMISES: Final = {
    "files": "of this machine's files, workers see what their permissions name, and write nowhere else",
    "workspaces": "a folder is shown to them while it is needed, and not before or after",
    "environment": "they see no variable that they were not given",
    "processes": "they see and reach no process of this machine",
    "network": "without the permission they reach neither the network nor a socket of this machine",
    "programs": "without the permission they start no process",
    "kernel": "they may ask the kernel for what is on a list, and for nothing else",
    "rights": "they have no rights of root, and can leave none behind in a file",
}
PATIENCE: Final = 20.0
"""Seconds for all of it."""


def worker_probed(bubblewrap: Path, folder: Path) -> tuple[tuple[Probe, ...], str]:
    """Each promise with what became of the attempt, or none and why nothing could be started. `folder` is where a folder for
    writing is made for this. Blocks."""
    with (
        tempfile.NamedTemporaryFile(prefix="trivet-bait-") as bait,
        tempfile.TemporaryDirectory(prefix=".trivet-probe-", dir=folder) as own,
        socket.socket(socket.AF_UNIX) as local,
        socket.socket() as near,
    ):
        local.bind("\0trivet-bait-" + os.path.basename(bait.name))
        local.listen()
        near.bind(("127.0.0.1", 0))
        near.listen()
        for name in ("own", "shown"):
            Path(own, name).mkdir()
        Path(own, "shown", "there").touch()
        given = {
            "file": bait.name,
            "own": str(Path(own, "own").resolve()),
            "shown": str(Path(own, "shown").resolve()),
            "process": os.getpid(),
            "socket": local.getsockname().decode(),
            "port": near.getsockname()[1],
        }
        try:
            return _watched(bubblewrap, given)
        except OSError as error:
            return (), f"no worker can be started in a sandbox here: {error.strerror or error}"


def _watched(bubblewrap: Path, given: Mapping[str, object]) -> tuple[tuple[Probe, ...], str]:
    inside = Path(__file__).with_name("inside")
    base, program = Path(sys.base_prefix), Path(os.path.realpath(sys.executable))
    enclosure = Enclosure(
        readable=(base, base.resolve(), program.parents[1], inside),
        writable=(Path(str(given["own"])),),
        environment={"GIVEN": "x"},
    )
    ours, theirs = socket.socketpair()
    reading, writing = os.pipe()
    filter = filter_of(enclosure)
    command = (os.fspath(program), "-I", "-S", os.fspath(inside / "worker_canary.py"))
    arguments = (str(writing), str(theirs.fileno()), str(filter), json.dumps(given))
    ready = prepared(
        bubblewrap, enclosure, (*command, *arguments), life=theirs.fileno(), passed=(writing,), own=(filter,)
    )
    with ours:
        try:
            with theirs:
                keeper = subprocess.Popen(
                    ready.command, pass_fds=ready.passed, env={}, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
                )
        finally:
            ready.close()
            os.close(writing)
        with keeper, os.fdopen(reading, "rb") as said:
            told = _told(ours, said.fileno(), str(given["shown"]))
            ours.close()
            complaint = (keeper.stderr.read() if keeper.stderr is not None else b"").decode(errors="replace").strip()
    if "files" not in told:
        return (), f"no worker can be started in a sandbox here: {complaint or 'it said nothing'}"
    told.setdefault("workspaces", complaint or "a folder that was to be shown was not seen, or not hidden again")
    return tuple(
        Probe(name, promise, told.get(name, "not tried") == "", told.get(name, "not tried"))
        for name, promise in WORKER_PROMISES.items()
    ), ""


def _told(keeper: socket.socket, said: int, shown: str) -> dict[str, str]:
    """What the canary says; between its lines, the folder is shown and hidden."""
    found: dict[str, str] = {}
    rest = b""
    deadline = time.monotonic() + PATIENCE
    while select.select([said], [], [], max(0.0, deadline - time.monotonic()))[0]:
        piece = os.read(said, 65536)
        if not piece:
            break
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            found |= json.loads(line)
            if word := found.pop("ask", ""):
                keeper.sendall(f"{word} 1 {os.fsencode(shown).hex()}\n".encode())
    return found
