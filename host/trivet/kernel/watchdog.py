"""Who blocks the event loop: found by a thread that watches it turn, and named from the stack on which it stands.

A plugin in the host's process that does not return cannot be killed; it can be named. Wherever the host enters foreign
code, the frame that does so has a local variable `entered`. That costs nothing while all is well, and is exact where a
marker set on entry would not be: coroutines of many plugins take turns, but only one is on the stack.
"""

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

import msgspec

from trivet.logs import LateLogger
from trivet_sdk.events import PluginHung

T = TypeVar("T")
OURS = "the host"


class Entered(msgspec.Struct, frozen=True):
    """Foreign code that is being run: whose, and what of it."""

    plugin: str
    doing: str


def within(entered: Entered, function: Callable[..., T], *arguments: Any) -> T:
    """Call foreign code from a frame that names it."""
    return function(*arguments)


class Hang(msgspec.Struct, frozen=True):
    entered: Entered
    since: float
    """`time.monotonic()` of the loop's last turn."""
    stack: str


class Watchdog:
    """Watches the loop it is opened in. `plugin_of` names the plugin that a module belongs to, for tasks that a plugin
    started itself; `tell` gets the event, once the loop turns again."""

    def __init__(self, seconds: float, plugin_of: Callable[[str], str], tell: Callable[[PluginHung], None]) -> None:
        self._seconds = seconds
        self._plugin_of = plugin_of
        self._tell = tell
        self._log = LateLogger()
        self._beat = time.monotonic()
        self._hang: Hang | None = None
        self._closed = threading.Event()
        self._timer: asyncio.TimerHandle | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        if self._seconds <= 0:
            yield
            return
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._turn()
        threading.Thread(target=self._watch, name="trivet watchdog", daemon=True).start()
        try:
            yield
        finally:
            self._closed.set()
            if self._timer is not None:
                self._timer.cancel()

    def _turn(self) -> None:
        now = time.monotonic()
        self._beat = now
        if (hang := self._hang) is not None:
            self._hang = None
            self._tell(
                PluginHung(
                    plugin=hang.entered.plugin,
                    doing=hang.entered.doing,
                    seconds=round(now - hang.since, 3),
                    stack=hang.stack,
                )
            )
        self._timer = self._loop.call_later(self._seconds / 4, self._turn)

    def _watch(self) -> None:
        pause = self._seconds / 4
        while not self._closed.wait(pause):
            beat = self._beat
            if self._hang is None and time.monotonic() - beat > self._seconds + pause:
                frame = sys._current_frames().get(self._thread)
                if frame is None or _is_idle(frame) or self._beat != beat:
                    continue  # it waits for something to happen: the machine was busy or asleep, not the loop
                self._name(frame, beat)

    def _name(self, frame: FrameType, beat: float) -> None:
        frames = list(traceback.walk_stack(frame))
        entered, depth = self._entered([each for each, _ in frames])
        stack = "".join(traceback.StackSummary.extract(reversed(frames[: depth + 1])).format())
        self._hang = Hang(entered, beat, stack)
        whose = "the host's own code" if entered.plugin == OURS else f"plugin '{entered.plugin}'"
        seconds = round(time.monotonic() - beat, 1)
        # At once and from this thread, for the loop might never come back.
        with suppress(OSError, ValueError):  # nobody reads stderr any more
            self._log.warning(
                f"nothing else can run: {whose} has not returned", doing=entered.doing, seconds=seconds, stack=stack
            )

    def _entered(self, frames: list[FrameType]) -> tuple[Entered, int]:
        """Who was entered last, and how many frames above."""
        for depth, frame in enumerate(frames):
            if (entered := entered_in(frame)) is not None:
                return entered, depth
        for depth, frame in enumerate(frames):
            if plugin := self._plugin_of(frame.f_globals.get("__name__", "")):
                return Entered(plugin, f"a task of its own, in {frame.f_code.co_qualname}"), depth
        return Entered(OURS, frames[0].f_code.co_qualname), len(frames) - 1


def entered_in(frame: FrameType) -> Entered | None:
    """What this frame has entered, if it is one of ours that enters foreign code."""
    code = frame.f_code
    if "entered" not in code.co_varnames and "entered" not in code.co_freevars:
        return None
    entered = frame.f_locals.get("entered")
    return entered if isinstance(entered, Entered) else None


def _is_idle(frame: FrameType) -> bool:
    return frame.f_code.co_filename.endswith("selectors.py") and frame.f_code.co_name == "select"
