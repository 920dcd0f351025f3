"""The person at the terminal, who can be asked while a run goes on."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import click

from trivet.cli.view import View, wording
from trivet_sdk.events import ApprovalRequested, QuestionAsked

T = TypeVar("T")


class TerminalPerson:
    """Fulfils `trivet.runs.collaborators.Person`. One question at a time; no answer (end of input) means: not now."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._turn = anyio.Lock()

    async def approve(self, request: ApprovalRequested) -> bool | None:
        why = f" ({request.reason})" if request.reason else ""
        what = wording.exact_call(request.tool, request.arguments)
        return await self._asked(lambda: click.confirm(f"May it do this{why}?\n{what}\n", default=False, err=True))

    async def answer(self, question: QuestionAsked) -> str | None:
        return await self._asked(lambda: str(click.prompt(click.style(question.question, bold=True), err=True)).strip())

    async def _asked(self, ask: Callable[[], T]) -> T | None:
        async with self._turn:
            self._view.pause()
            return await _in_daemon_thread(ask)


async def _in_daemon_thread(ask: Callable[[], T]) -> T | None:
    """In a thread that does not keep the program alive: Ctrl-C must end a run whose question nobody answers."""
    token = anyio.lowlevel.current_token()
    done = anyio.Event()
    answers: list[T] = []

    def work() -> None:
        with suppress(click.Abort, EOFError, OSError):
            answers.append(ask())
        try:
            anyio.from_thread.run_sync(done.set, token=token)
        except RuntimeError:
            return  # the loop is gone: nobody waits any more

    threading.Thread(target=work, name="trivet question", daemon=True).start()
    await done.wait()
    return answers[0] if answers else None
