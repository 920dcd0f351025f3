"""A run that is worked on here, and the view that follows it."""

import os
import shlex
from contextlib import suppress

import anyio

from trivet.app import Host, RunOptions, RunOutcome
from trivet.approval_rules import setting_for
from trivet.cli import failure
from trivet.cli.view import View
from trivet.runs.collaborators import Person
from trivet.runs.foreign import cause_of, told
from trivet_sdk.events import ApprovalRequested, ApprovalResolved, Event, Record, RunFinished, RunSubmitted, RunWaiting
from trivet_sdk.goal import Goal

LAST_WORDS = 5.0
"""Seconds in which the view must have shown the last events of a run that has ended."""


class Shown:
    """A view that follows a run. `is_output`: what it shows is what the command was called for."""

    def __init__(self, view: View, *, is_output: bool) -> None:
        self.view = view
        self.trouble: OSError | None = None
        """The output cannot be written."""
        self.outcome: RunOutcome | None = None
        """Once the pursuit is over."""
        self._is_output = is_output
        self._unshown = ""
        self._is_at_end = anyio.Event()
        self._goal: Goal | None = None
        self._allows = False
        self._requested: dict[str, str] = {}
        self._refused: dict[str, None] = {}

    @property
    def refused(self) -> str:
        """The tools that were not called because there was nobody to ask; empty if there were none."""
        return ", ".join(f"'{tool}'" for tool in self._refused)

    def unasked(self) -> str:
        """What was refused because there was nobody to ask, and how to allow it; empty if nothing was."""
        if not self._refused or self._goal is None:
            return ""
        if self._allows:
            named = "; ".join(f"trivet config set {setting_for(tool)}" for tool in self._refused)
            return (
                f"{self.refused} was not called: text from outside may be behind it, and there is no terminal to ask in. Run "
                f"it in one, or have a rule allow it by name: {named}"
            )
        elsewhere = [] if self._goal.workspace == os.getcwd() else ["--workspace", self._goal.workspace]
        again = shlex.join(["trivet", "run", self._goal.text, *elsewhere, "--approve", "always"])
        return (
            f"{self.refused} was not called, since there is no terminal to ask in. Run it in one, or allow all "
            f"such calls: {again}"
        )

    async def follow(self, host: Host, run: str, with_transient: bool, work: anyio.CancelScope) -> None:
        try:
            async for record in host.watch(run, transient=with_transient):
                self._show(record)
                self._note(record.event)
                if isinstance(record.event, RunFinished | RunWaiting):
                    self._is_at_end.set()
                elif record.seq and self._is_at_end.is_set():
                    self._is_at_end = anyio.Event()
        except BrokenPipeError:
            work.cancel()  # whoever read us has gone
        except OSError as error:
            self.trouble = error
            work.cancel()
        except BaseException as error:  # a plugin's `redact` is foreign code
            self._unshown = told(cause_of(error))
        self._is_at_end.set()

    def _show(self, record: Record) -> None:
        try:
            self.view.show(record)
        except OSError as error:
            if self._is_output or isinstance(error, BrokenPipeError):
                raise
            self._unshown = told(error)
        except Exception as error:  # what plugins put into events is foreign, and showing it is not the work
            self._unshown = told(error)

    def close(self) -> None:
        with suppress(OSError):
            self.view.close()
            if self._unshown:
                failure.note(f"not everything could be shown: {self._unshown}")
                self._unshown = ""

    def _note(self, event: Event) -> None:
        match event:
            case RunSubmitted(goal=goal, approve=approve):
                self._goal, self._allows = goal, approve == "always"
            case ApprovalRequested(approval=approval, tool=tool):
                self._requested[approval] = tool
            case ApprovalResolved(approval=approval, granted=False, by="host") if approval in self._requested:
                self._refused[self._requested[approval]] = None
            case _:
                pass

    async def until_the_end(self) -> None:
        """Once a pursuit is over, its last event is the run's end, or that it waits."""
        with anyio.move_on_after(LAST_WORDS):
            await self._is_at_end.wait()


async def followed(
    host: Host,
    run: str,
    how: RunOptions,
    shown: "Shown",
    person: Person | None,
    work: anyio.CancelScope,
    *,
    with_transient: bool,
) -> RunOutcome | None:
    """Pursue the run while it is shown. None if `work` was cancelled: the run can be resumed then."""
    error: Exception | None = None
    async with anyio.create_task_group() as tasks:
        with work:
            tasks.start_soon(shown.follow, host, run, with_transient, work)
            try:
                shown.outcome = await host.pursue(run, how, person=person)
            except Exception as caught:
                error = caught  # re-raised as it is, not in a task group's group
        if error is None:
            await shown.until_the_end()
        tasks.cancel_scope.cancel()
    if error is not None:
        raise error
    return shown.outcome
