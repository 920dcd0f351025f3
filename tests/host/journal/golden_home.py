"""A home with a run in every state, packed away as the trivet that runs this wrote it.

    python tests/host/journal/golden_home.py tests/host/journal/golden/format3.tar.xz

To have an older trivet write its format, check it out and put its `host` and `sdk/trivet-sdk` on PYTHONPATH. What is packed
is never edited. `expected.json`, packed beside the home, is what that trivet itself made of it.
"""

import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path
from tempfile import TemporaryDirectory

import anyio
import apsw
import msgspec

from trivet.app import Host, RunOptions, open_host
from trivet.settings import Settings
from trivet_sdk import (
    Contributions,
    Goal,
    Patch,
    Plan,
    PlanRequest,
    Services,
    Step,
    ToolError,
    ToolResult,
    result,
    tool,
)
from trivet_sdk.goal import Attachment
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel, ScriptedReflector
from trivet_sdk.transcript import Transcript


class Expected(msgspec.Struct, frozen=True):
    """Of one run. `status` is the fold's, `listed` that of the listing."""

    goal: str
    status: str
    listed: str
    events: int
    transcript: Transcript


def step(id: str, name: str, *needs: str, **arguments: str | float) -> Step:
    return Step(id=id, tool=name, arguments=dict(arguments), needs=needs)


FIRST = "把一加二的和存起来"
PLANS = {
    FIRST: (
        step("s1", "add", a=1, b=2),
        step("s2", "recite", "s1"),
        step("s3", "refuse", "s2"),
        step("s4", "answer", text="{{s3}}"),
    ),
    "ask": (step("s1", "ask", question="哪一个？"), step("s2", "answer", text="it is {{s1}}")),
    "ask, and be answered": (step("s1", "ask", question="哪一个？"), step("s2", "answer", text="it is {{s1}}")),
    "ask, and be cancelled": (step("s1", "ask", question="哪一个？"), step("s2", "answer", text="it is {{s1}}")),
    "send": (step("s1", "send", text="信"), step("s2", "answer", text="{{s1}}")),
    "fall": (step("s1", "fall"), step("s2", "answer", text="{{s1}}")),
    "two levels": (step("s1", "pursue", goal="below"), step("s2", "answer", text="{{s1}}")),
    "below": (
        step("s1", "add", a=2, b=2),
        step("s2", "ask", question="And below?"),
        step("s3", "answer", text="{{s2}}"),
    ),
}
MENDED = (step("p1", "think", instruction="Say it"), step("p2", "answer", "p1", text="{{s1}}: {{p1}}"))
ANSWERED = "第二个"
PICTURE = b"a picture"
AS_GOLDEN = RunOptions(approve="ask", client="golden")


@tool(effect="pure")
def add(a: float, b: float) -> ToolResult:
    """Add two numbers."""
    return result(f"{a:g} + {b:g} = {a + b:g}", {"sum": a + b})


@tool(effect="pure")
def recite() -> str:
    """More than the journal keeps in a row."""
    return "诗" * 30_000


@tool(effect="pure")
def refuse() -> str:
    """Fail."""
    raise ToolError("no")


@tool(effect="effectful")
def send(text: str) -> str:
    """Send."""
    return f"sent {text}"


@tool(effect="effectful")
def fall() -> str:
    """Take the host along."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("nobody survives this")


class Planner:
    """By the goal, so that every host plans the same."""

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        if (plan := request.transcript.plan) is not None:
            return Patch(revision=plan.revision, add=MENDED)
        return Plan(steps=PLANS[request.goal.text])


@asynccontextmanager
async def host_of(home: Path) -> AsyncIterator[Host]:
    contributions = Contributions(
        tools=(add, recite, refuse, send, fall),
        planners={"scripted": Planner()},
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel("三", repeats=True)},
    )
    roles = dict.fromkeys(("planner", "reflector", "model"), "scripted")
    settings = Settings(
        home=home,
        roles={**roles, "executor": "local", "context": "window"},
        models={"scripted": {"backend": "scripted"}},
        plugins={each.name: {"enabled": False} for each in entry_points(group="trivet.plugins")},
    )
    async with open_host(settings, plugins=(EmbeddedPlugin("work", contributions),)) as host:
        yield host


async def write(home: Path) -> None:
    falling = subprocess.run([sys.executable, __file__, "--fall", str(home)], check=False)
    assert falling.returncode == -signal.SIGKILL
    async with host_of(home) as host:
        picture = Attachment(name="图", blob=await host.journal.blobs.put(PICTURE), size=len(PICTURE))
        first = await host.run(Goal(text=FIRST, workspace="/w", attachments=(picture,)), AS_GOLDEN)
        if hasattr(host, "rate"):
            await host.rate(first.run, 5, "很好")
        for text in ("ask", "ask, and be answered", "ask, and be cancelled", "two levels"):
            outcome = await host.run(Goal(text=text, workspace="/w"), AS_GOLDEN)
            if text.endswith("cancelled"):
                await host.cancel(outcome.run, "enough")
            if text.endswith("answered"):
                await host.answer(outcome.run, ANSWERED)  # lies in the inbox until somebody goes on with the run
        await left_asking(host, await host.submit(Goal(text="send", workspace="/w"), AS_GOLDEN))


async def left_asking(host: Host, run: str) -> None:
    """Work on the run until it asks for an approval, and leave it so."""
    async with anyio.create_task_group() as group:
        group.start_soon(host.pursue, run, RunOptions(is_detached=True))
        async for record in host.watch(run):
            if record.event.topic == "run.waiting":
                group.cancel_scope.cancel()


async def fall_in(home: Path) -> None:
    async with host_of(home) as host:
        await host.run(Goal(text="fall", workspace="/w"), RunOptions(approve="always"))


async def expected(home: Path) -> dict[str, Expected]:
    async with host_of(home) as host:
        return await found(host)


async def found(host: Host) -> dict[str, Expected]:
    """All runs of the home, by id."""
    every: dict[str, Expected] = {}
    for summary in await host.runs(with_children=True):
        fold = await host.runner.fold(summary.id)
        every[summary.id] = Expected(
            goal=summary.goal,
            status=fold.status,
            listed=summary.status,
            events=len(await host.records(summary.id)),
            transcript=fold.transcript,
        )
    return every


def packed(archive: Path) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        anyio.run(write, folder / "home")
        made = anyio.run(expected, folder / "home")
        (folder / "expected.json").write_bytes(msgspec.json.format(msgspec.json.encode(made), indent=1))
        db = apsw.Connection(str(folder / "home" / "journal.sqlite"))
        db.pragma("journal_mode", "delete")  # one file, nothing beside it
        db.close()
        with tarfile.open(archive, "w:xz") as tar:
            for part in ("expected.json", "home/journal.sqlite", "home/blobs"):
                tar.add(folder / part, part, filter=_of_nobody)


def _of_nobody(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


if __name__ == "__main__":
    if sys.argv[1] == "--fall":
        anyio.run(fall_in, Path(sys.argv[2]))
    else:
        packed(Path(sys.argv[1]))
