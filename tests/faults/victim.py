"""Hosts to be killed: a server that has imported everything, and forks a host for each request.

A request is one line of JSON on stdin, `Life`; the reply one line on stdout, `End`. A host submits the scenario's goal, or
takes up the run that is there, and pursues it until it ends, answering as the scenario's person does; in a conversation then
the goal after it. Or it dies by its own hand, at the place that the request names.
"""

import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import anyio
import msgspec

from tests.faults.power import Happened, Tape
from tests.faults.scenarios import ANSWERS, SCENARIOS, plugin_of, prompt_of, world_of
from tests.faults.world import World
from tests.walks.household import settings_for
from trivet.app import Host, RunOptions, RunOutcome, open_host
from trivet.journal.batch import Batch
from trivet.journal.journal import Journal
from trivet.journal.writer import Writer
from trivet.settings import Settings
from trivet_sdk import Goal, Record
from trivet_sdk.events import ApprovalRequested, ModelCalled, ModelReturned, QuestionAsked

PATIENCE = 60
DOUBT = (
    "Step {} (work.plain) may or may not have taken effect: trivet was stopped while 'work.plain' was at work; whether it "
    "took effect is not known. Answer 'retry' to do it again, 'done' if it has happened ('done: RESULT' with what came of "
    "it), or 'stop'."
)


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """`dies`: `handed N` (after the Nth event was handed to the journal), `committed N` (once it is durable), `before NAME`
    and `after NAME` (of an effect, within its tool); empty for a host that lives. `word` answers the question what became of
    an effect; empty: what the person sees in the world."""

    folder: str
    scenario: str
    dies: str = ""
    word: str = ""
    killed_after: float | None = None
    """Seconds after which the server kills the host, wherever it is."""
    tape: str = ""
    """Where to write what the host wrote and synced; see `tests.faults.power`."""


class End(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is minus the signal that ended the host, else its exit code."""

    code: int
    status: str = ""
    answer: str = ""
    results: dict[str, str] = {}
    states: dict[str, str] = {}
    events: int = 0
    unknown: tuple[str, ...] = ()
    """Names of the effects that the person was asked about."""
    paid: tuple[str, ...] = ()
    """Prompts whose completions were in the journal when this host began."""
    trouble: str = ""


class Death:
    def __init__(self, dies: str) -> None:
        self._dies = dies
        self.events = 0
        if dies.startswith(("handed", "committed")):
            self._where, number = dies.split()
            self._number = int(number)
            self._watch_journal()
        else:
            self._count()

    def reach(self, place: str) -> None:
        if place == self._dies:
            die()

    def _count(self) -> None:
        append = Journal.append

        async def counted(journal: Journal, run: str, records: Sequence[Record], *, durable: bool = False) -> None:
            self.events += len(records)
            await append(journal, run, records, durable=durable)

        Journal.append = counted  # type: ignore[method-assign,assignment]

    def _watch_journal(self) -> None:
        append, commit = Journal.append, Writer._commit
        last: list[tuple[str, int]] = []

        async def watched(journal: Journal, run: str, records: Sequence[Record], *, durable: bool = False) -> None:
            self.events += len(records)
            if not records or self.events != self._number:
                await append(journal, run, records, durable=durable)
                return
            if self._where == "committed":
                last.append((run, records[-1].seq))
            if durable:
                append(journal, run, records, durable=True).send(None)  # until it waits for the disk
            else:
                await append(journal, run, records)
            if self._where == "handed":
                die()
            journal._hand_over()
            threading.Event().wait()  # nothing else happens until the writer has seen to the death

        def committed(writer: Writer, batch: Batch) -> Any:
            settled = commit(writer, batch)
            if last and any((row[0], row[1]) == last[0] for row in batch.rows):
                die()
            return settled

        Journal.append = watched  # type: ignore[method-assign,assignment]
        Writer._commit = committed  # type: ignore[method-assign,assignment]


def die() -> NoReturn:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


class Nodding:
    """Approves what it is shown, and leaves questions open."""

    async def approve(self, request: ApprovalRequested) -> bool | None:
        return True

    async def answer(self, question: QuestionAsked) -> str | None:
        return None


async def live(life: Life) -> End:
    death = Death(life.dies)
    folder = Path(life.folder)
    world = world_of(folder)
    tape = Tape(folder / "home") if life.tape else None
    if tape is not None:
        world.hears = lambda line: tape.add(Happened(line))
    scenario = SCENARIOS[life.scenario]
    conversation = "talk" if scenario.then else ""
    options = RunOptions(approve=scenario.approve, conversation=conversation)  # type: ignore[arg-type]
    unknown: list[str] = []
    with anyio.fail_after(PATIENCE):
        async with open_host(_settings(folder / "home"), (plugin_of(scenario, world, death.reach),)) as host:
            runs = [each.id for each in reversed(await host.runs())]
            paid = [prompt for each in await host.runs(with_children=True) for prompt in await _paid(host, each.id)]
            for number, text in enumerate(scenario.goals):
                if number == len(runs):
                    runs.append(await host.submit(Goal(text=text, workspace=life.folder), options))
                while (outcome := await host.pursue(runs[number], person=Nodding())).status == "waiting":
                    await _answer(host, world, life.word, unknown)
            end = await _end(host, runs, outcome, death.events, unknown, paid)
    if tape is not None:
        Path(life.tape).write_bytes(msgspec.msgpack.encode(tape.entries))
    return end


def _settings(home: Path) -> Settings:
    settings = settings_for(home, roles={"escalation": "large", "escalation_planner": "larger"})
    settings.models["large"] = {"backend": "scripted"}
    return settings


async def _paid(host: Host, run: str) -> list[str]:
    records = await host.records(run)
    prompts = {each.event.call: each.event for each in records if isinstance(each.event, ModelCalled)}
    done = [each.event for each in records if isinstance(each.event, ModelReturned)]
    return [prompt_of(prompts[each.call].messages) for each in done if not each.error]


async def _answer(host: Host, world: World, word: str, unknown: list[str]) -> None:
    for summary in await host.runs(with_children=True):
        fold = await host.runner.fold(summary.id)
        for asked in fold.questions.values():
            if (answer := ANSWERS.get(asked.question)) is None:
                step = fold.steps[asked.step or ""]
                name = str(step.arguments["name"])
                assert (fold.states[step.id], asked.question) == ("unknown", DOUBT.format(step.id)), asked
                unknown.append(name)
                seen = f"done: stroke {name}" if world.has(fold.intents[step.id].key) else "retry"
                answer = word or seen
            await host.answer(summary.id, answer, asked.id)


async def _end(
    host: Host, runs: list[str], outcome: RunOutcome, events: int, unknown: list[str], paid: list[str]
) -> End:
    results: dict[str, str] = {}
    states: dict[str, str] = {}
    for summary in await host.runs(with_children=True):
        fold = await host.runner.fold(summary.id)
        root, _, below = summary.id.partition(".")
        place = f"{runs.index(root)}.{below}"
        results |= {f"{place}/{id}": result.text.replace(root, "RUN") for id, result in fold.results.items()}
        states |= {f"{place}/{id}": state for id, state in fold.states.items()}
    return End(
        code=0,
        status=outcome.status,
        answer=outcome.answer.replace(outcome.run, "RUN"),
        results=results,
        states=states,
        events=events,
        unknown=tuple(unknown),
        paid=tuple(paid),
    )


def forked(life: Life) -> End:
    told, tells = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        end = _lived(life)
        with os.fdopen(tells, "wb") as pipe:
            pipe.write(msgspec.json.encode(end))
        os._exit(0)
    os.close(tells)
    with os.fdopen(told, "rb") as pipe:
        if life.killed_after is not None and not select.select([pipe], [], [], life.killed_after)[0]:
            os.kill(child, signal.SIGKILL)
        said = pipe.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return msgspec.json.decode(said, type=End) if said else End(code=code)


def _lived(life: Life) -> End:
    try:
        return anyio.run(live, life)
    except BaseException:
        import traceback

        return End(code=1, trouble=traceback.format_exc())


def serve(read: Callable[[], bytes], write: Callable[[bytes], Any]) -> None:
    while line := read():
        write(msgspec.json.encode(forked(msgspec.json.decode(line, type=Life))) + b"\n")


if __name__ == "__main__":
    for late in ("anyio._backends._asyncio", "importlib_metadata", "trivet.kernel.own", "trivet.kernel.kernel"):
        import_module(late)  # what the first host would import is imported once, for all of them
    serve(sys.stdin.buffer.readline, lambda said: (sys.stdout.buffer.write(said), sys.stdout.buffer.flush()))
