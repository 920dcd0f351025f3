"""Plugins tried in a process of their own, and their tool specs kept: so the management commands learn what a plugin
brings without importing it, and one that crashes takes nothing with it.

`python -m trivet.kernel.capture FD [--safe] ID …` is that process. It tells on the descriptor FD, a JSON object a line,
which plugin is being started (`{"starting": id}`) and how it went.
"""

import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from typing import IO

import msgspec

from trivet.kernel.survey import Survey, survey
from trivet.settings import Settings, load_settings
from trivet_sdk.events import Event, PluginChanged

SLACK = 15.0
"""Seconds beyond a plugin's own `start_timeout`, which its process itself keeps unless the plugin never returns."""
BEGIN = 60.0
"""Seconds in which the process must have begun."""


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    state: str
    reason: str
    traceback: str = ""
    tools: int = 0
    seconds: float = 0.0


class _Told(msgspec.Struct, frozen=True, kw_only=True):
    """One line."""

    starting: str = ""
    id: str = ""
    captured: Captured | None = None


def captured(settings: Settings, ids: Sequence[str] = ()) -> dict[str, Captured]:
    """Try these plugins, or all whose tools are not known yet; how it went with each. Never raises because of a plugin."""
    found = survey(settings)
    waiting = list(ids) or [id for id in found.order if found.captured(id) is None]
    for id in waiting:
        found.failures.forget_crash(id)
    outcomes: dict[str, Captured] = {}
    while waiting:
        told, last, why, traceback = _tried(settings, found, waiting)
        outcomes.update(told)
        waiting = [id for id in waiting if id not in outcomes]
        if not waiting:
            break
        if last not in found.records or last in outcomes:  # not a plugin's doing
            sentence = f"{why}; `trivet doctor` checks the installation"
            return {**outcomes, **{id: Captured(state="failed", reason=sentence) for id in waiting}}
        found.failures.note(last, found.records[last].digest, time.time(), why, traceback, counts=False, is_crash=True)
        outcomes[last] = Captured(state="failed", reason=why, traceback=traceback)
        waiting = [id for id in waiting if id != last]
    return outcomes


def _tried(settings: Settings, found: Survey, ids: Sequence[str]) -> tuple[dict[str, Captured], str, str, str]:
    """In one process: how it went; and if that ended early, with which plugin, why, and what it said last."""
    outcomes: dict[str, Captured] = {}
    last, why = "", ""
    reading, writing = os.pipe()
    flags = ["--safe"] if settings.safe else []
    command = [sys.executable, "-P", "-X", "faulthandler", "-m", "trivet.kernel.capture", str(writing), *flags, *ids]
    environment = {**os.environ, "TRIVET_HOME": str(settings.home)}
    with tempfile.TemporaryFile() as said, os.fdopen(reading, "rb") as lines:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=environment, pass_fds=(writing,)
        )
        os.close(writing)
        try:
            for told in _lines(lines, found):
                last = told.starting or last
                if told.captured is not None:
                    outcomes[told.id] = told.captured
        except TimeoutError:
            process.kill()
            why = f"it kept the process that tried it from going on for {_patience(found, last):.0f} seconds"
        code = process.wait()
        if not why:
            name = signal.Signals(-code).name if code < 0 else f"exit code {code}"
            why = f"it {'crashed' if code < 0 else 'ended'} the process that tried it ({name})"
        said.seek(max(0, said.seek(0, os.SEEK_END) - 8000))
        return outcomes, last, why, said.read().decode("utf-8", "replace")


def _lines(stream: IO[bytes], found: Survey) -> Iterator[_Told]:
    """Until the other end is closed. Raises TimeoutError if nothing comes for too long."""
    rest, patience = b"", BEGIN
    while True:
        if not select.select([stream], [], [], patience)[0]:
            raise TimeoutError
        piece = os.read(stream.fileno(), 65536)
        if not piece:
            return
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            told = msgspec.json.decode(line, type=_Told)
            patience = _patience(found, told.starting)
            yield told


def _patience(found: Survey, id: str) -> float:
    manifest = found.records[id].manifest if id in found.records else None
    return SLACK + (manifest.plugin.start_timeout if manifest is not None else BEGIN)


async def _capture(settings: Settings, ids: Sequence[str], tell: Callable[[_Told], None]) -> None:
    """One after the other, so that it is clear with which of them the process ended."""
    from trivet.kernel.bus import Bus
    from trivet.kernel.kernel import open_kernel

    def heard(event: Event) -> None:
        if isinstance(event, PluginChanged) and event.after == "starting":
            tell(_Told(starting=event.plugin))

    async with open_kernel(settings, capture=False, bus=Bus(heard)) as kernel:
        for id in ids:
            record = await kernel.start(id)
            tools = sum(spec.plugin == id for spec in kernel.tools())
            tell(
                _Told(
                    id=id,
                    captured=Captured(
                        state=record.state,
                        reason=record.reason,
                        traceback=record.traceback,
                        tools=tools,
                        seconds=record.seconds,
                    ),
                )
            )


def main() -> None:
    import anyio

    descriptor, *rest = sys.argv[1:]
    os.set_inheritable(int(descriptor), False)
    ids = [argument for argument in rest if argument != "--safe"]

    def tell(told: _Told) -> None:
        os.write(int(descriptor), msgspec.json.encode(told) + b"\n")

    anyio.run(_capture, load_settings(safe="--safe" in rest), ids, tell)


if __name__ == "__main__":
    main()
