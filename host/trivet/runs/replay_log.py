"""The log of a run that is lived again: what it writes is compared with what was recorded, and nothing is kept."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager

import anyio
import anyio.lowlevel

from trivet.journal.fold import Fold
from trivet.journal.journal import Journal
from trivet.runs.difference import Difference, differing, hint_of, kind_of, named
from trivet.runs.feed import Feed
from trivet.runs.log import RunLog
from trivet.runs.turns import Turns
from trivet_sdk import events as happened
from trivet_sdk.events import Event, Record

UNCALLED = "as recorded, it was not called"
"""A refusal that stands for a failure which came before any call, and is not compared."""
_REFUSED = "the call was refused: "


class ReplayLog(RunLog):
    """`life`: what one host recorded from its first event of the run on. `ended` is set once all of it came again, or
    something else did: then there is a `difference`."""

    def __init__(self, fold: Fold, journal: Journal, life: Sequence[Record]) -> None:
        super().__init__(fold, journal, Feed(), lambda event: None)
        self.ended = anyio.Event()
        self.difference: Difference | None = None
        self.newest_call = ""
        """Of the models."""
        self._life = life
        self._place = 0
        self._turns = Turns(self._stalled)

    @property
    def next(self) -> Event | None:
        return self._life[self._place].event if self._place < len(self._life) else None

    @property
    def ahead(self) -> Iterator[Event]:
        """What was recorded from here on."""
        return (record.event for record in self._life[self._place :])

    def now(self) -> float:
        return self._life[min(self._place, len(self._life) - 1)].time

    async def write(self, event: Event, *, durable: bool = False) -> None:
        if self._turns.is_over or self.fold.finished is not None:
            await anyio.lowlevel.checkpoint()  # where what writes is to stop, it stops here
            return
        if self._is_passing(event):
            return
        if self._is_hasty(event):
            self._goes_another_way(event)
        await self.until(lambda: self._is_kind(event), event)
        recorded = self.next if self._is_kind(event) else None
        if recorded is None:  # it is over
            await anyio.lowlevel.checkpoint()
            return
        if not _is_given(recorded, event) and (found := differing(recorded, event)) is not None:
            field, before, after = found
            self._differs(Difference(
                run=self._life[self._place].run, seq=self._life[self._place].seq, topic=recorded.topic, field=field,
                recorded=before, today=after,
            ))  # fmt: skip
            await anyio.sleep_forever()
        self._advance()
        if durable:  # others may have written while this one waited for the disk
            step = getattr(event, "step", None)
            await self.until(lambda: getattr(self.next, "step", None) == step, None, is_patient=True)

    def tell(self, event: Event) -> None:
        return

    async def durable(self) -> None:
        return

    async def until(
        self, is_turn: Callable[[], bool], wanted: Event | None = None, *, is_patient: bool = False
    ) -> None:
        """Wait until it is somebody's turn; `wanted` is what they are going to write."""
        await self._turns.until(is_turn, wanted, is_patient=is_patient)

    def foreign(self) -> AbstractContextManager[None]:
        """While a planner or reflector is at work, which may take its time."""
        return self._turns.foreign()

    async def watch(self) -> None:
        """Notice where today's code has gone another way and waits for what will not come, until cancelled."""
        await self._turns.watch()

    def close(self) -> None:
        """Whatever is written from here on is not heard."""
        self._turns.is_over = True
        self._turns.pass_on()

    def _stalled(self) -> None:
        self._goes_another_way(next((each.wanted for each in self._turns.waiters if each.wanted is not None), None))

    def _goes_another_way(self, today: Event | None) -> None:
        place = min(self._place, len(self._life) - 1)
        self._differs(Difference(
            run=self._life[place].run, seq=self._life[place].seq, recorded=named(self.next), today=named(today),
            hint=hint_of(today),
        ))  # fmt: skip

    def _differs(self, difference: Difference) -> None:
        if self.difference is None and not self.ended.is_set():
            self.difference = difference
        self.ended.set()

    def _advance(self) -> None:
        """Take the recorded event, and those after it that came from outside."""
        while True:
            record = self._life[self._place]
            self.fold.apply(record)
            self._place += 1
            if isinstance(record.event, happened.ModelCalled):
                self.newest_call = record.event.call
            if self._place == len(self._life):
                self.ended.set()
                break
            if not _is_from_outside(self._life[self._place].event) or self._place == len(self._life) - 1:
                break
        self._turns.pass_on()

    def _is_hasty(self, event: Event) -> bool:
        """A step that begins today before what it waits for has come to its end. (Where else it begins earlier than recorded,
        it waits for its turn: a whole call may have passed within a turn of the event loop.)"""
        return (
            isinstance(event, happened.StepStarted)
            and event.step in self.fold.steps
            and any(self.fold.states.get(need) != "succeeded" for need in self.fold.steps[event.step].depends_on)
        )

    def _is_passing(self, event: Event) -> bool:
        """That the run stands still, or goes on again, while it asks somebody: recorded by whoever was asked then."""
        if isinstance(event, happened.RunWaiting):
            return not (isinstance(self.next, happened.RunWaiting) and self._place == len(self._life) - 1)
        return isinstance(event, happened.RunResumed) and event.reason == "answered"

    def _is_kind(self, event: Event) -> bool:
        return self.next is not None and kind_of(self.next) == kind_of(event)


def _is_from_outside(event: Event) -> bool:
    if isinstance(event, happened.RunWaiting | happened.QuestionAnswered | happened.RunRated):
        return True
    match event:
        case happened.RunResumed(reason=reason):
            return reason == "answered"
        case happened.ApprovalResolved(by=by):
            return by in ("user", "timeout")
        case _:
            return False


def _is_given(recorded: Event, today: Event) -> bool:
    """What a tool, a model or a sub-goal gave is taken as it was, in its recorded form."""
    match recorded, today:
        case happened.ModelReturned(), _:
            return True
        case happened.RunStarted() | happened.RunResumed() | happened.RunWaiting(), _:
            return True
        case happened.BudgetSpent(exhausted=""), _:
            return True
        case happened.ToolReturned(key=key), _:
            return bool(key)
        case happened.ToolFailed(key=key, error=before), happened.ToolFailed(error=after):
            if after.startswith(f"{_REFUSED}{UNCALLED}"):
                return True
            return bool(key) and not (before.startswith(_REFUSED) or after.startswith(_REFUSED))
        case _:
            return False


def refusal_in(event: Event | None) -> str:
    """A guard's reason, as it is recorded in the end of a call that was not made; empty if no guard refused it."""
    if not isinstance(event, happened.ToolFailed):
        return ""
    if not event.error.startswith(_REFUSED):
        return UNCALLED
    reason = event.error.removeprefix(_REFUSED)
    return "" if reason.endswith("and this run asks nobody") else reason
