"""The tool, called as the host calls it, with real interpreters."""

import importlib.util
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

import trivet_python
from trivet_sandbox import readiness
from trivet_sandbox.watch import family
from trivet_sdk import BlobPart, Tool, ToolError, ToolResult, Workspace
from trivet_sdk.conformance import check_plugin
from trivet_sdk.events import RunClosed
from trivet_sdk.testing import MemoryBlobs, StandaloneCall, StandaloneContext, activated, call, manifest_of
from trivet_sdk.testing.plugin import settings_for

pytestmark = pytest.mark.anyio
Run = Callable[..., Any]


@pytest.fixture(autouse=True)
def usable(skip_without: Callable[[str, str], None]) -> None:
    found = readiness()
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)


@asynccontextmanager
async def python(folder: Path, home: Path | None = None, **settings: Any) -> AsyncIterator[Run]:
    """`run(code)` in a workspace; each call is a step of its own, unless `step` says which."""
    manifest = manifest_of(trivet_python)
    context = StandaloneContext(
        manifest.id, home or folder / ".home", settings=settings_for(trivet_python, manifest, settings)
    )
    count = 0
    async with activated(trivet_python, context=context) as contributions:
        tool: Tool = contributions.tools[0]
        await context.until_subscribed("run.closed")

        async def run(
            code: str, step: str = "", of: str = "r1", blobs: MemoryBlobs | None = None, **files: Path
        ) -> ToolResult:
            nonlocal count
            count += 1
            place = Workspace(folder, {name.replace("_", "."): path for name, path in files.items()})
            given = StandaloneCall(place, run=of, step=step or f"s{count}", blobs=blobs)
            return await call(tool, {"code": code}, context=given)

        yield run


async def appeared(file: Path) -> None:
    with anyio.fail_after(20):
        while not file.exists():  # noqa: ASYNC110 - made by another program
            await anyio.sleep(0.01)


def sandboxed() -> set[int]:
    """The processes of all interpreters that this process has started."""
    return {each for each in family(os.getpid()) if each != os.getpid() and Path(f"/proc/{each}").exists()}


async def reached(holds: Callable[[], bool]) -> None:
    with anyio.fail_after(20):
        while not holds():  # noqa: ASYNC110 - other programs end when they end
            await anyio.sleep(0.02)


async def failure(run: Run, code: str, **more: Any) -> str:
    with pytest.raises(ToolError) as raised:
        await run(code, **more)
    return str(raised.value)


# On a busy machine a spare interpreter can outlive the examination, and be named when it is collected.
async def test_plugin_keeps_its_contract(tmp_path: Path) -> None:
    samples = {"python": [{"code": "1 + 1"}, {"code": "open('x', 'w').write('x')"}]}

    assert await check_plugin(trivet_python, samples=samples, workspace=tmp_path) == ()


async def test_result_is_output_value_and_files(tmp_path: Path) -> None:
    async with python(tmp_path) as run:
        result = await run("print('你好')\nopen('结果.txt', 'w').write('x')\n{'n': 3, 'all': (1, 2.5, None)}")

    assert result.text == "你好\n{'n': 3, 'all': (1, 2.5, None)}\nWritten: 结果.txt"
    assert result.value == {"value": {"n": 3, "all": [1, 2.5, None]}, "stdout": "你好\n", "files": ["结果.txt"]}
    assert result.artifacts == ("结果.txt",)


async def test_programs_of_a_run_share_what_they_define_and_other_runs_do_not(tmp_path: Path) -> None:
    async with python(tmp_path) as run:
        await run("x = 20")

        assert (await run("x + 1")).text == "21"
        assert "NameError: name 'x' is not defined" in await failure(run, "x", of="r2")


async def test_error_is_told_with_the_output_before_it(tmp_path: Path) -> None:
    async with python(tmp_path) as run:
        assert await failure(run, "print('begun')\n1 / 0") == (
            'begun\nTraceback (most recent call last):\n  File "<program 1>", line 2, in <module>\n    1 / 0\n     ~~^~~\n'
            "ZeroDivisionError: division by zero"
        )


async def test_program_that_takes_too_long_loses_the_session_and_the_next_is_told(tmp_path: Path) -> None:
    async with python(tmp_path, timeout=0.5) as run:
        await run("x = 1")

        assert await failure(run, "while True: pass") == (
            "The program did not end within 0.5 seconds and was ended; what it had defined is lost."
        )
        assert (await run("print('again')")).text == (
            "This is a new interpreter: what earlier programs of this run defined is lost.\nagain"
        )


async def test_cancelled_call_ends_its_program_at_once(tmp_path: Path) -> None:
    async with python(tmp_path) as run:
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(run, "open('begun', 'w')\nwhile True: open('beat', 'a').write('x')")
                await appeared(tmp_path / "beat")
                tasks.cancel_scope.cancel()
        size = (tmp_path / "beat").stat().st_size
        await anyio.sleep(0.2)

        assert (tmp_path / "beat").stat().st_size == size


async def test_read_only_workspace_is_not_written(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    async with python(tmp_path, workspace="read") as run:
        assert (await run("open('a.txt').read()")).text == "'hello'"
        assert "OSError: [Errno 30] Read-only file system: 'b.txt'" in await failure(run, "open('b.txt', 'w')")


async def test_attachments_are_seen(tmp_path: Path) -> None:
    attached = tmp_path / "blob"
    attached.write_text("attached")
    work = tmp_path / "work"
    work.mkdir()
    async with python(work, tmp_path / "home") as run:
        assert (await run("open('/attachments/a.csv').read()", a_csv=attached)).text == "'attached'"


async def test_figures_and_tables_are_shown(tmp_path: Path, skip_without: Callable[[str, str], None]) -> None:
    if importlib.util.find_spec("matplotlib") is None or importlib.util.find_spec("pandas") is None:
        skip_without("packages", "matplotlib and pandas are not installed")
    blobs = MemoryBlobs()
    async with python(tmp_path) as run:
        drawn = await run("import matplotlib.pyplot as plt\n_ = plt.plot([1, 2, 4])", blobs=blobs)
        table = await run("import pandas as pd\npd.DataFrame({'城市': ['Oslo', 'Łódź'] * 20, 'n': range(40)})")

    assert drawn.text == "1 figure drawn."
    figure = drawn.parts[-1]
    assert isinstance(figure, BlobPart)
    assert (figure.name, figure.media_type) == ("figure-1.png", "image/png")
    assert (await blobs.get(figure.blob)).startswith(b"\x89PNG")
    assert table.text.splitlines()[:4] == ["| 城市 | n |", "| --- | --- |", "| Oslo | 0 |", "| Łódź | 1 |"]
    assert table.text.endswith("(40 rows in all)")
    assert isinstance(table.value, dict)
    assert table.value["table"]["total"] == 40


async def test_curated_packages_work_together(tmp_path: Path, skip_without: Callable[[str, str], None]) -> None:
    for each in ("numpy", "pandas", "duckdb", "PIL"):
        if importlib.util.find_spec(each) is None:
            skip_without("packages", f"{each} is not installed")
    async with python(tmp_path) as run:
        await run("import numpy as np, pandas as pd, duckdb\nfrom PIL import Image")
        await run("pd.DataFrame({'组': ['a', 'b', 'a'], 'n': np.arange(3)}).to_csv('表.csv', index=False)")
        found = await run("duckdb.sql(\"select 组, sum(n)::int from '表.csv' group by 1 order by 1\").fetchall()")
        drawn = await run("Image.new('RGB', (8, 8), 'red').save('红.png')")

    assert isinstance(found.value, dict)
    assert found.value["value"] == [["a", 2], ["b", 1]]
    assert drawn.artifacts == ("红.png",)


async def test_only_named_packages_can_be_imported(tmp_path: Path) -> None:
    async with python(tmp_path, beside=["msgspec"]) as run:
        assert (await run("import msgspec\nmsgspec.json.encode([1])")).text == "b'[1]'"
        assert "ModuleNotFoundError: No module named 'trivet_sdk'" in await failure(run, "import trivet_sdk")


# On a busy machine a spare interpreter can outlive the examination, and be named when it is collected.
async def test_call_that_was_made_is_not_made_again(tmp_path: Path) -> None:
    code = "open('log', 'a').write('x')\nprint('done')"
    for _ in range(2):  # the second one as after a restart
        async with python(tmp_path) as run:
            assert (await run(code, step="s1")).text == "done\nWritten: log"

    assert (tmp_path / "log").read_text() == "x"


async def test_call_that_was_interrupted_with_trivet_is_not_made_again(tmp_path: Path) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    async with python(work, home, timeout=30) as run:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(run, "open('log', 'a').write('x')\nwhile True: pass", "s1")
            await appeared(work / "log")
            tasks.cancel_scope.cancel()
        said = await failure(run, "open('log', 'a').write('x')\nwhile True: pass", step="s1")

    assert said == (
        "This program was interrupted when trivet stopped, and is not run again by itself: it may have written files already."
        " Look at the workspace, then go on with a new program; what earlier ones defined is lost."
    )
    assert (work / "log").read_text() == "x"


async def test_least_used_session_makes_room(tmp_path: Path) -> None:
    async with python(tmp_path, sessions=1) as run:
        await run("x = 1", of="r1")
        await run("y = 1", of="r2")

        assert "NameError" in await failure(run, "x", of="r1")


async def test_next_run_finds_an_interpreter_that_was_started_beforehand_and_knows_nothing(tmp_path: Path) -> None:
    async with python(tmp_path) as run:
        await run("x = 1", of="r1")
        for number in range(2, 6):
            assert "NameError: name 'x' is not defined" in await failure(run, "x", of=f"r{number}")
            await run(f"x = {number}", of=f"r{number}")


async def test_idle_session_is_ended(tmp_path: Path) -> None:
    async with python(tmp_path, idle=0.2) as run:
        await run("x = 1")
        await anyio.sleep(2.5)  # idle sessions are looked for once a second at most

        said = await failure(run, "x")

    assert said.startswith("This is a new interpreter: what earlier programs of this run defined is lost.\n")


async def test_session_ends_with_its_run_and_no_other_does(tmp_path: Path) -> None:
    home = tmp_path / ".home"
    context = StandaloneContext(
        "python", home, settings=settings_for(trivet_python, manifest_of(trivet_python), {"spare": 0})
    )
    async with activated(trivet_python, context=context) as contributions:
        for run in ("r1", "r2"):
            given = StandaloneCall(Workspace(tmp_path), run=run, step="s1")
            await call(contributions.tools[0], {"code": "x = 1"}, context=given)
        before = sandboxed()
        context.publish(RunClosed(run="r1", status="cancelled"))
        context.publish(RunClosed(run="r3", status="succeeded"))  # it never ran a program
        await reached(lambda: len(sandboxed()) < len(before))
        given = StandaloneCall(Workspace(tmp_path), run="r2", step="s2")
        assert (await call(contributions.tools[0], {"code": "x"}, context=given)).text == "1"


async def test_calls_by_hand_share_nothing_and_leave_no_interpreter(tmp_path: Path) -> None:
    before = sandboxed()
    async with python(tmp_path, spare=0) as run:
        await run("x = 1", of="")
        assert "NameError: name 'x' is not defined" in await failure(run, "x", of="")
        assert sandboxed() <= before


async def test_call_by_hand_belongs_to_no_run_and_is_made_each_time(tmp_path: Path) -> None:
    (tmp_path / "数").write_text("1")
    async with python(tmp_path) as run:
        assert (await run("int(open('数').read())", step="s1", of="")).text == "1"
        (tmp_path / "数").write_text("2")
        assert (await run("int(open('数').read())", step="s1", of="")).text == "2"
        assert "new interpreter" not in await failure(run, "1/0", of="")
