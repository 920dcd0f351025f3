"""All runs of a dead host, taken up by many hosts at once: each by one of them."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import anyio
import msgspec
import pytest

from tests.faults.campaign import KILLED, ROOT
from tests.faults.crowd import Resumed
from tests.faults.scenarios import world_of
from tests.walks.household import goal, household, of_kind, settings_for, step
from trivet.app import RunOptions, open_desk
from trivet_sdk import tool
from trivet_sdk.events import RunResumed, RunStarted
from trivet_sdk.testing import ScriptedPlanner

pytestmark = pytest.mark.anyio
RUNS, HOSTS = 20, 8


def program(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "tests.faults.crowd", *map(str, arguments)]


async def test_each_interrupted_run_is_pursued_by_one_of_many_hosts_that_take_up_all(tmp_path: Path) -> None:
    dead = subprocess.run(program("begin", tmp_path, RUNS), cwd=ROOT, capture_output=True, text=True, check=False)
    assert dead.returncode == KILLED, dead.stderr
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        begun = Counter((run.status in ("interrupted", "queued"), run.pid) for run in await desk.runs())
        assert begun == {(True, None): RUNS}  # some had not begun
    hosts = [
        subprocess.Popen(
            program("resume", tmp_path), cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(HOSTS)
    ]
    for host in hosts:
        assert host.stdout is not None
        assert host.stdout.readline() == "ready\n"
    for host in hosts:
        assert host.stdin is not None
        host.stdin.write("go\n")
        host.stdin.flush()
    said = [msgspec.json.decode(host.communicate(timeout=60)[0], type=Resumed) for host in hosts]
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        runs = {run.id for run in await desk.runs()}
        assert Counter(run for each in said for run in each.pursued) == dict.fromkeys(runs, 1)
        assert {what for each in said for what in each.pursued.values()} == {"succeeded: stroke one, stroke two"}
        for run in runs:
            records = [record async for record in desk.records(run)]
            assert len(of_kind(records, RunStarted)) == 1
            assert len(of_kind(records, RunResumed)) <= 1  # none if its host died before it had begun
    held = r"run {0} is being worked on by process \d+\. Follow it with `trivet runs watch {0}`\."
    assert all(re.fullmatch(held.format(run), why) for each in said for run, why in each.left.items())
    effects = Counter((name, key.partition("/")[0]) for _, name, key in world_of(tmp_path).effects())
    assert effects == {(name, run): 1 for run in runs for name in ("one", "two")}


ASKING = (step("s1", "ask", question="哪一个？"), step("s2", "answer", text="{{s1}}"))
DIES_WAITING = """
import sys
from pathlib import Path
import anyio
from tests.faults.test_resuming import ASKING
from tests.faults.victim import die
from tests.walks.household import ScriptedPlanner, goal, household
from trivet.app import RunOptions

async def main(folder: Path) -> None:
    async with household(folder / "home", ScriptedPlanner(ASKING)) as host, anyio.create_task_group() as group:
        run = await host.submit(goal(folder))
        group.start_soon(host.pursue, run, RunOptions(is_detached=True))
        async for record in host.watch(run):
            if record.event.topic == "run.waiting":
                assert (await host.runs())[0].status == "waiting"  # in the journal
                die()

anyio.run(main, Path(sys.argv[1]))
"""


async def test_runs_that_ask_or_were_never_begun_are_left_alone(tmp_path: Path) -> None:
    async with household(tmp_path / "home", ScriptedPlanner(ASKING)) as host:
        asks = (await host.run(goal(tmp_path))).run
        queued = await host.submit(goal(tmp_path), RunOptions(is_detached=True))
        assert (await host.resume_interrupted(with_stopped=True)).outcomes == []
        assert [(run.id, run.status) for run in await host.runs()] == [(queued, "queued"), (asks, "waiting")]


async def test_run_that_was_stopped_on_purpose_is_taken_up_only_if_that_is_wanted(tmp_path: Path) -> None:
    begun = anyio.Event()

    @tool(effect="pure")
    async def hold() -> str:
        """Wait the first time."""
        if not begun.is_set():
            begun.set()
            await anyio.sleep_forever()
        return "held"

    steps = [step("s1", "hold"), step("s2", "answer", text="{{s1}}")]
    async with household(tmp_path / "home", ScriptedPlanner(steps), tools=(hold,)) as host:
        async with anyio.create_task_group() as group:
            group.start_soon(host.run, goal(tmp_path))
            await begun.wait()
            assert (await host.resume_interrupted(with_stopped=True)).outcomes == []  # this host is at work on it
            group.cancel_scope.cancel()
        assert (await host.resume_interrupted()).outcomes == []
        (outcome,) = (await host.resume_interrupted(with_stopped=True)).outcomes
        assert (outcome.status, outcome.answer) == ("succeeded", "held")


async def test_detached_run_whose_host_died_waiting_is_taken_up_once_it_is_answered(tmp_path: Path) -> None:
    command = [sys.executable, "-c", DIES_WAITING, str(tmp_path)]
    dead = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert dead.returncode == KILLED, dead.stderr
    async with household(tmp_path / "home", ScriptedPlanner()) as host:
        assert (await host.resume_interrupted()).outcomes == []
        await host.answer((await host.runs())[0].id, "蓝色的")
        (outcome,) = (await host.resume_interrupted()).outcomes
        assert (outcome.status, outcome.answer) == ("succeeded", "蓝色的")
