"""`kill -9` of the host at every event boundary and around every effect: each effect once, or unknown and asked, and in the
end what would have been without it."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest

from tests.faults.campaign import KILLED, Case, Server, server, undisturbed, wrong_after, wrong_with, wrong_with_any
from tests.faults.scenarios import SCENARIOS, world_of
from tests.faults.victim import Life
from tests.walks.household import settings_for
from trivet.app import open_desk
from trivet_sdk import Record
from trivet_sdk.events import StepEvent

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="hosts are forked")


@pytest.fixture(scope="module")
def hosts() -> Iterator[Server]:
    with server() as warm:
        yield warm


@pytest.mark.parametrize("boundary", ["handed", "committed"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_host_that_dies_at_any_event_leaves_a_run_that_ends_as_if_nothing_had_been(
    tmp_path: Path, hosts: Server, scenario: str, boundary: str
) -> None:
    calm = undisturbed(hosts, tmp_path / "calm", scenario)
    cases = [Case(scenario=scenario, dies=(f"{boundary} {number}",)) for number in range(1, calm.events + 1)]
    assert wrong_with_any(tmp_path, cases, calm) == {}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_host_that_dies_around_an_effect_leaves_a_run_in_which_it_happens_once(
    tmp_path: Path, hosts: Server, scenario: str
) -> None:
    calm = undisturbed(hosts, tmp_path / "calm", scenario)
    names = [name for name in SCENARIOS[scenario].strikes if name != "never"]
    cases = [Case(scenario=scenario, dies=(f"{place} {name}",)) for name in names for place in ("before", "after")]
    assert wrong_with_any(tmp_path, cases, calm) == {}


def test_user_is_asked_again_if_the_repetition_is_cut_short_as_well(tmp_path: Path, hosts: Server) -> None:
    """The first answer was about another call: `retry` must not speak for one that has had its effect since."""
    calm = undisturbed(hosts, tmp_path / "calm", "sequential")
    case = Case(scenario="sequential", dies=("before two", "after two"))
    assert wrong_with(hosts, tmp_path / "disturbed", case, calm) == ""


@pytest.mark.parametrize(
    ("place", "word", "effects", "status", "answer"),
    [
        ("before", "retry", 1, "succeeded", "stroke two"),
        ("after", "retry", 2, "succeeded", "stroke two"),  # the user has said so
        ("before", "done: 没有", 0, "succeeded", "没有"),
        ("after", "done", 1, "succeeded", "done, as the user says"),
        ("before", "stop", 0, "failed", "stopped"),
        ("after", "stop", 1, "failed", "stopped"),
    ],
)
def test_what_the_user_says_of_an_unknown_effect_is_what_happens(
    tmp_path: Path, hosts: Server, place: str, word: str, effects: int, status: str, answer: str
) -> None:
    assert hosts.live(Life(folder=str(tmp_path), scenario="sequential", dies=f"{place} two")).code == KILLED
    end = hosts.live(Life(folder=str(tmp_path), scenario="sequential", word=word))
    assert (end.code, end.status, end.unknown) == (0, status, ("two",)), end.trouble
    if status == "succeeded":
        assert end.answer == f"stroke one, {answer}, a thought, stroke three, stroke four"
        assert end_of_two(tmp_path) == ["tool.returned", "verdict.issued"]
    else:
        assert end.answer == (
            "The user stopped after step s2, of which nobody knows whether it took effect.\n"
            "Found so far:\nwork.keyed: stroke one"
        )
    keys = [key for _, name, key in world_of(tmp_path).effects() if name == "two"]
    assert (len(keys), len(set(keys))) == (effects, min(effects, 1))


def end_of_two(folder: Path) -> list[str]:
    """What was journaled of the step once its end was known: it is judged before anything else is done."""

    async def read() -> list[str]:
        async with open_desk(settings_for(folder / "home")) as desk:
            (run,) = await desk.runs()
            records = [record async for record in desk.records(run.id)]
        (told,) = (at for at, each in enumerate(records) if each.event.topic == "tool.returned" and _of_two(each))
        return [each.event.topic for each in records[told:] if _of_two(each)]

    return anyio.run(read)


def _of_two(record: Record) -> bool:
    return isinstance(record.event, StepEvent) and record.event.step == "s2"


@pytest.mark.anyio
async def test_run_whose_host_died_is_listed_as_interrupted(tmp_path: Path, hosts: Server) -> None:
    assert hosts.live(Life(folder=str(tmp_path), scenario="sequential", dies="after two")).code == KILLED
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        (run,) = await desk.runs()
        assert (run.status, run.pid) == ("interrupted", None)
        assert (await desk.fold(run.id)).states["s2"] == "running"


@pytest.mark.parametrize("kills", [20, pytest.param(300, marks=pytest.mark.long)])
def test_hosts_killed_at_random_moments_leave_runs_that_end_as_if_nothing_had_been(
    tmp_path: Path, hosts: Server, kills: int
) -> None:
    seed = int(os.environ.get("TRIVET_TEST_SEED", random.randrange(2**32)))
    print(f"TRIVET_TEST_SEED={seed}")
    chance = random.Random(seed)
    calm = {name: undisturbed(hosts, tmp_path / name, name) for name in SCENARIOS}
    done = number = 0
    while done < kills:
        number += 1
        scenario = chance.choice(list(SCENARIOS))
        folder = tmp_path / str(number)
        folder.mkdir()
        for _ in range(chance.randint(1, 4)):
            after = chance.uniform(0.0, 0.08)
            done += hosts.live(Life(folder=str(folder), scenario=scenario, killed_after=after)).code == KILLED
        assert wrong_after(hosts, folder, scenario, calm[scenario]) == "", f"{scenario}, run {number} of seed {seed}"


def test_dead_hosts_lease_is_void_at_once_though_its_process_id_lives_on() -> None:
    """The lease names the process by more than its number."""
    from trivet.journal.owner import is_alive, this_owner

    mine = this_owner()
    assert is_alive(mine)
    other = type(mine)
    assert not is_alive(other(pid=mine.pid, started="1", boot=mine.boot, nonce=mine.nonce))
    assert not is_alive(other(pid=mine.pid, started=mine.started, boot="another boot", nonce=mine.nonce))
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert not is_alive(other(pid=child.pid, started="1", boot=mine.boot, nonce="x"))
    assert os.getpid() == mine.pid
