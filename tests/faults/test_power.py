"""Cuts of power: whatever was not synced is gone, and each run ends as if nothing had been."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.faults.campaign import Server, server, wrong_after
from tests.faults.power import Entry, cuts, durable_events
from tests.faults.scenarios import SCENARIOS
from tests.faults.victim import Life

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names synced files through /proc")


@pytest.fixture(scope="module")
def hosts() -> Iterator[Server]:
    with server() as warm:
        yield warm


@pytest.mark.parametrize("scenario", SCENARIOS)
@pytest.mark.parametrize("is_torn", [False, pytest.param(True, marks=pytest.mark.long)])
def test_home_as_it_was_at_any_sync_has_all_that_was_acknowledged_and_its_run_ends_as_if_nothing_had_been(
    tmp_path: Path, hosts: Server, scenario: str, is_torn: bool
) -> None:
    """Torn: of what was not synced, some sectors are there."""
    seed = int(os.environ.get("TRIVET_TEST_SEED", random.randrange(2**32)))
    print(f"TRIVET_TEST_SEED={seed}")
    (tmp_path / "calm").mkdir()
    tape = tmp_path / "tape"
    calm = hosts.live(Life(folder=str(tmp_path / "calm"), scenario=scenario, tape=str(tape)))
    assert (calm.code, calm.status) == (0, "succeeded"), calm.trouble
    wrong: dict[str, str] = {}
    number = 0
    entries = msgspec.msgpack.decode(tape.read_bytes(), type=list[Entry])
    for number, remains in enumerate(cuts(entries, random.Random(seed) if is_torn else None)):
        folder = tmp_path / str(number)
        remains.put(folder)
        kept = durable_events(folder)
        lost = {run: seq for run, seq in remains.acknowledged.items() if kept.get(run, 0) < seq}
        if lost:
            wrong[f"cut {number}, after {remains.after}"] = f"acknowledged, and lost: {lost}; there is {kept}"
        elif found := wrong_after(hosts, folder, scenario, calm):
            wrong[f"cut {number}, after {remains.after}"] = found
    assert wrong == {}, f"seed {seed}"
    assert number > calm.events / 3  # most events were synced with few others
    print(f"{number + 1} cuts")
