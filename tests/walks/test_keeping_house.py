"""A home stays in order: runs are rated, exported, imported, deleted, and stop before the disk is full."""

import io
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from tests.walks.household import ScriptedPlanner, goal, household, settings_for, step
from trivet.app import open_desk
from trivet.errors import DiskShort, FileRefused, RunImported
from trivet.journal.tarfiles import tar_written
from trivet.settings import HostSettings, KeepSettings
from trivet_sdk import Plan, ToolContext, result, tool
from trivet_sdk.events import RunWaiting

pytestmark = pytest.mark.anyio
KEY = "sk-proj-" + "a1B2" * 8


@tool(effect="pure")
async def say(text: str, ctx: ToolContext) -> Any:
    """Say a text again."""
    await ctx.blobs.put(text.encode())
    return result(f"{text} 好")


def planner(text: str = "hello") -> ScriptedPlanner:
    return ScriptedPlanner(Plan(steps=(step("s1", "say", text=text), step("s2", "answer", text="{{s1}}"))))


async def exported(home: Path, file: Path, text: str = "hello") -> str:
    async with household(home, planner(text), tools=(say,)) as host:
        outcome = await host.run(goal(home.parent, f"说 {text}"))
        assert outcome.status == "succeeded"
        await host.rate(outcome.run, 4, "不错")
        await host.export(outcome.run, file)
        return outcome.run


async def test_exported_run_is_the_same_in_another_home_with_its_rating(tmp_path: Path) -> None:
    file = tmp_path / "跑.tar"
    run = await exported(tmp_path / "home", file)
    async with open_desk(settings_for(tmp_path / "home")) as there, open_desk(settings_for(tmp_path / "other")) as here:
        done = await here.import_run(file)
        assert (done.run, done.was_here) == (run, False)
        assert [each async for each in here.records(run)] == [each async for each in there.records(run)]
        (rating,) = await here.ratings(run)
        assert (rating.event.rating, rating.event.comment) == (4, "不错")
        assert (await here.summary(run)).status == "succeeded"
        assert (await here.import_run(file)).was_here
        assert (await there.import_run(file)).was_here  # where it came from, too
        assert len(await here.ratings(run)) == 1


async def test_id_that_another_run_has_is_given_up_for_a_new_one(tmp_path: Path) -> None:
    file = tmp_path / "run.tar"
    run = await exported(tmp_path / "home", file)
    changed = tmp_path / "changed.tar"
    retold(file, changed, lambda line: {**line, "answer": "another"} if line["topic"] == "run.finished" else line)
    async with open_desk(settings_for(tmp_path / "home")) as here:
        done = await here.import_run(changed)
        assert done.run != run
        assert len(await here.runs()) == 2
        assert (await here.fold(done.run)).finished.answer == "another"  # type: ignore[union-attr]
        again = await here.import_run(changed)
        assert (again.run, again.was_here) == (done.run, True)


async def test_secrets_do_not_leave_with_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOUSE_KEY", "correct horse 电池")
    file = tmp_path / "run.tar"
    text = f"use {KEY} or correct horse 电池, password at https://ada:lovelace99@example.org/"
    async with household(tmp_path / "home", planner(text), tools=(say,)) as host:
        host.settings.models["far"] = {"backend": "openai", "api_key": "env:HOUSE_KEY"}
        outcome = await host.run(goal(tmp_path, text))
        done = await host.export(outcome.run, file)
    whole = file.read_bytes()
    for secret in (KEY, "correct horse", "lovelace99"):
        assert secret.encode() not in whole
    assert done.removed >= 3
    assert b"[secret removed]" in whole


async def test_imported_run_that_was_not_finished_is_shown_and_never_worked_on(tmp_path: Path) -> None:
    file = tmp_path / "run.tar"
    async with household(tmp_path / "home", planner(), tools=(say,)) as host:
        run = await host.submit(goal(tmp_path))
        await host.export(run, file)
    async with household(tmp_path / "other", planner(), tools=(say,)) as host:
        assert (await host.runner.import_run(file)).run == run
        with pytest.raises(RunImported) as refused:
            await host.pursue(run)
        assert str(refused.value) == (
            f"run {run} was imported: its effects happened on another machine, so it is read here and not worked on. "
            f"`trivet runs show {run}` shows it."
        )
        assert len(await host.records(run)) == 1
        await host.runner.delete(run)
        assert await host.runs() == []


def retold(source: Path, target: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """The same file with other lines, and a manifest that fits; None leaves a line out, bytes stand for themselves."""
    with tarfile.open(source) as tar, tar_written(target, "trivet run", 1) as (after, _):
        for head in tar:
            content = tar.extractfile(head).read()  # type: ignore[union-attr]
            if head.name.startswith("runs/"):
                lines = [change(msgspec.json.decode(line)) for line in content.splitlines()]
                content = b"".join(
                    (line if isinstance(line, bytes) else msgspec.json.encode(line)) + b"\n"
                    for line in lines
                    if line is not None
                )
            if head.name != "manifest.json":
                after.add_bytes(head.name, content)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda line: None if line["seq"] == 3 else line, "line 3 of '{run}.jsonl' in it is event 4 of run '{run}'"),
        (lambda line: None if line["seq"] == 1 else line, "line 1 of '{run}.jsonl' in it is event 2 of run '{run}'"),
        (lambda line: {**line, "run": "zz"}, "line 1 of '{run}.jsonl' in it is event 1 of run 'zz'"),
        (
            lambda line: {**line, "run": "../zz"},
            "line 1 of '{run}.jsonl' in it cannot be read: its run has a name that no run has",
        ),
        (
            lambda line: {**line, "topic": "run.sold"} if line["seq"] == 2 else line,
            "line 2 of '{run}.jsonl' in it cannot be read: no 'run.sold' is known here; a newer trivet may have written it",
        ),
        (
            lambda line: b"{" if line["seq"] == 2 else line,
            "line 2 of '{run}.jsonl' in it is no JSON record (Input data was truncated)",
        ),
        (lambda line: {"topic": "run.started"}, "line 1 of '{run}.jsonl' in it has no 'v'"),
        (
            lambda line: {**line, "v": 99} if line["seq"] == 2 else line,
            "line 2 of '{run}.jsonl' in it cannot be read: a newer trivet wrote it ('run.started' in version 99; this one "
            "knows 1)",
        ),
        (
            lambda line: {**line, "goal": {**line["goal"], "workspace": "a\0b"}} if line["seq"] == 1 else line,
            "the workspace of '{run}.jsonl' in it has a NUL in its name, as no folder has",
        ),
        (lambda line: None, "'{run}.jsonl' in it is empty"),
    ],
)
async def test_hostile_runs_are_refused_with_nothing_kept(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], reason: str
) -> None:
    file, bad, home = tmp_path / "run.tar", tmp_path / "bad.tar", tmp_path / "other"
    run = await exported(tmp_path / "home", file)
    retold(file, bad, change)
    async with open_desk(settings_for(home)) as here:
        with pytest.raises(FileRefused) as refused:
            await here.import_run(bad)
        assert str(refused.value) == f"{bad} cannot be used: {reason.format(run=run)}. Nothing has changed."
        assert await here.runs() == []
    assert not list((home / "blobs").glob("??/*"))
    assert not list(home.glob(".importing*"))


async def test_archive_with_a_path_out_of_it_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar"
    with tarfile.open(bad, "w") as tar:
        head = tarfile.TarInfo("runs/../../outside.jsonl")
        head.size = 2
        tar.addfile(head, io.BytesIO(b"{}"))
    async with open_desk(settings_for(tmp_path / "other")) as here:
        with pytest.raises(FileRefused) as refused:
            await here.import_run(bad)
    assert str(refused.value) == (
        f"{bad} cannot be used: 'runs/../../outside.jsonl' does not belong into it. Nothing has changed."
    )


async def test_archive_that_unpacks_to_too_much_is_refused_before_it_is_read(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar"
    head = tarfile.TarInfo("blobs/" + "0" * 64)
    head.size = 5_000_000_000
    with bad.open("wb") as file:
        file.write(head.tobuf())
        file.truncate(head.size)  # a hole in the file, which takes no room
    async with open_desk(settings_for(tmp_path / "other")) as here:
        with pytest.raises(FileRefused) as refused:
            await here.import_run(bad)
    assert str(refused.value) == f"{bad} cannot be used: it unpacks to more than 4295 MB. Nothing has changed."


async def test_no_run_begins_where_the_disk_is_short(tmp_path: Path) -> None:
    home = tmp_path / "home"
    wanted = shutil.disk_usage(tmp_path).total * 2
    short = msgspec.structs.replace(settings_for(home), host=HostSettings(min_free=wanted))
    from trivet.app import open_host

    async with open_host(short) as host:
        with pytest.raises(DiskShort) as refused:
            await host.run(goal(tmp_path))
        assert str(refused.value) == (
            f"the disk of trivet's home {home} has {refused.value.left / 1e6:.0f} MB left, and runs stop below "
            f"{wanted / 1e6:.0f} MB. Make room (`trivet runs prune --older-than 30d`), or lower `host.min_free`."
        )
        assert await host.runs() == []


async def test_run_is_left_to_be_resumed_when_the_disk_runs_short_under_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_go_on = anyio.Event(), anyio.Event()

    @tool(effect="pure", name="say")
    async def slow(text: str) -> Any:
        """Say a text, in time."""
        begun.set()
        await may_go_on.wait()
        return result(text)

    free = shutil.disk_usage(tmp_path)
    async with household(tmp_path / "home", planner(), tools=(slow,)) as host:
        raised: list[DiskShort] = []

        async def pursue() -> None:
            try:
                await host.run(goal(tmp_path))
            except DiskShort as error:
                raised.append(error)

        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                group.start_soon(pursue)
                await begun.wait()
                monkeypatch.setattr("shutil.disk_usage", lambda path: free._replace(free=1000))
        (error,) = raised
        (run,) = await host.runs()
        assert (run.status, run.pid) == ("waiting", None)
        last = (await host.records(run.id))[-1].event
        assert last == RunWaiting(reason=str(error))
        monkeypatch.undo()
        may_go_on.set()
        with anyio.fail_after(20):
            while True:
                try:
                    outcome = await host.pursue(run.id)
                    break
                except DiskShort:  # what the disk has left is looked at once a second
                    await anyio.sleep(0.1)
        assert (outcome.status, outcome.answer) == ("succeeded", "hello")


async def test_host_that_closes_removes_what_settings_no_longer_keep_once_a_day(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with household(home, planner(), tools=(say,)) as host:
        runs = [(await host.run(goal(tmp_path, str(number)))).run for number in range(3)]
        waiting = await host.submit(goal(tmp_path, "not begun"))
    keeping = msgspec.structs.replace(settings_for(home), keep=KeepSettings(runs=2))
    from trivet.app import open_host

    for _ in range(2):
        async with open_host(keeping) as host:
            left = {run.id for run in await host.runs()}
    assert left == {waiting, runs[2]}
