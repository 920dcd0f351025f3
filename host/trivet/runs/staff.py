"""Who works on a run."""

from collections.abc import Awaitable, Callable

import msgspec

from trivet.runs.escalation import Larger
from trivet.runs.permission import Ruling, no_rules
from trivet.runs.services import OpenModels
from trivet_sdk.contributions import Executor, Planner, Reflector


class Staff(msgspec.Struct, frozen=True, kw_only=True):
    """Who fills the run's roles."""

    planner: Planner
    reflector: Reflector
    executor: Executor
    models: OpenModels
    larger: Callable[[], Awaitable[Larger]] | None = None
    """Opens who goes on where the planner is at its end, if anybody does."""
    ruling: Ruling = no_rules
    """What the user has said once and for all about calls of tools."""
    approval_seconds: float = 0.0
    """A request for approval that nobody answers for so long is denied; with 0 it stays open."""
