"""Where the run's planner is at its end, a planner over a larger model goes on: once in a run, and only if settings name one."""

from collections.abc import Awaitable, Callable, Mapping

import msgspec

from trivet.runs.collaborators import Plugins
from trivet.runs.failures import CannotGoOn
from trivet.runs.foreign import told
from trivet.runs.log import RunLog
from trivet.runs.services import OpenModels, open_models
from trivet_sdk.contributions import Planner
from trivet_sdk.errors import TrivetError
from trivet_sdk.events import VerdictIssued
from trivet_sdk.verdict import Replan

ESCALATION = "escalation"
"""The role of the larger model, and who issues the verdict that hands the run over to it."""
NEVER = "never"
"""In the model's place: what the planner cannot do, nobody else is asked."""


class Larger(msgspec.Struct, frozen=True):
    """Who goes on then. For this planner, and for the thoughts it plans, one model serves every role."""

    planner: Planner
    models: OpenModels


def larger_of(plugins: Plugins, roles: Mapping[str, str]) -> Callable[[], Awaitable[Larger]] | None:
    """What opens it; None where a run with these roles never escalates. Opening raises TrivetError."""
    model, planner = roles.get(ESCALATION, NEVER), roles.get("escalation_planner", "plan")
    if model in ("", NEVER) or (model, planner) == (roles["model"], roles["planner"]):
        return None

    async def larger() -> Larger:
        opened = Larger(await plugins.planner(planner), await open_models(plugins, {"model": model}))
        opened.models.of_role("model")
        return opened

    return larger


class Escalation:
    """Of one run. Nothing of the larger model is opened before it is wanted."""

    def __init__(self, log: RunLog, opening: Callable[[], Awaitable[Larger]] | None) -> None:
        self._log = log
        self._opening = opening
        self.larger: Larger | None = None
        """Open, once the run has escalated."""

    @property
    def is_left(self) -> bool:
        """Whether the run may still escalate."""
        return self._opening is not None and not self._log.fold.escalated

    async def take_up(self) -> None:
        """For a run that escalated in an earlier life. Raises CannotGoOn."""
        if why := self._log.fold.escalated:
            await self._open(why)

    async def begin(self, why: str) -> bool:
        """Record that the larger model goes on from here, and why; False if it does not.

        Raises CannotGoOn with both reasons where it should, and cannot be opened.
        """
        if not self.is_left:
            return False
        await self._open(why)
        await self._log.write(VerdictIssued(verdict=Replan(why, is_next=True), by=ESCALATION))
        return True

    async def _open(self, why: str) -> None:
        if self._opening is None:
            raise CannotGoOn(why)
        try:
            self.larger = await self._opening()
        except TrivetError as error:
            raise CannotGoOn(f"{why} The larger model cannot be asked: {told(error)}") from error
