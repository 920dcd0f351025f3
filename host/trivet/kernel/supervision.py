"""Supervision: one plugin's state, and what follows when one of its lives ends."""

from collections.abc import Awaitable, Callable
from functools import partial

import anyio
from anyio.abc import TaskGroup

from trivet.kernel.failures import Failures, why_quarantined
from trivet.kernel.leaving import Leaving
from trivet.kernel.life import Life
from trivet.kernel.lifecycle import State
from trivet.kernel.pace import Pace, delay
from trivet.kernel.standing import Moved, Standing


class Supervisor(Standing):
    """Keeps one plugin as the host wants it: starts a life, restarts it when it fails, replaces it by a newer one.

    `beget` makes a new life, not yet started. `digest` of the plugin's files is what failures are counted for. `again`
    starts the plugin and whatever it needs, when a restart is due. A state and what it registers change in one moment.
    """

    def __init__(
        self,
        id: str,
        state: State,
        reason: str,
        digest: str,
        *,
        beget: Callable[[], Life],
        again: Callable[[], Awaitable[None]],
        failures: Failures,
        pace: Pace,
        moved: Moved,
        tasks: TaskGroup,
    ) -> None:
        super().__init__(id, state, reason, moved)
        self.digest = digest
        self.traceback = ""
        self.seconds = 0.0
        """Of the last start."""
        self.lacks = ""
        """The plugin without which this one failed or was stopped: when that runs, this one is started again."""
        self.life: Life | None = None
        self._beget = beget
        self._again = again
        self._failures = failures
        self._pace = pace
        self._tasks = tasks
        self._leaving = Leaving(tasks)
        self._lock = anyio.Lock()
        self._due: anyio.CancelScope | None = None
        self._has_run = False
        self._is_coming_back = False

    @property
    def is_expected(self) -> bool:
        """Whether it makes sense to wait for it: it starts, or ran and will be started again by itself."""
        return self.state == "starting" or self._is_coming_back or (self._has_run and self._due is not None)

    async def settled(self) -> None:
        """Wait, as long as a caller may be kept waiting, until it is usable or nothing more is to be expected."""
        with anyio.move_on_after(self._pace.patience):
            while not self.is_usable and self.is_expected:
                await self.news()

    # What the host wants. Each is done by a task of its own, one after the other: whoever asks may be cancelled meanwhile.

    async def start(self, *, again: bool = False) -> None:
        """Wait until it runs or has failed; everyone who asks at the same time waits for the same start. One that failed
        or was stopped is started only `again`."""

        async def work() -> None:
            if self.state == "resolved" or (again and self.state in ("failed", "stopped")):
                await self._start()

        await self._in_turn(work)

    async def stop(self, reason: str = "", *, drain: bool = False) -> None:
        """Ask the plugin to leave, and wait until it has. Contributions vanish first; with `drain`, calls at work may
        finish within the pace's bound, else also those that an earlier life still has are cut short."""
        self.forget_restart()
        if not drain:
            self._leaving.hurry()
        await self._in_turn(partial(self._stop, reason, drain=drain))
        if not drain:
            await self._leaving.finish()

    async def renew(self, why: str) -> None:
        """Put a new life in the place of the one that runs: beside it where that is possible, so that nobody notices.
        A new life that cannot start leaves the old one as it is."""

        async def work() -> None:
            if self.life is None or not self.is_usable:
                return
            old, new = self.life, self._beget()
            if old.is_inside and new.is_inside:
                await self._replace(why)
                return
            await new.start()
            if new.is_up and not new.is_over:
                self._swap(old, new, why)
            else:
                self.complain("renewal", f"{why}, but the new one cannot take over: {new.reason}")

        await self._in_turn(work)

    async def judge(self, state: State, reason: str, digest: str) -> None:
        """Look at it anew, which ends what it was resting in, or a life that runs."""

        async def work() -> None:
            self.forget_restart()
            await self._stop(reason, drain=True)
            self.lacks = self.note = ""
            self.digest = digest
            self.move("discovered")
            self.move(state, reason)

        await self._in_turn(work)

    def lack(self, needed: str, reason: str) -> None:
        """It cannot start, because another plugin does not run."""
        self.move("starting")
        self.lacks = needed
        self._failures.note(self.id, self.digest, self._pace.now(), reason, "", counts=False)
        self.move("failed", reason)

    def forget_restart(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    async def _in_turn(self, work: Callable[[], Awaitable[None]]) -> None:
        done = anyio.Event()

        async def worker() -> None:
            # Shielded: what was begun has bounds of its own, and must not be left half done when the host closes.
            with anyio.CancelScope(shield=True):
                try:
                    async with self._lock:
                        await work()
                finally:
                    done.set()

        self._tasks.start_soon(worker, name=f"supervisor of {self.id}")
        await done.wait()

    # What becomes of its lives

    def over(self, life: Life) -> None:
        """A life has ended by itself."""
        if life is not self.life or not self.is_usable:
            return  # one that was about to leave anyhow, or whose start is being waited for
        life.share.withdraw(life.reason)
        self._failed(life)

    def ailing(self, life: Life) -> None:
        if life is self.life:
            self.weigh()

    def own_complaints(self) -> tuple[str, ...]:
        return tuple(self.life.complaints.values()) if self.life is not None else ()

    async def _start(self) -> None:
        self.forget_restart()
        before = self.life
        self.move("starting")
        self.lacks = ""
        if before is not None and not before.is_gone and before.is_inside:
            self.move("failed", "the life before lets nobody stop it, and only an end of this host can end it")
            return
        life = self.life = self._beget()
        await life.start()
        if life.is_up and not life.is_over:
            life.share.show()
            self._risen(life)
        else:
            self._failed(life)

    def _risen(self, life: Life) -> None:
        self.life, self.seconds, self.traceback = life, life.seconds, ""
        self._has_run = True
        self._failures.over(self.id, self.digest)
        complaints = self.complaints()
        self.move("degraded" if complaints else "running", complaints)

    def _failed(self, life: Life) -> None:
        self.traceback = life.traceback
        now = self._pace.now()
        counts = not life.is_lasting and not life.share.is_repeating
        failure = self._failures.note(self.id, self.digest, now, life.reason, life.traceback, counts=counts)
        is_restarted = not life.is_lasting and not failure.is_quarantine
        if is_restarted:
            self._due = anyio.CancelScope()
            self._tasks.start_soon(self._restart, self._due, delay(max(len(failure.times) - 1, 0), self._pace.chance()))
        self.move("failed", life.reason)
        if failure.is_quarantine and not life.is_lasting:
            self.move("quarantined", why_quarantined(self.id, life.reason))

    async def _restart(self, due: anyio.CancelScope, seconds: float) -> None:
        with due:
            await self._pace.sleep(seconds)
        if due.cancel_called:
            return
        try:
            await self._again()
        finally:
            if self._due is due:
                self._due = None
                self.wake()

    async def _stop(self, reason: str, *, drain: bool) -> None:
        life = self.life
        if life is None or not self.is_usable:
            return
        life.share.withdraw("was stopped")
        self.move("stopping", reason)
        await self._leaving.see_out(life, self._pace.drain if drain else 0)
        if life.reason:
            self.traceback = life.traceback
            self._failures.note(self.id, self.digest, self._pace.now(), life.reason, life.traceback, counts=False)
            self.move("failed", life.reason)
        else:
            self.move("stopped", reason)

    async def _replace(self, why: str) -> None:
        """Stop and start: two lives of one module cannot live side by side in a process. Callers wait."""
        self._is_coming_back = True
        try:
            await self._stop(why, drain=True)
            await self._start()
        finally:
            self._is_coming_back = False
            self.wake()

    def _swap(self, old: Life, new: Life, why: str) -> None:
        if self.is_in("quarantined"):  # the old one died for the last time while the new one was starting
            self._leaving.begin(new, self._pace.drain)
            return
        new.share.show(instead_of=old.share)
        self._complaints.pop("renewal", None)
        if self.is_in("failed"):
            self.forget_restart()
            self.move("starting", why)
            self._risen(new)
        else:
            self.life, self.seconds = new, new.seconds
            self._failures.over(self.id, self.digest)
            self.tell(why)
            self.weigh()
        self._leaving.begin(old, self._pace.drain)
