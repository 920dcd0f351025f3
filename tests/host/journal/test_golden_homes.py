"""Homes that earlier trivets wrote are read as those read them, kept as they were, and what was under way there goes on."""

import tarfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import anyio
import apsw
import msgspec
import pytest

from tests.host.journal.golden_home import ANSWERED, FIRST, PICTURE, Expected, found, host_of
from trivet.app import RunOptions
from trivet.journal import open_journal
from trivet.journal.events import UPCASTERS
from trivet.journal.schema import FORMAT
from trivet_sdk import Goal, Record
from trivet_sdk.events import BY_TOPIC, Event, RunSubmitted
from trivet_sdk.transcript import Transcript

pytestmark = pytest.mark.anyio

GOLDEN = Path(__file__).parent / "golden"
ANSWERS = {
    "ask, and be answered": f"it is {ANSWERED}",
    "fall": "摔了",
    "ask": "it is 第一个",
    "two levels": "下面",
    "send": "sent 信",
}
"""What comes of the runs that were under way."""
ARCHIVES = sorted(GOLDEN.glob("*.tar.xz"))


class Golden:
    """One of these homes, unpacked."""

    def __init__(self, archive: Path, folder: Path) -> None:
        with tarfile.open(archive) as tar:
            tar.extraction_filter = getattr(tarfile, "data_filter", None)  # a later Python asks for one
            tar.extractall(folder)
        self.home = folder / "home"
        self.journal = self.home / "journal.sqlite"
        self.format = int(archive.name.removeprefix("format").partition(".")[0])
        told = (folder / "expected.json").read_bytes()
        self.expected = msgspec.json.decode(told, type=dict[str, Expected])
        self._told: dict[str, dict[str, Any]] = msgspec.json.decode(told)

    def as_then(self, run: str, now: Expected) -> Expected:
        """Without what transcripts did not tell then."""
        unheard = set(Transcript.__struct_fields__) - self._told[run]["transcript"].keys()
        then = {field: getattr(self.expected[run].transcript, field) for field in unheard}
        return msgspec.structs.replace(now, transcript=msgspec.structs.replace(now.transcript, **then))

    def left_at(self) -> float:
        """Unix time of the last thing that was written there."""
        db = apsw.Connection(f"file:{self.journal}?mode=ro", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
        try:
            return float(db.execute("SELECT max(time) FROM events").get)
        finally:
            db.close()

    def run(self, goal: str) -> str:
        (run,) = (id for id, each in self.expected.items() if each.goal == goal)
        return run


@pytest.fixture(params=ARCHIVES, ids=lambda archive: archive.name.partition(".")[0])
def golden(request: pytest.FixtureRequest, tmp_path: Path) -> Golden:
    return Golden(request.param, tmp_path)


def content(journal: Path) -> tuple[int, dict[str, Any]]:
    """Its format, and all rows of all tables."""
    db = apsw.Connection(str(journal))
    try:
        assert db.execute("PRAGMA integrity_check").get == "ok"
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type='table' ORDER BY name")]
        return db.pragma("user_version"), {each: db.execute(f"SELECT * FROM {each}").fetchall() for each in tables}
    finally:
        db.close()


def test_there_is_a_golden_home_of_every_format() -> None:
    assert [archive.name for archive in ARCHIVES] == [f"format{number}.tar.xz" for number in range(1, FORMAT + 1)]


async def test_home_of_an_earlier_format_is_read_as_it_was_read_then(golden: Golden) -> None:
    before = content(golden.journal)
    assert before[0] == golden.format
    async with host_of(golden.home) as host:
        read = await found(host)
        assert {run: golden.as_then(run, now) for run, now in read.items()} == golden.expected
        (submitted, *_) = await host.records(golden.run(FIRST))
        assert isinstance(submitted.event, RunSubmitted)
        (picture,) = submitted.event.goal.attachments
        assert host.journal.blobs.read(picture.blob) == PICTURE
        assert {each.id for each in await host.runs() if each.is_asking} == {
            golden.run(goal) for goal in ("ask", "ask, and be answered", "send")
        }
    copy = golden.journal.with_name(f"journal.sqlite.format{golden.format}.bak")
    assert copy.exists() == (golden.format < FORMAT)
    if copy.exists():
        assert content(copy) == before
    now = content(golden.journal)
    assert now[0] == FORMAT
    assert now[1]["events"] == before[1]["events"]


async def test_what_was_under_way_in_a_home_of_an_earlier_format_goes_on_to_its_end(
    golden: Golden, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, late = time.time, time.time() - golden.left_at() - 3600.0
    monkeypatch.setattr(time, "time", lambda: now() - late)  # a day later nobody may grant the letter any more
    with anyio.fail_after(30):
        async with host_of(golden.home) as host:
            resumption = await host.resume_interrupted(RunOptions())
            assert [(each.run, each.status) for each in resumption.outcomes] == [(golden.run("fall"), "waiting")]
            (unknown,) = (await host.runner.fold(golden.run("fall"))).questions.values()
            assert unknown.question == (
                "Step s1 (work.fall) may or may not have taken effect: trivet was stopped while 'work.fall' was at work; "
                "whether it took effect is not known. Answer 'retry' to do it again, 'done' if it has happened ('done: RESULT' "
                "with what came of it), or 'stop'."
            )
            await host.answer(golden.run("fall"), "done: 摔了")
            await host.answer(golden.run("ask"), "第一个")
            await host.answer(golden.run("below"), "下面")
            await host.approve(golden.run("send"), granted=True)
            ends = {goal: await host.pursue(golden.run(goal)) for goal in ANSWERS}
    assert {goal: (end.status, end.answer) for goal, end in ends.items()} == {
        goal: ("succeeded", answer) for goal, answer in ANSWERS.items()
    }


class Weighed(Event, frozen=True, kw_only=True):
    """An event as the third version of a schema has it: first there were `jin`, then `kilos`, then a list of them."""

    topic: ClassVar[str] = "test.weighed"
    version: ClassVar[int] = 3
    grams: tuple[int, ...]


def in_kilos(first: dict[str, Any]) -> dict[str, Any]:
    return {"kilos": first["jin"] / 2}


def in_grams(second: dict[str, Any]) -> dict[str, Any]:
    return {"grams": [round(second["kilos"] * 1000)]}


@pytest.mark.parametrize(("version", "payload"), [(1, '{"jin": 3}'), (2, '{"kilos": 1.5}'), (3, '{"grams": [1500]}')])
async def test_event_of_an_earlier_schema_is_raised_version_by_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, payload: str
) -> None:
    monkeypatch.setitem(BY_TOPIC, Weighed.topic, Weighed)
    monkeypatch.setitem(UPCASTERS, (Weighed.topic, 1), in_kilos)
    monkeypatch.setitem(UPCASTERS, (Weighed.topic, 2), in_grams)
    async with open_journal(tmp_path) as journal:
        submitted = Record(run="r", seq=1, time=1.0, event=RunSubmitted(goal=Goal(text="称")))
        await journal.create(submitted, claim=True)
        await journal.change(earlier(version, payload))
        records = [record async for record in journal.read("r")]
    assert records[1].event == Weighed(grams=(1500,))


def earlier(version: int, payload: str) -> Callable[[apsw.Connection], None]:
    """As a host wrote it that knew no later version."""

    def write(db: apsw.Connection) -> None:
        row = ("r", 2, Weighed.topic, version, 2.0, payload)
        db.execute("INSERT INTO events(run, seq, topic, v, time, payload) VALUES(?,?,?,?,?,?)", row)

    return write


def test_every_earlier_version_of_every_event_can_be_raised() -> None:
    earlier = {(topic, version) for topic, kind in BY_TOPIC.items() for version in range(1, kind.version)}
    assert earlier <= UPCASTERS.keys()
