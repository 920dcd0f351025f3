"""A planner and a reflector that decide what a test tells them to."""

from collections.abc import Mapping, Sequence

from ..context import Services
from ..contributions import PlanRequest
from ..plan import Patch, Plan, Step
from ..tool import ToolResult
from ..transcript import Transcript
from ..verdict import Accept, Finish, GiveUp, Replan, Verdict
from .script import Line, Script


class ScriptedPlanner:
    """A Planner whose plans are written beforehand: a Plan or Patch, a bare sequence of steps for either, an exception,
    or a function of the request that makes one of these. `requests` are those received."""

    def __init__(self, *lines: Line[Plan | Patch | Sequence[Step], PlanRequest], repeats: bool = False) -> None:
        self._script: Script[PlanRequest, Plan | Patch | Sequence[Step]] = Script(lines, repeats=repeats)

    @property
    def requests(self) -> list[PlanRequest]:
        return self._script.requests

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        line = await self._script.next(request)
        if isinstance(line, (Plan, Patch)):
            return line
        if request.transcript.plan is None:
            return Plan(steps=tuple(line))
        return Patch(revision=request.transcript.plan.revision, add=tuple(line))


class ScriptedReflector:
    """A Reflector that accepts every step unless `after` says otherwise, and judges from a script.

    `after` maps a step's id to the verdicts on its attempts, in order; then it is accepted if it has a result. Without a
    script, `judge` finishes with the answer if there is one, asks an open plan to go on, and gives up otherwise.
    """

    def __init__(
        self, *verdicts: Line[Verdict, Transcript], after: Mapping[str, Sequence[Verdict]] | None = None
    ) -> None:
        self._after = {step: list(verdicts) for step, verdicts in (after or {}).items()}
        self._script: Script[Transcript, Verdict] = Script(verdicts)
        self._has_script = bool(verdicts)
        self.inspected: list[tuple[Step, ToolResult | None, str]] = []

    @property
    def judged(self) -> list[Transcript]:
        return self._script.requests

    def inspect(self, step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> Verdict:
        self.inspected.append((step, result, error))
        if self._after.get(step.id):
            return self._after[step.id].pop(0)
        return Accept() if result is not None else Replan(reason=f"{step.id} failed: {error}")

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        if self._has_script:
            return await self._script.next(transcript)
        self._script.requests.append(transcript)
        if transcript.answer is not None:
            return Finish(answer=transcript.answer)
        if transcript.plan is not None and transcript.plan.is_open:
            return Replan(reason="go on", is_next=True)
        return GiveUp(reason="the plan is done, and there is no answer")
