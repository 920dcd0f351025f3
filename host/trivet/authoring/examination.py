"""The conformance suite, run in a process of its own: a plugin that crashes or hangs there is a sentence here."""

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from trivet.authoring.project import Project
from trivet_sdk.conformance import Examined, Given

Mode: TypeAlias = Literal["inprocess", "process", "venv"]
IMPORTING = 60.0
"""Seconds that an import may take, heavy libraries and a slow disk included."""
EXAMINING = 900.0
"""Seconds for one subject; the suites have bounds of their own, which say better what did not come back."""
_DOING = {"import": "while it was imported", "life": "while it was started or stopped"}


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a mode went. `broken` reads on after the plugin's name; then nothing was examined."""

    mode: Mode
    examined: tuple[Examined, ...] = ()
    broken: str = ""
    output: str = ""
    """What it printed at last."""
    is_left_out: bool = False


def left_out(mode: Mode) -> Outcome:
    return Outcome(mode=mode, broken="was not tried", is_left_out=True)


def examined(
    project: Project, given: Given, mode: Mode, runner: Sequence[str], importing: float = IMPORTING
) -> Outcome:
    """Run the suite by this module and its arguments; it tells what it does (see `trivet_sdk.conformance.watched`)."""
    path = os.pathsep.join(filter(None, (str(project.site or ""), os.environ.get("PYTHONPATH", ""))))
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", *runner, "--lines"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, "PYTHONFAULTHANDLER": ""}, start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    errors: list[bytes] = []
    readers = (
        threading.Thread(target=_forward, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=_gather, args=(process.stderr, errors), daemon=True),
    )
    for reader in readers:
        reader.start()
    try:
        process.stdin.write(msgspec.json.encode(given))
        process.stdin.close()
    except BrokenPipeError:
        pass  # it is gone already, which its exit code explains
    try:
        outcome = _watched(process, lines, mode, importing)
    finally:
        _kill(process)
    for reader in readers:
        reader.join()  # nothing holds the pipes any more
    return msgspec.structs.replace(outcome, output=b"".join(errors[-20:]).decode(errors="replace").strip())


def _watched(
    process: "subprocess.Popen[bytes]", lines: "queue.SimpleQueue[bytes]", mode: Mode, importing: float
) -> Outcome:
    now = "import"
    while True:
        try:
            line = lines.get(timeout=importing if now == "import" else EXAMINING)
        except queue.Empty:
            return Outcome(mode=mode, broken=_hung(now, importing))
        if not line:
            return Outcome(mode=mode, broken=_ended(process.wait(), now))
        told: dict[str, Any] = msgspec.json.decode(line)
        now = told.get("now", now)
        if "broken" in told:
            return Outcome(mode=mode, broken=told["broken"])
        if "examined" in told:
            return Outcome(mode=mode, examined=msgspec.convert(told["examined"], tuple[Examined, ...]))


def _hung(now: str, importing: float) -> str:
    if now == "import":
        return f"is not imported within {importing:g} seconds; do nothing at import, and the work in `activate`"
    return f"does not come back within {EXAMINING:g} seconds ({_doing(now)})"


def _ended(code: int, now: str) -> str:
    if code >= 0:
        return f"ended its process with exit code {code} {_doing(now)}; a plugin raises, and never exits"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f'crashed its process ({name}) {_doing(now)}; `isolation = "process"` would keep such a crash from the host'


def _doing(now: str) -> str:
    return _DOING.get(now, f"while {now} was checked")


def _forward(stream: Any, lines: "queue.SimpleQueue[bytes]") -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put(b"")


def _gather(stream: Any, errors: list[bytes]) -> None:
    with stream:
        errors.extend(stream)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """With all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
