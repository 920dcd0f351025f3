"""How each plugin last failed, kept so that every host and every management command knows without trying again."""

import os
from pathlib import Path

import msgspec

WINDOW = 600.0
"""Seconds in which failures count together."""
LIMIT = 5
"""Failures within the window after which a plugin is quarantined."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    digest: str
    """Of the plugin's files then: a changed plugin has not failed yet."""
    time: float
    """Unix time in seconds."""
    reason: str
    traceback: str = ""
    times: tuple[float, ...] = ()
    """Of all failures that count, within the window; this one is the last, if it counts."""
    is_over: bool = False
    """It has run since then, but its failures are still counted."""
    is_crash: bool = False
    """It took the process with it in which it was tried: nobody tries it again unasked."""

    @property
    def is_quarantine(self) -> bool:
        return len(self.times) >= LIMIT


class Failures:
    """One file a plugin. What cannot be written, and plugins that a program brings (they have no digest), is remembered
    only here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._unwritten: dict[str, Failure] = {}

    def last(self, plugin: str, digest: str) -> Failure | None:
        """None if it never failed, or ran since."""
        failure = self._noted(plugin, digest)
        return None if failure is None or failure.is_over else failure

    def quarantine(self, plugin: str, digest: str) -> str:
        """Why it is not to be started any more, or nothing."""
        failure = self._noted(plugin, digest)
        if failure is not None and failure.is_crash:
            return f"{failure.reason}; `trivet plugins check {plugin}` tries it again"
        return why_quarantined(plugin, failure.reason) if failure is not None and failure.is_quarantine else ""

    def note(
        self, plugin: str, digest: str, now: float, reason: str, traceback: str, *, counts: bool, is_crash: bool = False
    ) -> Failure:
        """Remember a failure; `counts` if it may lead to quarantine."""
        before = self._noted(plugin, digest)
        times = tuple(time for time in (before.times if before else ()) if now - WINDOW < time <= now)
        times = (*times, now) if counts else times
        failure = Failure(digest=digest, time=now, reason=reason, traceback=traceback, times=times, is_crash=is_crash)
        self._keep(plugin, failure)
        return failure

    def over(self, plugin: str, digest: str) -> None:
        """It runs; what it did in the last minutes is not forgotten yet."""
        failure = self._noted(plugin, digest)
        if failure is not None and not failure.is_over:
            self._keep(plugin, msgspec.structs.replace(failure, is_over=True))

    def forget(self, plugin: str) -> None:
        self._unwritten.pop(plugin, None)
        try:
            self._path(plugin).unlink(missing_ok=True)
        except OSError:
            return

    def forget_crash(self, plugin: str) -> None:
        """So that it can be tried again; all else is remembered."""
        try:
            failure = msgspec.json.decode(self._path(plugin).read_bytes(), type=Failure)
        except (OSError, msgspec.DecodeError):
            return
        if failure.is_crash:
            self._keep(plugin, msgspec.structs.replace(failure, is_crash=False))

    def _noted(self, plugin: str, digest: str) -> Failure | None:
        failure = self._unwritten.get(plugin)
        if failure is None and digest:
            try:
                failure = msgspec.json.decode(self._path(plugin).read_bytes(), type=Failure)
            except (OSError, msgspec.DecodeError):
                return None
        return failure if failure is not None and failure.digest == digest else None

    def _keep(self, plugin: str, failure: Failure) -> None:
        self._unwritten[plugin] = failure
        if not failure.digest:
            return
        path = self._path(plugin)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            replaced = path.with_suffix(f".{os.getpid()}")
            replaced.write_bytes(msgspec.json.encode(failure))
            replaced.replace(path)
        except OSError:
            return
        del self._unwritten[plugin]

    def _path(self, plugin: str) -> Path:
        return self._folder / f"{plugin}.json"


def why_quarantined(plugin: str, reason: str) -> str:
    return (
        f"it failed {LIMIT} times within {WINDOW / 60:.0f} minutes, at last: {reason}; "
        f"`trivet plugins restart {plugin}` tries it again"
    )
