"""The models that trivet does without as long as it can: fetched after a run that was not achieved, so that no run waits
for a gigabyte."""

import json
import os
import time
from contextlib import suppress
from pathlib import Path

from trivet.cli import failure
from trivet.cli.needed_weights import wished
from trivet.cli.progress_bar import pull_with_bar
from trivet.cli.screen import confirm
from trivet.errors import WeightsError
from trivet.kernel.survey import survey
from trivet.packages.weights import Weights
from trivet.settings import Settings

PAUSE = 86_400.0
"""Seconds until it is tried, or asked, again."""
ROOM = 4.0
"""Memory that the machine must have, in sizes of the file."""


def fetch_for_next_time(settings: Settings, *, has_person: bool) -> None:
    """Fetch what the settings have a use for and the home has not, once a day at most; in a terminal the user is asked.

    What cannot be fetched is told and changes nothing: the run is over, and the next one does without.
    """
    if settings.host.fetch == "never":
        return
    tried = settings.home / "cache" / "wished.json"
    before = _read(tried)
    for weights in wished(settings, survey(settings)):
        is_recent = time.time() - before.get(weights.name, 0.0) < PAUSE
        if is_recent or weights.declaration.size * ROOM > _memory():
            continue
        with suppress(OSError):  # then it is tried again the next time
            tried.parent.mkdir(parents=True, exist_ok=True)
            tried.write_text(json.dumps(before | {weights.name: time.time()}))
        if not has_person or confirm(_question(weights), default=True, err=True):
            _fetch(weights, settings.home)
        else:
            failure.note(f"`trivet models pull {weights.name}` fetches it at any time")


def _fetch(weights: Weights, home: Path) -> None:
    failure.note(f"'{weights.name}' may do better at such goals; it is fetched for the next ones, once.")
    try:
        pull_with_bar(weights, home)
    except WeightsError as error:
        failure.note(f"it was not fetched: {error}")
    except KeyboardInterrupt:
        failure.note(f"it was not fetched; `trivet models pull {weights.name}` does it")


def _question(weights: Weights) -> str:
    size = weights.declaration.size / 1e9
    return f"A larger model on this machine may answer such goals ('{weights.name}', {size:.1f} GB). Fetch it now?"


def _read(path: Path) -> dict[str, float]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return {str(name): float(at) for name, at in found.items()} if isinstance(found, dict) else {}


def _memory() -> float:
    """Bytes of the machine; without a bound where it does not say."""
    try:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    except (AttributeError, ValueError, OSError):
        return float("inf")
