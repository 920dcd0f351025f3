"""The person at the terminal, who can be asked while a run goes on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio

from trivet.cli.consent import Ask, Rules, consented
from trivet.cli.typed import typed
from trivet.cli.view import View
from trivet_sdk.events import ApprovalRequested, QuestionAsked


class TerminalPerson:
    """Fulfils `trivet.runs.collaborators.Person`. One question at a time; no answer (end of input) means: not now. A question
    that is settled elsewhere goes away."""

    def __init__(self, view: View, rules: Rules, read: Ask = typed) -> None:
        """`read` shows what it is given and returns what is typed then."""
        self._view = view
        self._rules = rules
        self._read = read
        self._turn = anyio.Lock()

    async def approve(self, request: ApprovalRequested) -> bool | None:
        async with self._asking():
            return await consented(request, self._read, self._rules)

    async def answer(self, question: QuestionAsked) -> str | None:
        async with self._asking():
            while (said := await self._read(f"{question.question}: ")) == "":
                pass
            return said

    @asynccontextmanager
    async def _asking(self) -> AsyncIterator[None]:
        async with self._turn:
            self._view.pause()
            try:
                yield
            finally:
                self._view.resume()
