"""A conversation as the user has it: goals become runs, shown and stopped here, and what was said can be looked at."""

import signal
from collections.abc import Sequence
from pathlib import Path

import anyio
import msgspec

from trivet.app import Host, RunOptions, RunOutcome, RunSummary
from trivet.cli import failure
from trivet.cli.chat.lines import Lines
from trivet.cli.conclusion import conclude
from trivet.cli.following import Shown, followed
from trivet.cli.interruption import interruptible
from trivet.cli.pursuit import CLIENT
from trivet.cli.screen import cut, echo, in_line, styled
from trivet.cli.staffing import tell_failed
from trivet.cli.view import chosen_view
from trivet.runs.conversation import told_before
from trivet.runs.naming import new_id
from trivet_sdk.events import RunSubmitted
from trivet_sdk.goal import Attachment, Goal

SHOWN = 3
"""Exchanges that are shown when a conversation goes on."""
_LENGTH = 400
"""Columns of each goal and each line of an answer that are shown then."""
_LINES = 8
_MANY = 1_000_000


class Leaving(Exception):
    """The user wants the chat to end, or the machine does; `code` is the exit code."""

    def __init__(self, code: int = 0) -> None:
        super().__init__(code)
        self.code = code


class Talk:
    """`roles` are those chosen while talking, over the settings' own."""

    def __init__(
        self, host: Host, folder: Path, conversation: str, files: Sequence[Path] = (), *, as_json: bool = False
    ) -> None:
        self.host = host
        self.folder = folder
        self.conversation = conversation
        self.as_json = as_json
        self.has_spoken = False
        self.roles: dict[str, str] = {}
        self.attachments: tuple[Attachment, ...] = ()
        self._files = list(files)
        self._note = ""
        self._is_told_of_limit = False
        self._failed = tell_failed(host, set())

    async def pursue(self, wish: str, lines: Lines) -> None:
        """Work on the goal until it ends, waits, or is stopped. Raises Leaving."""
        goal = Goal(text=wish, workspace=str(self.folder), attachments=self.attachments)
        options = RunOptions(client=CLIENT, conversation=self.conversation, roles=self.roles)
        files, self._files = self._files, []
        run = await self.host.submit(goal, options, attachments=files)
        self.has_spoken = True
        submitted = (await self.host.runner.fold(run)).submitted
        assert submitted is not None
        self.attachments = submitted.goal.attachments
        if submitted.left_out and not self._is_told_of_limit:
            self._is_told_of_limit = True
            failure.note("The conversation is long: from now on new goals are told only of what was said last.")
        await self.go_on(run, lines)

    async def go_on(self, run: str, lines: Lines) -> None:
        """Work on a run that there is. Raises Leaving."""
        shown = Shown(chosen_view(as_json=self.as_json), is_output=self.as_json)
        work = anyio.CancelScope()
        how = RunOptions(client=CLIENT)
        person = lines.person(shown.view, self.host.runner, work.cancel)
        try:
            with interruptible(work.cancel, self._last_words) as heard:
                outcome = await followed(self.host, run, how, shown, person, work, with_transient=not self.as_json)
        finally:
            shown.close()
            tell_failed(self.host, self._failed)
        if shown.trouble is not None:
            raise shown.trouble
        if outcome is not None:
            self._conclude(outcome, shown.refused)
        elif heard.sign == signal.SIGTERM or (heard.sign and not lines.has_person):
            echo(f"\n{self._last_words()}", err=True)
            raise Leaving(failure.INTERRUPTED)
        else:
            echo("Stopped. /resume goes on where it was; or say what you want instead.", err=True)

    def _last_words(self) -> str:
        return f"Stopped. `trivet chat --continue {self.conversation}` goes on with the conversation."

    def _conclude(self, outcome: RunOutcome, refused: str) -> None:
        if outcome.status == "waiting":
            echo(f"It waits: {outcome.reason}\n/resume asks again.", err=True)
            return
        if not self.as_json:
            is_known = outcome.note == self._note
            self._note = outcome.note
            conclude(msgspec.structs.replace(outcome, note="") if is_known else outcome)
        if refused:
            failure.note(
                f"{refused} was not called, since there is no terminal to ask in. Talk in one, or allow all such calls: "
                "trivet chat --approve always"
            )

    async def runs(self) -> list[RunSummary]:
        """Of this conversation, newest first."""
        return await self.host.runs(limit=_MANY, conversation=self.conversation)

    async def unfinished(self) -> RunSummary | None:
        """The newest run of this conversation that has not ended."""
        return next((run for run in await self.runs() if not run.is_finished), None)

    def attach(self, path: Path) -> None:
        """Hand the file over with the next goal; goals after it see it, too."""
        self._files.append(path)

    @property
    def attached(self) -> tuple[str, ...]:
        return (*(each.name for each in self.attachments), *(path.name for path in self._files))

    def begin_anew(self) -> None:
        """Another conversation, which knows nothing of this one."""
        self.conversation = new_id()
        self.attachments = ()
        self._files.clear()
        self._note = ""
        self._is_told_of_limit = False

    async def look_back(self) -> None:
        """Show what was said last, and which run is left to go on with."""
        runs = await self.runs()
        self.has_spoken = True
        newest = await self.host.runner.fold(runs[0].id)
        self.attachments = newest.goal.attachments
        told = await told_before(self.host.journal, self.conversation)
        said = told.earlier
        self.say(f"Going on with the conversation {self.conversation}, {_counted(len(runs), 'goal')} so far.")
        if gone := await self._deleted(newest.submitted):
            were = "was" if gone == 1 else "were"
            failure.note(f"{_counted(gone, 'run')} of it {were} deleted: new goals are not told what was said there.")
        for exchange in said[-SHOWN:]:
            echo(lead=styled(f"> {cut(in_line(exchange.goal), _LENGTH)}", bold=True), err=self.as_json)
            answer = exchange.answer.splitlines()
            for line in answer[:_LINES]:
                self.say(cut(line, _LENGTH))
            if len(answer) > _LINES:
                self.say(f"… {_counted(len(answer) - _LINES, 'more line')}: trivet runs show {exchange.run}")
            if exchange.status not in ("succeeded", "interrupted"):
                self.say(f"({exchange.status})")
        if not runs[0].is_finished:
            self._tell_unfinished(runs[0])

    async def _deleted(self, submitted: RunSubmitted | None) -> int:
        """How many of the runs that this one was told of are no more."""
        told = [exchange.run for exchange in submitted.earlier] if submitted is not None else []
        return len(told) - len(await self.host.journal.known(told))

    def _tell_unfinished(self, run: RunSummary) -> None:
        goal = cut(in_line(run.goal), 80)
        if run.pid is not None:
            failure.note(f"process {run.pid} is at work on run {run.id}, '{goal}'.")
        elif run.is_asking:
            failure.note(f"run {run.id}, '{goal}', waits for your word: /resume asks again.")
        else:
            failure.note(f"run {run.id}, '{goal}', was interrupted: /resume goes on with it.")

    def say(self, text: str = "") -> None:
        """What a person wants to know beside the answers; stdout belongs to the events where those are wanted."""
        echo(text, err=self.as_json)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
