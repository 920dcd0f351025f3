"""What a user sees of a long download: one line that moves in a terminal, a few lines elsewhere."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from typing import TextIO

DOWNLOADING = re.compile(r"\s*Downloading (?:\S*/)?(?P<file>[^/\s]+) \((?P<size>[\d.]+) (?P<unit>bytes|kB|MB|GB)\)")
CACHED = re.compile(r"\s*Using cached (?:\S*/)?(?P<file>[^/\s]+) \((?P<size>[\d.]+) (?P<unit>bytes|kB|MB|GB)\)")
BYTES = re.compile(r"Progress (\d+) of (\d+)")
INSTALLING = re.compile(r"Installing collected packages: (?P<names>.*)")
UNIT = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
WORTH_A_LINE = 10  # MB
BAR = 24  # characters
REDRAWN = 0.5  # seconds, in a terminal
TOLD = 10.0  # seconds, elsewhere


class Progress:
    """Reads pip's output and counts. Sizes are in MB."""

    def __init__(self, stream: TextIO, installed: Callable[[], int] = lambda: 0) -> None:
        """`installed` counts the packages that are there: pip is silent while it unpacks, for minutes if many are large."""
        self.stream = stream
        self._installed = installed
        self._unpacking: threading.Thread | None = None
        self._unpacked = threading.Event()
        self.is_terminal = stream.isatty()
        self._expected = 0.0
        self._done = 0.0
        self._current = 0.0
        self._size = 0.0
        self._file = ""
        self._drawn = ""
        self._drawn_at = 0.0

    def say(self, sentence: str) -> None:
        self.close()
        print(sentence, file=self.stream, flush=True)

    def expect(self, megabytes: float) -> None:
        self._expected, self._done, self._current, self._size = megabytes, 0.0, 0.0, 0.0

    def read(self, line: str) -> bool:
        """Whether the line was a count of bytes, which no log needs."""
        if counted := BYTES.match(line):
            self._current = int(counted[1]) / 1e6
            self._draw(has_ended=counted[1] == counted[2])
            return True
        if started := DOWNLOADING.match(line) or CACHED.match(line):
            self._done += self._size
            self._file, self._size, self._current = started["file"], float(started["size"]) * UNIT[started["unit"]], 0.0
            if self.is_terminal:
                self._draw()
            elif self._size >= WORTH_A_LINE:
                self.say(f"  {self._file} ({self._size:.0f} MB)")
        elif self._expected and (installing := INSTALLING.match(line)):
            total = installing["names"].count(",") + 1
            self.say(f"Unpacking {total} packages.")
            self._unpacked.clear()
            self._unpacking = threading.Thread(target=self._watch, args=(total, self._installed()), daemon=True)
            self._unpacking.start()
        return False

    def close(self) -> None:
        """Leave an empty line for whoever writes next."""
        if self._drawn:
            self.stream.write("\r" + " " * len(self._drawn) + "\r")
            self.stream.flush()
            self._drawn = ""

    def finish(self) -> None:
        if self._unpacking is not None:
            self._unpacked.set()
            self._unpacking.join()
            self._unpacking = None
        self.close()
        self.expect(0)

    def _watch(self, total: int, before: int) -> None:
        """A moving line in a terminal, a line now and then elsewhere, until pip is done."""
        told = 0
        while not self._unpacked.wait(REDRAWN if self.is_terminal else TOLD):
            here = max(0, min(total, self._installed() - before))
            if self.is_terminal:
                self._put(self._bar(here / total, f"{here} of {total} packages"))
            elif here > told:
                told = here
                print(f"  {here} of {total} packages", file=self.stream, flush=True)

    def _draw(self, has_ended: bool = False) -> None:
        now = time.monotonic()
        if not self.is_terminal or (now - self._drawn_at < 0.1 and not has_ended):
            return
        here = self._done + self._current
        share = here / self._expected if self._expected else 0.0
        self._put(self._bar(share, f"{here:.0f} of about {self._expected:.0f} MB  {self._file.split('-')[0]}"))
        self._drawn_at = now

    def _bar(self, share: float, words: str) -> str:
        full = round(BAR * min(1.0, share))
        return f"  [{'=' * full}{' ' * (BAR - full)}] {words}"[:79]

    def _put(self, text: str) -> None:
        self.stream.write("\r" + text.ljust(len(self._drawn)))
        self.stream.flush()
        self._drawn = text
