"""What a user sees of a long download: one line that moves in a terminal, a few lines elsewhere."""

from __future__ import annotations

import re
import time
from typing import TextIO

DOWNLOADING = re.compile(r"\s*Downloading (?:\S*/)?(?P<file>[^/\s]+) \((?P<size>[\d.]+) (?P<unit>bytes|kB|MB|GB)\)")
CACHED = re.compile(r"\s*Using cached (?:\S*/)?(?P<file>[^/\s]+) \((?P<size>[\d.]+) (?P<unit>bytes|kB|MB|GB)\)")
BYTES = re.compile(r"Progress (\d+) of (\d+)")
INSTALLING = re.compile(r"Installing collected packages: (?P<names>.*)")
UNIT = {"bytes": 1e-6, "kB": 1e-3, "MB": 1.0, "GB": 1e3}
WORTH_A_LINE = 10  # MB
BAR = 24  # characters


class Progress:
    """Reads pip's output and counts. Sizes are in MB."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
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
            self.say(f"Unpacking {installing['names'].count(',') + 1} packages.")
        return False

    def close(self) -> None:
        """Leave an empty line for whoever writes next."""
        if self._drawn:
            self.stream.write("\r" + " " * len(self._drawn) + "\r")
            self.stream.flush()
            self._drawn = ""

    def finish(self) -> None:
        self.close()
        self.expect(0)

    def _draw(self, has_ended: bool = False) -> None:
        now = time.monotonic()
        if not self.is_terminal or (now - self._drawn_at < 0.1 and not has_ended):
            return
        here = self._done + self._current
        full = round(BAR * min(1.0, here / self._expected)) if self._expected else 0
        text = f"  [{'=' * full}{' ' * (BAR - full)}] {here:.0f} of about {self._expected:.0f} MB  {self._file.split('-')[0]}"[
            :79
        ]
        self.stream.write("\r" + text.ljust(len(self._drawn)))
        self.stream.flush()
        self._drawn, self._drawn_at = text, now
