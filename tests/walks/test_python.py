"""The code interpreter in whole runs: real plugin, real sandbox, real journal; only the plan is scripted."""

import importlib.util
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, of_kind, settings_for, step
from trivet.app import RunOutcome, open_host
from trivet_sandbox import readiness
from trivet_sdk import BlobPart, Contributions, Record, Step
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
