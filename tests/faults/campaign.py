"""What must hold after hosts have died, and the servers that have them die."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import IO

import msgspec

from tests.faults.scenarios import SCENARIOS, world_of
from tests.faults.victim import End, Life

ROOT = Path(__file__).parents[2]
AT_ONCE = 4
KILLED = -9


class Server:
    """Lives of hosts, one after the other, in processes that one warm process forks."""

    def __init__(self, requests: IO[bytes], replies: IO[bytes]) -> None:
        self._requests, self._replies = requests, replies

    def live(self, life: Life) -> End:
        self._requests.write(msgspec.json.encode(life) + b"\n")
        self._requests.flush()
        return msgspec.json.decode(self._replies.readline(), type=End)


@contextmanager
def server() -> Iterator[Server]:
    command = [sys.executable, "-m", "tests.faults.victim"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(process.stdin, process.stdout)
        finally:
            process.stdin.close()


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A run whose hosts die at these places, one after the other; then one lives."""

    scenario: str
    dies: tuple[str, ...]


def undisturbed(server: Server, folder: Path, scenario: str) -> End:
    folder.mkdir()
    end = server.live(Life(folder=str(folder), scenario=scenario))
    assert (end.code, end.status, end.unknown) == (0, "succeeded", ()), end.trouble
    assert _names(folder) == sorted(
        (kind, name) for name, kind in SCENARIOS[scenario].strikes.items() if name != "never"
    )
    return end


def wrong_with(server: Server, folder: Path, case: Case, calm: End) -> str:
    """In words, what is not as it should be after these deaths; empty if all is well."""
    folder.mkdir()
    for dies in case.dies:
        dead = server.live(Life(folder=str(folder), scenario=case.scenario, dies=dies))
        if dead.code != KILLED:
            return f"the host that was to die {dies} ended with {dead.code} {dead.status} {dead.trouble}"
    return wrong_after(server, folder, case.scenario, calm, case.dies)


def wrong_after(server: Server, folder: Path, scenario: str, calm: End, deaths: Sequence[str] = ()) -> str:
    world = world_of(folder)
    asked_before = len(world.requests())
    end = server.live(Life(folder=str(folder), scenario=scenario))
    if end.code:
        return f"the host after them ended with {end.code}: {end.trouble}"
    kinds = SCENARIOS[scenario].strikes
    found: list[str] = []
    if _names(folder) != sorted((kind, name) for name, kind in kinds.items() if name != "never"):
        found.append(f"effects {_names(folder)}")
    if (end.status, end.answer, end.results, end.states) != (calm.status, calm.answer, calm.results, calm.states):
        found.append(f"state {end} instead of {calm}")
    if twice := set(world.requests()[asked_before:]) & set(end.paid):
        found.append(f"requested again {twice}")
    if any(kinds[name] != "plain" for name in end.unknown):
        found.append(f"asked about {end.unknown}")
    place, _, name = deaths[-1].partition(" ") if deaths else ("", "", "")
    if place in ("before", "after") and kinds[name] == "plain" and name not in end.unknown:
        found.append(f"not asked about {name}")
    return "; ".join(found)


def _names(folder: Path) -> list[tuple[str, str]]:
    return sorted((kind, name) for kind, name, _ in world_of(folder).effects())


def wrong_with_any(folder: Path, cases: Sequence[Case], calm: End) -> dict[str, str]:
    """What is wrong, by case; several cases at once."""
    with ExitStack() as stack:
        servers: SimpleQueue[Server] = SimpleQueue()
        for _ in range(AT_ONCE):
            servers.put(stack.enter_context(server()))
        pool = stack.enter_context(ThreadPoolExecutor(AT_ONCE))

        def tried(numbered: tuple[int, Case]) -> tuple[str, str]:
            mine = servers.get()
            try:
                number, case = numbered
                return f"{case.scenario}: {', '.join(case.dies)}", wrong_with(mine, folder / str(number), case, calm)
            finally:
                servers.put(mine)

        return {name: wrong for name, wrong in pool.map(tried, enumerate(cases)) if wrong}
