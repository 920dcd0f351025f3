"""How long a plan takes beside what its tools alone must take: eight calls at once, and random graphs of steps.

Whole runs of a host, from submission to `run.finished`, planned by a script and journaled as always. The references are
measured in the same run, in turns with ours: bare asyncio doing the same sleeps, and for a graph its critical path.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

import anyio

from tests.walks.household import household, step
from trivet.app import Host
from trivet_sdk import Goal, Plan, PlanRequest, Services, Step, tool

T = TypeVar("T")
CALLS = 8
SECONDS = 0.1
ROUNDS = 7
GRAPHS = 12


@tool(effect="pure")
async def wait(seconds: float) -> str:
    """Take so long, on the event loop."""
    await asyncio.sleep(seconds)
    return "ok"


@tool(effect="pure")
def block(seconds: float) -> str:
    """Take so long, in a thread."""
    time.sleep(seconds)
    return "ok"


class Graph(NamedTuple):
    """Steps by id, with their seconds and what they wait for; each waits for earlier ones only."""

    seconds: Mapping[str, float]
    needs: Mapping[str, tuple[str, ...]]

    @property
    def critical_path(self) -> float:
        """Seconds that no parallelism can save."""
        ends: dict[str, float] = {}
        for id, seconds in self.seconds.items():
            ends[id] = seconds + max((ends[need] for need in self.needs[id]), default=0.0)
        return max(ends.values())

    @property
    def sequence(self) -> float:
        """Seconds of one after the other."""
        return sum(self.seconds.values())

    def steps(self, tool: str) -> list[Step]:
        steps = [step(id, tool, needs=self.needs[id], seconds=seconds) for id, seconds in self.seconds.items()]
        return [*steps, step("end", "answer", text="done", needs=tuple(self.seconds))]


def side_by_side(calls: int = CALLS, seconds: float = SECONDS) -> Graph:
    ids = [f"s{number}" for number in range(calls)]
    return Graph(dict.fromkeys(ids, seconds), dict.fromkeys(ids, ()))


def random_graph(seed: int) -> Graph:
    """20 to 40 steps of 20 to 60 ms, each waiting for up to three of the ten before it."""
    chance = random.Random(seed)
    ids = [f"s{number}" for number in range(chance.randint(20, 40))]
    needs = {
        id: tuple(chance.sample(ids[max(0, place - 10) : place], min(place, chance.randint(0, 3))))
        for place, id in enumerate(ids)
    }
    return Graph({id: chance.uniform(0.02, 0.06) for id in ids}, needs)


async def bare(graph: Graph, once: Callable[[float], Awaitable[object]]) -> None:
    """What asyncio alone makes of it: a task for each step."""
    tasks: dict[str, asyncio.Task[None]] = {}

    async def run(id: str) -> None:
        for need in graph.needs[id]:
            await tasks[need]
        await once(graph.seconds[id])

    for id in graph.seconds:
        tasks[id] = asyncio.create_task(run(id))
    await asyncio.gather(*tasks.values())


class _Planned:
    def __init__(self) -> None:
        self.steps: list[Step] = []

    async def plan(self, request: PlanRequest, services: Services) -> Plan:
        return Plan(steps=tuple(self.steps))


class Course:
    """A host whose planner has been told what comes next."""

    def __init__(self, host: Host, planner: _Planned, folder: Path, pool: ThreadPoolExecutor) -> None:
        self._host, self._planner, self._folder, self._pool = host, planner, folder, pool

    async def ours(self, graph: Graph, tool: str) -> float:
        self._planner.steps = graph.steps(tool)
        begun = time.perf_counter()
        outcome = await self._host.run(Goal(text="Do it", workspace=str(self._folder)))
        seconds = time.perf_counter() - begun
        assert outcome.answer == "done", outcome.answer
        return seconds

    async def bare(self, graph: Graph, tool: str) -> float:
        loop = asyncio.get_running_loop()

        async def blocked(seconds: float) -> None:
            await loop.run_in_executor(self._pool, time.sleep, seconds)

        begun = time.perf_counter()
        await bare(graph, blocked if tool == "block" else asyncio.sleep)
        return time.perf_counter() - begun


async def on_course(work: Callable[[Course], Awaitable[T]]) -> T:
    planner = _Planned()
    with tempfile.TemporaryDirectory(prefix="trivet-bench-") as folder, ThreadPoolExecutor(32) as pool:
        home = Path(folder)
        async with household(home / "home", planner, tools=(wait, block), settings={"max_steps": None}) as host:
            course = Course(host, planner, home, pool)
            for tool in ("wait", "block"):  # what happens once is not of interest here
                await course.ours(side_by_side(seconds=0.001), tool)
                await course.bare(side_by_side(seconds=0.001), tool)
            return await work(course)


class Beside(NamedTuple):
    """Seconds, best of interleaved rounds: another process that wants the processor disturbs both, and not in each round."""

    bare: float
    ours: float

    @property
    def ratio(self) -> float:
        return self.ours / self.bare


async def eight(tool: str, rounds: int = ROUNDS) -> Beside:
    async def work(course: Course) -> Beside:
        graph = side_by_side()
        found = [(await course.bare(graph, tool), await course.ours(graph, tool)) for _ in range(rounds)]
        return Beside(min(bare for bare, _ in found), min(ours for _, ours in found))

    return await on_course(work)


class Made(NamedTuple):
    """Of one graph, in seconds; `bare` and `ours` are the better of two rounds."""

    steps: int
    critical_path: float
    sequence: float
    bare: float
    ours: float


async def graphs(many: int = GRAPHS, first: int = 0) -> list[Made]:
    async def work(course: Course) -> list[Made]:
        found: list[Made] = []
        for seed in range(first, first + many):
            graph = random_graph(seed)
            rounds = [(await course.bare(graph, "wait"), await course.ours(graph, "wait")) for _ in range(2)]
            best = (min(each[which] for each in rounds) for which in (0, 1))
            found.append(Made(len(graph.seconds), graph.critical_path, graph.sequence, *best))
        return found

    return await on_course(work)


def over_bound(found: list[Made]) -> float:
    """The median of makespan by critical path."""
    return statistics.median(each.ours / each.critical_path for each in found)


def main() -> None:
    for name, words in (("wait", "coroutines"), ("block", "blocking functions")):
        found = anyio.run(eight, name)
        print(f"\n{CALLS} calls of {SECONDS * 1e3:.0f} ms, {words}, best of {ROUNDS} rounds")
        print(
            f"  bare asyncio {found.bare * 1e3:.1f} ms  a whole run {found.ours * 1e3:.1f} ms  {found.ratio:.3f} of bare"
        )
    made = anyio.run(graphs)
    print(f"\n{len(made)} random graphs of 20 to 40 steps of 20 to 60 ms")
    for each in made:
        print(
            f"  {each.steps} steps  critical path {each.critical_path * 1e3:.0f} ms  bare asyncio {each.bare * 1e3:.0f} ms  "
            f"a whole run {each.ours * 1e3:.0f} ms  {each.ours / each.critical_path:.3f} of the bound  "
            f"one after the other {each.sequence * 1e3:.0f} ms"
        )
    print(f"  median {over_bound(made):.3f} of the bound")


if __name__ == "__main__":
    main()
