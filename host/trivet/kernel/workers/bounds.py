"""What a worker is held to."""

import os
import re
from typing import Any, get_args

from trivet_sdk.errors import PluginError
from trivet_sdk.manifest import Isolation, Manifest

_UNITS = {"": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}


SILENCE = 15.0
"""Seconds after which a worker that says nothing, though it was asked, hangs."""
PATIENCE = 10.0
"""Seconds within which what was cancelled must have stopped, or it is ended together with its worker."""
TOOL_PATIENCE = 0.8
"""The same for tools: they act, and a run that is told to stop has stopped within a second. A model that goes on for a while
does no harm, and to load it again takes long."""


STOPPED = 24 * 3600.0
"""Seconds that somebody may look at a breakpoint."""


def debugger_of(plugin: str, value: Any) -> int:
    """The port, of `[plugins.<id>] debugger`. Raises PluginError."""
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 65536:
        raise PluginError(plugin, f"cannot be debugged at {value!r}. Write [plugins.{plugin}] debugger = 5678.")
    return value


class Bounds:
    """`memory` in bytes of data of one process, 0 for the usual bound."""

    def __init__(
        self, *, memory: int = 0, silence: float | None = None, patience: float | None = None, debugger: int = 0
    ) -> None:
        """`debugger`: port at which one may attach; a worker that stands at a breakpoint is not taken for dead."""
        usual = (STOPPED, STOPPED, STOPPED) if debugger else (SILENCE, PATIENCE, TOOL_PATIENCE)
        self.memory = memory or usual_memory()
        self.silence = usual[0] if silence is None else silence
        self.patience = usual[1] if patience is None else patience
        self.tool_patience = usual[2] if patience is None else patience
        self.debugger = debugger


def isolation_of(manifest: Manifest, value: Any) -> Isolation:
    """What the settings say, else the manifest. Raises PluginError for a word that is none of the three."""
    if value is None:
        return manifest.plugin.isolation
    for isolation in get_args(Isolation):
        if value == isolation:
            return isolation  # type: ignore[no-any-return]
    known = ", ".join(get_args(Isolation))
    raise PluginError(manifest.id, f"cannot have the isolation {value!r}. There is: {known}.")


def usual_memory() -> int:
    """Three quarters of the machine's memory: a bound for accidents, not for work. 0 where nobody can say."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * 3 // 4
    except (ValueError, OSError):
        return 0


def memory_of(plugin: str, value: Any) -> int:
    """Bytes, of a number or a text like `2GB` in the settings. Raises PluginError."""
    if value is None:
        return 0
    text = str(value).strip().lower()
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?i?b?)", text)
    if isinstance(value, bool) or found is None or found[2] not in _UNITS:
        raise PluginError(plugin, f'cannot have the memory {value!r}. Write [plugins.{plugin}] memory = "2GB".')
    return int(float(found[1]) * _UNITS[found[2]])
