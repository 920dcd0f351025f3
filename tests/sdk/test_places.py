"""Places for calls, taken and given back by hand."""

from collections import Counter

import anyio
import anyio.abc
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import Invocation, Places, ToolCall, ToolSpec

RESOURCES = ("gpu", "browser", "浏览器")


def call(name: str, *resources: str, run: str = "r") -> Invocation:
    spec = ToolSpec(name="t", summary="T.", parameters={}, effect="pure", resources=resources)
    made = ToolCall(run=run, step=name, tool="t", arguments={}, key=f"{run}/{name}/0", effect="pure")
    return Invocation(call=made, spec=spec)


class Queue:
    """Calls that hold their places until they are told to end; `given` says who has had one, in order."""

    def __init__(self, places: Places, tasks: anyio.abc.TaskGroup) -> None:
        self.places, self.tasks = places, tasks
        self.given: list[str] = []
        self.ends: dict[str, anyio.Event] = {}

    async def ask(self, name: str, *resources: str, run: str = "r") -> None:
        self.ends[name] = anyio.Event()
        self.tasks.start_soon(self.hold, name, call(name, *resources, run=run))
        await anyio.lowlevel.checkpoint()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        for _ in range(3):
            await anyio.lowlevel.checkpoint()

    async def hold(self, name: str, invocation: Invocation) -> None:
        async with self.places.place(invocation):
            self.given.append(name)
            await self.ends[name].wait()


@pytest.mark.anyio
async def test_a_call_that_needs_two_is_not_passed_over_for_ever() -> None:
    async with anyio.create_task_group() as tasks:
        queue = Queue(Places(), tasks)
        await queue.ask("gpu 1", "gpu", run="a")
        await queue.ask("browser 1", "browser", run="b")
        await queue.ask("both", "gpu", "browser", run="c")
        await queue.ask("gpu 2", "gpu", run="a")
        await queue.ask("browser 2", "browser", run="b")
        await queue.end("gpu 1")
        assert queue.given == ["gpu 1", "browser 1"], "the GPU is kept for the one whose turn it is"
        await queue.end("browser 1")
        assert queue.given == ["gpu 1", "browser 1", "both"]
        await queue.end("both")
        assert queue.given == ["gpu 1", "browser 1", "both", "gpu 2", "browser 2"]
        await queue.end("gpu 2")
        await queue.end("browser 2")


@pytest.mark.anyio
async def test_sub_goals_count_with_the_run_they_belong_to() -> None:
    async with anyio.create_task_group() as tasks:
        queue = Queue(Places(per_run=2), tasks)
        for name, run in (("1", "a"), ("2", "a.s1"), ("3", "a.s2"), ("4", "b")):
            await queue.ask(name, run=run)
        assert queue.given == ["1", "2", "4"]
        for name in ("1", "2", "3", "4"):
            await queue.end(name)
        assert queue.given == ["1", "2", "4", "3"]


@pytest.mark.anyio
async def test_who_leaves_the_queue_keeps_nothing_from_others() -> None:
    async with anyio.create_task_group() as tasks:
        queue = Queue(Places(), tasks)
        await queue.ask("gpu", "gpu", run="a")
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as impatient:
                impatient.start_soon(queue.places.place(call("both", "gpu", "browser", run="b")).__aenter__)
                await anyio.lowlevel.checkpoint()
                await queue.ask("browser", "browser", run="c")
                assert queue.given == ["gpu"]
                scope.cancel()
        await anyio.lowlevel.checkpoint()
        assert queue.given == ["gpu", "browser"]
        await queue.end("gpu")
        await queue.end("browser")
    assert (len(queue.places), queue.places.waiting) == (0, 0)


CALLS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.lists(st.sampled_from(RESOURCES), max_size=3), st.integers(0, 3), st.booleans()
    ),
    max_size=30,
)


@given(CALLS, st.dictionaries(st.sampled_from(RESOURCES), st.integers(1, 3)), st.integers(1, 5), st.integers(1, 4))
def test_bounds_hold_and_everybody_has_a_turn(
    calls: list[tuple[str, list[str], int, bool]], sizes: dict[str, int], at_once: int, per_run: int
) -> None:
    """Calls hold their place for some turns of the loop; some are cancelled on the way."""
    places = Places(sizes, at_once=at_once, per_run=per_run)
    taken: Counter[str] = Counter()
    of_run: Counter[str] = Counter()
    ended: set[int] = set()

    async def hold(number: int, run: str, resources: list[str], turns: int, is_cancelled: bool) -> None:
        with anyio.CancelScope() as scope:
            if is_cancelled:
                tasks.start_soon(cancel, scope, turns)
            async with places.place(call(f"s{number}", *resources, run=run)):
                taken.update(set(resources))
                of_run[run] += 1
                assert all(taken[name] <= sizes.get(name, 1) for name in resources)
                assert of_run[run] <= per_run
                assert of_run.total() <= at_once
                try:
                    for _ in range(turns):
                        await anyio.lowlevel.checkpoint()
                finally:
                    taken.subtract(set(resources))
                    of_run[run] -= 1
        ended.add(number)

    async def cancel(scope: anyio.CancelScope, turns: int) -> None:
        for _ in range(turns):
            await anyio.lowlevel.checkpoint()
        scope.cancel()

    tasks: anyio.abc.TaskGroup

    async def all_of_them() -> None:
        nonlocal tasks
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                for number, each in enumerate(calls):
                    tasks.start_soon(hold, number, *each)

    anyio.run(all_of_them)
    assert ended == set(range(len(calls)))
    assert (len(places), places.waiting) == (0, 0)


@pytest.mark.anyio
async def test_each_queue_overtakes_a_waiting_call_at_most_once() -> None:
    async with anyio.create_task_group() as tasks:
        queue = Queue(Places(at_once=1), tasks)
        await queue.ask("first", run="z")
        for run in "abc":
            for number in range(4):
                await queue.ask(f"{run}{number}", run=run)
        await queue.ask("lone", run="d")
        while len(queue.given) < 14:
            await queue.end(queue.given[-1])
        assert queue.given[1:] == ["a0", "b0", "c0", "lone", "a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]
        await queue.end(queue.given[-1])
