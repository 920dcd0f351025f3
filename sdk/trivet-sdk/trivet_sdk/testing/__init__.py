"""For plugins' tests: real implementations of the contracts that need no host, and things that fail on purpose.

Free of pytest; the fixtures on top of it are in `pytest_plugin`, and tests by drawn inputs in `fuzzing`. Faults are in
`trivet_sdk.testing.faults`.
"""

from .calling import MemoryBlobs, StandaloneCall, call
from .clock import ManualClock
from .model import ScriptedModel
from .planning import ScriptedPlanner, ScriptedReflector
from .plugin import EmbeddedPlugin, activated, manifest_for, manifest_of
from .plugin_context import StandaloneContext
from .services import StandaloneServices

__all__ = [
    "EmbeddedPlugin",
    "ManualClock",
    "MemoryBlobs",
    "ScriptedModel",
    "ScriptedPlanner",
    "ScriptedReflector",
    "StandaloneCall",
    "StandaloneContext",
    "StandaloneServices",
    "activated",
    "call",
    "manifest_for",
    "manifest_of",
]
