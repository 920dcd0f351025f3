"""Whom a run works with. The host's kernel fulfils `Plugins`; tests fulfil it with a few literals."""

from collections.abc import Mapping
from typing import Protocol

from trivet_sdk.contributions import Executor, Planner, Reflector
from trivet_sdk.events import ApprovalRequested, Event, QuestionAsked
from trivet_sdk.model import Embedder, Model
from trivet_sdk.tool import Tool, ToolCall, ToolSpec


class Plugins(Protocol):
    """What plugins bring, started on first use. Each lookup raises a TrivetError that says what to install or enable."""

    def tools(self) -> tuple[ToolSpec, ...]:
        """All that may be planned with, by full name, without starting anything."""
        ...

    async def tool(self, name: str) -> Tool: ...
    def secrets(self, name: str) -> Mapping[str, str]:
        """Values of the secrets that the tool's plugin declares."""
        ...

    async def planner(self, name: str) -> Planner: ...
    async def reflector(self, name: str) -> Reflector: ...
    async def executor(self, name: str) -> Executor: ...
    async def model(self, name: str) -> Model: ...
    async def embedder(self) -> Embedder | None: ...
    async def veto(self, call: ToolCall) -> str | None:
        """The first reason why this call must not happen."""
        ...

    def emit(self, event: Event) -> None:
        """Tell the plugins that listen. Callable from the event loop's thread."""
        ...


class Person(Protocol):
    """Whoever can be asked while the run goes on. None means: not now, and the run waits."""

    async def approve(self, request: ApprovalRequested) -> bool | None: ...
    async def answer(self, question: QuestionAsked) -> str | None: ...
