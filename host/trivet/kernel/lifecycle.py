"""The states of a plugin, and what may follow what."""

from typing import Literal, TypeAlias

from trivet_sdk.errors import TrivetError

State: TypeAlias = Literal[
    "discovered", "resolved", "starting", "running", "degraded", "stopping", "stopped",
    "disabled", "incompatible", "failed", "quarantined",
]  # fmt: skip

TRANSITIONS: dict[State, frozenset[State]] = {
    "discovered": frozenset({"resolved", "disabled", "incompatible", "quarantined"}),
    "resolved": frozenset({"starting", "discovered"}),
    "starting": frozenset({"running", "degraded", "failed"}),
    "running": frozenset({"degraded", "stopping", "failed"}),
    "degraded": frozenset({"running", "stopping", "failed"}),
    "stopping": frozenset({"stopped", "failed"}),
    "stopped": frozenset({"starting", "discovered"}),
    "disabled": frozenset({"discovered"}),
    "incompatible": frozenset({"discovered"}),
    "failed": frozenset({"starting", "quarantined", "discovered"}),
    "quarantined": frozenset({"discovered"}),
}
"""The one table: what may follow what. Whoever rests (`resolved`, `stopped`, `failed`, …) may be looked at anew, which is
`discovered`: settings or files have changed, or a restart was asked for."""

USABLE: frozenset[State] = frozenset({"running", "degraded"})


def described(error: BaseException) -> str:
    """`KeyError: 'x'`, for a group the first that is in it; a contract's own error speaks for itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    first = (str(error).strip().splitlines() or [""])[0]
    if isinstance(error, TrivetError) and first:
        return first
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
