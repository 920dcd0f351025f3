"""Questions and approvals of one run: asked of the person at hand, or of another host, or left open for later."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import TypeVar

import anyio

from trivet.journal.journal import Journal
from trivet.journal.reader import Message
from trivet.runs.collaborators import Person
from trivet.runs.log import RunLog
from trivet_sdk.events import (
    ApprovalRequested,
    ApprovalResolved,
    QuestionAnswered,
    QuestionAsked,
    RunResumed,
    RunWaiting,
)

Q = TypeVar("Q")
A = TypeVar("A")


class Unanswered(Exception):
    """Nobody can be asked now; the run waits with the question open."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question


class Asking:
    """`active()` counts the steps at work, those that wait here included; `still()` is open while the whole run stands still.
    `above` is that of the run whose sub-goal this is."""

    def __init__(
        self,
        log: RunLog,
        person: Person | None,
        *,
        is_detached: bool,
        host: str,
        active: Callable[[], int],
        still: Callable[[], AbstractContextManager[None]],
        above: "Asking | None" = None,
    ) -> None:
        self.can_ask = person is not None or is_detached
        """Somebody is there, or will come by."""
        self._log = log
        self._person = person
        self._is_detached = is_detached
        self._host = host
        self._active = active
        self._open = 0
        self._still = still
        self._above = above
        self._news = anyio.Event()
        """One for all who wait; replaced when it is set."""

    def said_before(self, text: str, step: str) -> str | None:
        """What the user answered to this question when another step asked it; None if it is new. A step that is done again
        asks again."""
        fold = self._log.fold
        is_mine = fold.attempts.get(step, 1) > 1 or any(answer.step == step for answer in fold.answers.values())
        return None if is_mine else fold.said.get(text)

    async def question(self, text: str, step: str | None, after: int = 0) -> str:
        """The answer, also one that was given before; `after` so many to the same step, which were of no use. Raises
        Unanswered."""
        fold = self._log.fold
        given = [answer for answer in fold.answers.values() if step is not None and answer.step == step]
        if len(given) > after:
            return given[after].answer
        asked = next((each for each in fold.questions.values() if each.step == step and each.question == text), None)
        if asked is None:
            asked = QuestionAsked(step=step, question=text, id=f"q{fold.seq + 1}")
            await self._log.write(asked, durable=True)
        id = asked.id
        ask = self._person.answer if self._person is not None else None
        if (said := await self._obtain(ask, asked, lambda: id in fold.answers, text)) is not None:
            await self._log.write(QuestionAnswered(step=step, id=id, answer=said), durable=True)
        if id not in fold.answers:
            raise Unanswered(text)
        return fold.answers[id].answer

    async def approve(self, request: ApprovalRequested) -> str:
        """Empty if the call was approved, else why not."""
        fold = self._log.fold
        for open_request in list(fold.approvals.values()):
            if open_request.step == request.step and open_request.digest == request.digest:
                request = open_request
                break
        else:
            await self._log.write(request, durable=True)
        id = request.approval
        words = f"{request.tool} needs an approval: {request.reason}"
        ask = self._person.approve if self._person is not None else None
        asked = None
        if not self._has_expired(request):
            asked = await self._obtain(ask, request, lambda: id not in fold.approvals, words, until=request.expires)
        if asked is not None:
            await self._log.write(
                ApprovalResolved(step=request.step, approval=id, granted=asked, by="user"), durable=True
            )
        elif id in fold.approvals and self._has_expired(request):
            await self._expire(request)
        elif id in fold.approvals:
            reason = "nobody was there to approve it"
            resolved = ApprovalResolved(step=request.step, approval=id, granted=False, by="host", reason=reason)
            await self._log.write(resolved, durable=True)
        if request.step in fold.granted and fold.granted[request.step].approval == id:
            return ""
        return f"{request.reason}, and {fold.refused[request.step or ''][1]}"

    def _has_expired(self, request: ApprovalRequested) -> bool:
        return 0.0 < request.expires <= self._log.now()

    async def _expire(self, request: ApprovalRequested) -> None:
        reason = "nobody has approved it in time"
        await self._log.write(
            ApprovalResolved(step=request.step, approval=request.approval, granted=False, by="timeout", reason=reason),
            durable=True,
        )

    async def receive(self, message: Message, journal: Journal) -> bool:
        """Take in what another host says; False if nothing here was waiting for it."""
        fold = self._log.fold
        if message.kind == "answer":
            wanted = message.payload.get("question")
            asked = fold.questions.get(wanted) if wanted else next(iter(fold.questions.values()), None)
            if asked is None:
                return False
            journal.take(message)
            answer = str(message.payload.get("answer", ""))
            await self._log.write(QuestionAnswered(step=asked.step, id=asked.id, answer=answer), durable=True)
        else:
            wanted = message.payload.get("approval")
            request = fold.approvals.get(wanted) if wanted else next(iter(fold.approvals.values()), None)
            if request is None:
                return False
            journal.take(message)
            if 0.0 < request.expires <= message.time:
                await self._expire(request)
            else:
                is_granted = message.payload.get("granted") is True
                resolved = ApprovalResolved(step=request.step, approval=request.approval, granted=is_granted, by="user")
                await self._log.write(resolved, durable=True)
        self._news.set()
        self._news = anyio.Event()
        return True

    async def _obtain(
        self,
        ask: Callable[[Q], Awaitable[A | None]] | None,
        about: Q,
        is_settled: Callable[[], bool],
        words: str,
        *,
        until: float = 0.0,
    ) -> A | None:
        """What the person says, unless another host settles it first; None if that happens, if nobody can be asked, or
        once it is `until` (Unix time; 0: no end)."""
        if is_settled() or (ask is None and not self._is_detached):
            return None
        said: A | None = None
        async with self._standing(words), anyio.create_task_group() as group:

            async def from_elsewhere() -> None:
                while not is_settled():
                    await self._news.wait()
                group.cancel_scope.cancel()

            async def too_late() -> None:
                await anyio.sleep(max(0.0, until - self._log.now()))
                group.cancel_scope.cancel()

            group.start_soon(from_elsewhere)
            if until:
                group.start_soon(too_late)
            if ask is not None:
                said = await ask(about)
            if said is not None or not self._is_detached:
                group.cancel_scope.cancel()
        return None if is_settled() else said

    @asynccontextmanager
    async def _standing(self, words: str) -> AsyncIterator[None]:
        """While somebody is waited for: if nothing else of the run is at work, it stands still, and so may the run whose
        sub-goal it is."""
        self._open += 1
        if self._active() > self._open:
            yield
            self._open -= 1
            return
        await self._log.write(RunWaiting(reason=words), durable=True)
        with self._still():
            async with self._above._standing(words) if self._above is not None else nullcontext():
                yield
        self._open -= 1
        await self._log.write(RunResumed(host=self._host, reason="answered"))
