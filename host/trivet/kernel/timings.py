"""How often each plugin was called, for how long, and how often it failed: what `trivet plugins trace` shows.

Durations are counted in a fixed histogram of four buckets an octave, so a quantile is right within a tenth, and figures
of many hosts add up. They are kept in one file of the home; losing it costs only the memory of it.
"""

import contextlib
import os
from bisect import bisect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from trivet_sdk.events import Event, ToolFailed, ToolReturned

BOUNDS: tuple[float, ...] = tuple(2.0 ** (quarter / 4) for quarter in range(-80, 48))
"""Upper bounds of the buckets in seconds: from a microsecond to an hour."""
_ENDS = frozenset({ToolReturned, ToolFailed})
_HALF_A_BUCKET = 2.0 ** (1 / 8)


class Timing:
    """One plugin's calls of one kind."""

    __slots__ = ("buckets", "failures", "seconds", "slowest")

    def __init__(self) -> None:
        self.failures = 0
        self.seconds = 0.0
        self.slowest = 0.0
        self.buckets = [0] * (len(BOUNDS) + 1)

    @property
    def calls(self) -> int:
        return sum(self.buckets)

    def add(self, seconds: float) -> None:
        self.buckets[bisect(BOUNDS, seconds)] += 1
        self.seconds += seconds
        if seconds > self.slowest:
            self.slowest = seconds

    def quantile(self, share: float) -> float:
        """Seconds within which this share of the calls ended, the middle of its bucket; 0 without calls."""
        rank, seen = share * self.calls, 0
        for bucket, count in enumerate(self.buckets):
            seen += count
            if count and seen >= rank:
                return min(self.slowest, BOUNDS[min(bucket, len(BOUNDS) - 1)] / _HALF_A_BUCKET)
        return self.slowest

    def merge(self, other: "Timing") -> None:
        self.failures += other.failures
        self.seconds += other.seconds
        self.slowest = max(self.slowest, other.slowest)
        self.buckets = [mine + theirs for mine, theirs in zip(self.buckets, other.buckets, strict=True)]


class Timings(dict[tuple[str, str], Timing]):
    """By plugin and what was called: a hook's name, `tool NAME`, `start`."""

    def __missing__(self, key: tuple[str, str]) -> Timing:
        timing = self[key] = Timing()
        return timing

    def heard(self, event: Event) -> None:
        """Count the tool call that this event ends, if it ends one."""
        if type(event) not in _ENDS:  # most are not
            return
        if isinstance(event, (ToolReturned, ToolFailed)) and event.seconds:
            plugin, _, tool = event.tool.partition(".")
            timing = self[plugin, f"tool {tool}"]
            timing.add(event.seconds)
            timing.failures += isinstance(event, ToolFailed)

    def merge(self, others: "Timings") -> None:
        for key, timing in others.items():
            self[key].merge(timing)


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    plugin: str
    what: str
    failures: int
    seconds: float
    slowest: float
    buckets: dict[int, int]


class Trace:
    """The figures of all hosts of one home."""

    def __init__(self, home: Path) -> None:
        self._path = home / "cache" / "trace.json"

    def read(self) -> Timings:
        found = Timings()
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=list[_Kept])
        except (OSError, msgspec.DecodeError):
            return found
        for each in kept:
            timing = found[each.plugin, each.what]
            timing.failures, timing.seconds, timing.slowest = each.failures, each.seconds, each.slowest
            for bucket, count in each.buckets.items():
                timing.buckets[min(bucket, len(BOUNDS))] += count
        return found

    def add(self, timings: Mapping[tuple[str, str], Timing]) -> None:
        """Add what one host measured. A home that cannot be written forgets it."""
        fresh = {key: timing for key, timing in timings.items() if timing.calls}
        if not fresh:
            return
        with contextlib.suppress(OSError), self._locked():
            all_hosts = self.read()
            all_hosts.merge(Timings(fresh))
            replaced = self._path.with_suffix(f".{os.getpid()}")
            replaced.write_bytes(msgspec.json.encode([_kept(*key, timing) for key, timing in all_hosts.items()]))
            replaced.replace(self._path)

    def clear(self) -> None:
        with contextlib.suppress(OSError):
            self._path.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Two hosts that end at once must not lose each other's figures."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.with_suffix(".lock").open("w") as lock:
            if os.name == "posix":
                import fcntl

                fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _kept(plugin: str, what: str, timing: Timing) -> _Kept:
    buckets = {bucket: count for bucket, count in enumerate(timing.buckets) if count}
    figures: dict[str, Any] = {name: getattr(timing, name) for name in ("failures", "seconds", "slowest")}
    return _Kept(plugin=plugin, what=what, buckets=buckets, **figures)
