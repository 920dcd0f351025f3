"""The kernel: finds plugins, decides which run and in which order, starts them when needed, and hands out what they bring.

Its names are imported when they are asked for: a command that only lists plugins needs neither a bus nor pluggy.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trivet.kernel.bus import Bus, Subscription
    from trivet.kernel.kernel import Kernel, open_kernel
    from trivet.kernel.survey import PluginRecord, Survey

__all__ = ["Bus", "Kernel", "PluginRecord", "Subscription", "Survey", "open_kernel"]

_HOMES = {
    "bus": ("Bus", "Subscription"),
    "kernel": ("Kernel", "open_kernel"),
    "survey": ("PluginRecord", "Survey"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
