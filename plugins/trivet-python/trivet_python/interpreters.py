"""The sessions of runs: made at a run's first program, ended with it, or when nobody has used them for a while."""

import secrets
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import anyio
import anyio.to_thread

from trivet_python.building import Environment
from trivet_python.fresh import FreshSessions
from trivet_python.settings import Settings
from trivet_sandbox import Result, Session
from trivet_sdk import Event, Workspace
from trivet_sdk.events import RunClosed

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class Ran:
    result: Result
    is_first: bool
    """Of its session."""
    attachments: Path
    """Where the program finds them."""


class Interpreters:
    """By run. At most `settings.sessions` of them are kept; the one that was used longest ago makes room."""

    def __init__(self, settings: Settings, environment: Environment, threads: anyio.CapacityLimiter) -> None:
        self.settings = settings
        self.environment = environment
        self._threads = threads
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._used: dict[str, float] = {}
        self._turns: dict[str, anyio.Lock] = {}
        self._fresh = FreshSessions(settings, environment)

    async def run(self, run: str, workspace: Workspace, code: str, timeout: float) -> Ran:
        """What became of the program.

        Programs of one run wait for each other. A cancelled call ends the session. One of no run (a call by hand) has a
        session of its own, which ends with it. Raises SandboxFailed.
        """
        if not run:
            return await self._run_by_itself(workspace, code, timeout)
        async with self._turns.setdefault(run, anyio.Lock()):
            session = self._sessions.get(run)
            is_first = session is None
            if session is None:
                session = await self._started(run, workspace)
            self._sessions.move_to_end(run)
            self._used[run] = anyio.current_time()
            try:
                result = await self._ended_with_the_call(session, lambda: session.run(code, timeout))
            finally:
                self._used[run] = anyio.current_time()
                if not session.is_open:
                    self._forget(run)
                    with anyio.CancelScope(shield=True):
                        await self._in_thread(session.close)
            return Ran(result=result, is_first=is_first, attachments=session.attachments)

    async def _run_by_itself(self, workspace: Workspace, code: str, timeout: float) -> Ran:
        own = secrets.token_hex(16)
        try:
            return await self.run(own, workspace, code, timeout)
        finally:
            await self.end(own)

    async def end(self, run: str) -> None:
        """Nothing happens if it has none."""
        session = self._forget(run)
        if session is not None:
            session.end()
            with anyio.CancelScope(shield=True):
                await self._in_thread(session.close)

    def _forget(self, run: str) -> Session | None:
        self._used.pop(run, None)
        turn = self._turns.get(run)
        if turn is not None and not turn.statistics().tasks_waiting and not turn.locked():
            del self._turns[run]
        return self._sessions.pop(run, None)

    async def end_all(self) -> None:
        for run in list(self._sessions):
            await self.end(run)
        await self._in_thread(self._fresh.close)

    async def end_closed(self, events: AsyncIterator[Event]) -> None:
        """Forever: end the sessions of runs that have ended."""
        async for event in events:
            if isinstance(event, RunClosed):
                await self.end(event.run)

    async def end_idle(self) -> None:
        """Forever: end sessions that were not used for `settings.idle` seconds."""
        while True:
            now = anyio.current_time()
            for run, used in list(self._used.items()):
                if used + self.settings.idle <= now and not self._turns[run].locked():
                    await self.end(run)
            next_end = min(self._used.values(), default=now) + self.settings.idle
            await anyio.sleep(max(1.0, next_end - now))

    async def _started(self, run: str, workspace: Workspace) -> Session:
        if len(self._sessions) >= self.settings.sessions:
            idle = (each for each in self._sessions if not self._turns[each].locked())
            await self.end(next(idle, next(iter(self._sessions))))
        session = await self._in_thread(lambda: self._fresh.take(workspace))
        self._sessions[run] = session
        return session

    async def _ended_with_the_call(self, session: Session, work: Callable[[], Result]) -> Result:
        is_done = False

        async def guard() -> None:
            try:
                await anyio.sleep_forever()
            finally:
                if not is_done:
                    session.end()  # then the thread returns

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(guard)
            result = await self._in_thread(work)
            is_done = True
            tasks.cancel_scope.cancel()
        return result

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await anyio.to_thread.run_sync(work, limiter=self._threads)


@asynccontextmanager
async def open_interpreters(
    settings: Settings, environment: Environment, closed: AsyncIterator[Event], complain: Callable[[str], None]
) -> AsyncIterator[Interpreters]:
    """`closed` tells of runs that have ended; where it misses one, the idle time ends its session. `complain` is told if the
    environment cannot be built, which is begun here."""
    interpreters = Interpreters(settings, environment, anyio.CapacityLimiter(settings.sessions + 2))
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(interpreters.end_idle)
            tasks.start_soon(interpreters.end_closed, closed)
            tasks.start_soon(environment.build, complain)
            yield interpreters
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await interpreters.end_all()
