"""The code interpreter in whole runs: real plugin, real sandbox, real journal; only the plan is scripted."""

import importlib.util
import os
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, of_kind, settings_for, step
from trivet.app import Host, RunOptions, RunOutcome, open_host
from trivet_sandbox import readiness
from trivet_sandbox.watch import family
from trivet_sdk import BlobPart, Budget, Contributions, Patch, Plan, PlanRequest, Record, Services, Step
from trivet_sdk.events import ToolFailed, ToolReturned
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def usable(skip_without: Callable[[str, str], None]) -> None:
    found = readiness()
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)


async def run(tmp_path: Path, *steps: Step) -> tuple[RunOutcome, list[Record]]:
    work = tmp_path / "work"
    work.mkdir(exist_ok=True)
    scripted = Contributions(
        planners={"scripted": ScriptedPlanner([*steps])},
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel()},
    )
    settings = settings_for(tmp_path / "home", enabled=("python",))
    async with open_host(settings, plugins=(EmbeddedPlugin("work", scripted),)) as host:
        with anyio.fail_after(60):
            outcome = await host.run(goal(work))
        return outcome, await host.records(outcome.run)


async def test_programs_of_a_run_share_a_session_and_the_answer_refers_to_what_they_found(tmp_path: Path) -> None:
    outcome, _ = await run(
        tmp_path,
        step("s1", "python", code="import statistics\nfound = [2, 4, 9]"),
        step("s2", "python", ("s1",), code="open('报告.txt', 'w').write('x')\nprint(statistics.mean(found))"),
        step("s3", "answer", ("s2",), text={"$ref": "s2#/stdout"}),
    )

    assert (outcome.status, outcome.answer, outcome.artifacts) == ("succeeded", "5\n", ("报告.txt",))
    assert (tmp_path / "work" / "报告.txt").read_text() == "x"


async def test_error_of_a_program_fails_its_step_with_the_offending_line(tmp_path: Path) -> None:
    _, records = await run(
        tmp_path, step("s1", "python", code="import socket\nsocket.create_connection(('127.0.0.1', 1))")
    )

    failed = of_kind(records, ToolFailed)[0]
    assert "    socket.create_connection(('127.0.0.1', 1))\n" in failed.error
    assert failed.error.endswith("PermissionError: [Errno 1] Operation not permitted")


async def test_figures_are_blobs_of_the_run(tmp_path: Path, skip_without: Callable[[str, str], None]) -> None:
    if importlib.util.find_spec("matplotlib") is None:
        skip_without("packages", "matplotlib is not installed")
    _, records = await run(tmp_path, step("s1", "python", code="import matplotlib.pyplot as plt\n_ = plt.plot([1, 2])"))

    returned = of_kind(records, ToolReturned)[0]
    assert returned.result is not None
    blobs = [part for part in returned.result.parts if isinstance(part, BlobPart)]
    assert [(blob.name, blob.media_type) for blob in blobs] == [("figure-1.png", "image/png")]


RUNS = 50


async def test_no_interpreter_outlives_its_run(tmp_path: Path) -> None:
    """However it ends: reached, failed, cancelled while its program runs, exhausted."""
    work = tmp_path / "work"
    work.mkdir()
    endings: set[str] = set()
    planner = EachRunAnew()
    scripted = Contributions(
        planners={"scripted": planner},
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel()},
    )
    settings = settings_for(tmp_path / "home", enabled=("python",))
    settings.plugins["python"]["config"] = {"spare": 0, "sessions": RUNS, "idle": 3600}
    before = others()
    async with open_host(settings, plugins=(EmbeddedPlugin("work", scripted),)) as host:
        with anyio.fail_after(240):
            for number in range(RUNS):
                kind = ("succeeded", "failed", "cancelled", "exhausted")[number % 4]
                planner.steps = programs(kind)
                budget = Budget(max_steps=1) if kind == "exhausted" else None
                options = RunOptions(budget=budget)
                if kind == "cancelled":
                    endings.add(await cancelled(host, work, options))
                else:
                    endings.add((await host.run(goal(work), options)).status)
            while others() - before:  # noqa: ASYNC110 - they end by themselves
                await anyio.sleep(0.02)

    assert endings == {"succeeded", "failed", "cancelled", "exhausted"}


async def test_interpreter_outlives_a_wait_of_its_run(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    scripted = Contributions(
        planners={
            "scripted": ScriptedPlanner(
                [
                    step("s1", "python", code="x = 20"),
                    step("s2", "ask", ("s1",), question="Go on?"),
                    step("s3", "python", ("s2",), code="print(x + 1)"),
                    step("s4", "answer", ("s3",), text={"$ref": "s3#/stdout"}),
                ]
            )
        },
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel()},
    )
    settings = settings_for(tmp_path / "home", enabled=("python",))
    async with open_host(settings, plugins=(EmbeddedPlugin("work", scripted),)) as host:
        with anyio.fail_after(60):
            waiting = await host.run(goal(work))
            await host.answer(waiting.run, "yes")
            outcome = await host.pursue(waiting.run)

    assert (waiting.status, outcome.status, outcome.answer) == ("waiting", "succeeded", "21\n")


class EachRunAnew:
    """Plans the same steps for each run."""

    steps: tuple[Step, ...] = ()

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        return await ScriptedPlanner([*self.steps]).plan(request, services)


def programs(kind: str) -> tuple[Step, ...]:
    first = step("s1", "python", code="x = 1")
    second = {
        "failed": "1 / 0",
        "cancelled": "open('begun', 'w').close()\nwhile True: pass",
    }.get(kind, "print(x)")
    return first, step("s2", "python", ("s1",), code=second), step("s3", "answer", ("s2",), text="There it is")


async def cancelled(host: Host, work: Path, options: RunOptions) -> str:
    found: list[str] = []

    async def pursue() -> None:
        found.append((await host.run(goal(work), options)).status)

    async with anyio.create_task_group() as tasks:
        with host.kernel.bus.subscribe("run.submitted") as submitted:
            tasks.start_soon(pursue)
            await anext(aiter(submitted))
        while not (work / "begun").exists():  # noqa: ASYNC110 - made by the program
            await anyio.sleep(0.01)
        (work / "begun").unlink()
        (run,) = (each.id for each in await host.runs(limit=1))
        await host.cancel(run)
    return found[0]


def others() -> set[int]:
    """Processes that this one has started, and theirs."""
    return {each for each in family(os.getpid()) if each != os.getpid() and Path(f"/proc/{each}").exists()}
