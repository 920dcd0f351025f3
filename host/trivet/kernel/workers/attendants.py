"""Policies, services and guards in a worker."""

from collections.abc import Mapping, Sequence

from trivet.kernel.workers.line import Line
from trivet_sdk.contributions import Choice
from trivet_sdk.model import GenerateRequest
from trivet_sdk.tool import ToolCall
from trivet_sdk.worker.requests import Choose, Offered, Veto


class WorkerPolicy:
    """Fulfils `Policy`."""

    def __init__(self, line: Line, handle: int, name: str) -> None:
        self._line = line
        self._handle = handle
        self._doing = f"policy {name}"

    async def choose(
        self, request: GenerateRequest, candidates: Sequence[str], feedback: Mapping[str, float]
    ) -> Choice:
        asked = Choose(self._handle, request, tuple(candidates), dict(feedback))
        choice: Choice = await self._line.request("choose", asked, Choice, doing=self._doing)
        return choice


class WorkerService:
    """Fulfils `Service`."""

    def __init__(self, line: Line, offered: Offered) -> None:
        self.name = offered.name
        self._line = line
        self._handle = offered.handle

    async def run(self) -> None:
        await self._line.request("service.run", self._handle, None, doing=f"service {self.name}")


class WorkerGuard:
    """Fulfils `Guard`."""

    def __init__(self, line: Line, handle: int) -> None:
        self._line = line
        self._handle = handle

    async def veto(self, call: ToolCall) -> str | None:
        asked = Veto(self._handle, call)
        reason: str | None = await self._line.request("veto", asked, str | None, doing="its guard")
        return reason
