"""How a run is to be done, and what came of it."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from trivet_sdk.goal import Budget, Usage

Status: TypeAlias = Literal["succeeded", "failed", "cancelled", "exhausted", "waiting"]


class RunOptions(msgspec.Struct, frozen=True, kw_only=True):
    roles: Mapping[str, str] = {}
    """Over the settings' own: who fills planner, reflector, executor, context, and which model."""
    approve: Literal["ask", "always", "never"] | None = None
    """None: as the settings say."""
    budget: Budget | None = None
    """None: as the settings say."""
    client: str = ""
    """Who submits it, e.g. `cli`."""
    conversation: str = ""
    """The conversation that it belongs to, by any id that tells it from others: it is told what was said there before."""
    is_detached: bool = False
    """Where nobody can be asked at once, wait for an answer from another host, instead of denying or leaving."""
    tool_seconds: float | None = 600.0
    """How long one call of a tool may take."""


USUAL = RunOptions()


class RunOutcome(msgspec.Struct, frozen=True, kw_only=True):
    run: str
    status: Status
    """`waiting`: a question or an approval is open, and `host.pursue` goes on once it is answered."""
    answer: str = ""
    """Without success: the honest sentence, with what was found so far."""
    reason: str = ""
    artifacts: tuple[str, ...] = ()
    """Workspace-relative paths of the files that were written."""
    usage: Usage = Usage()
    note: str = ""
    """For the user, e.g. that a small local model made this answer."""
    is_tainted: bool = False
    """It has read text from outside."""
