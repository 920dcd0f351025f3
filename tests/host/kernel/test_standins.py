"""Planners, models and all else that runs hold on to, while the plugin behind them dies and is replaced."""

from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.kernel.test_supervision import state, until
from tests.host.kernel.workshop import Clock, Workshop
from trivet.errors import CallInterrupted
from trivet.kernel import open_kernel
from trivet_sdk import Finish, GenerateRequest, Goal, ModelUnavailable, Transcript, collect
from trivet_sdk.message import user
from trivet_sdk.testing.services import StandaloneServices

pytestmark = pytest.mark.anyio

MINDS = '''
import os, signal
from contextlib import asynccontextmanager
from pathlib import Path
from trivet_sdk import Contributions, Delta, Finish, Accept, hookimpl, tool

FOLDER = Path("@FOLDER@")
VERSION = "1"

def perhaps_die(where):
    """As often as somebody asked for it."""
    for file in sorted(FOLDER.glob(f"die-{where}-*")):
        file.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()

class Model:
    window, is_small, features = None, False, frozenset()

    def __init__(self, name):
        self.name = name

    async def generate(self, request):
        perhaps_die("before")
        yield Delta(text=f"{VERSION} first ")
        if FOLDER.joinpath("die-after").exists():
            import anyio
            await anyio.sleep(0.05)  # so that the first word is out
        perhaps_die("after")
        yield Delta(text="last", finish="stop")

    async def measure(self, messages):
        perhaps_die("before")
        return len(messages)

class Backend:
    async def open(self, name, definition):
        return Model(name)

class Critic:
    def inspect(self, step, result, error, transcript):
        return Accept(reason=VERSION)

    async def judge(self, transcript, services):
        perhaps_die("before")
        return Finish(VERSION)

class Measures:
    name, dimensions = "measures", 2

    async def embed(self, texts):
        perhaps_die("before")
        return [[1.0, 0.0] for _ in texts]

@tool(effect="pure")
async def say() -> str:
    """Say."""
    return VERSION

@hookimpl
@asynccontextmanager
async def activate(context):
    extra = tool(name="extra" if VERSION == "1" else "more", effect="pure")(say.function)
    async with context.contribute(Contributions(tools=(extra,))):
        yield Contributions(models={"b": Backend()}, reflectors={"critic2": Critic()}, embedders={"e": Measures()}, tools=(say,))
'''
MANIFEST = """
[[contributes.models]]
name = "b"
[[contributes.reflectors]]
name = "critic2"
[[contributes.embedders]]
name = "e"
[[contributes.tools]]
name = "say"
effect = "pure"
[[contributes.tools]]
dynamic = true
prefix = ""
"""


@pytest.fixture
def minds(workshop: Workshop, tmp_path: Path) -> str:
    source = MINDS.replace("@FOLDER@", str(tmp_path))
    workshop.add("minds", source, manifest=MANIFEST, isolation="process")
    return source


def kernel_of(workshop: Workshop) -> Any:
    settings = workshop.settings({"models.m.backend": "b", "roles.embedder": "e"})
    return open_kernel(settings, pace=Clock().pace())


def die(folder: Path, where: str, times: int = 1) -> None:
    for number in range(times):
        (folder / f"die-{where}-{number}").touch()


REQUEST = GenerateRequest(messages=(user("x"),))


async def test_completion_that_had_not_begun_is_asked_of_the_next_life(
    workshop: Workshop, tmp_path: Path, minds: str
) -> None:
    with anyio.fail_after(60):
        async with kernel_of(workshop) as kernel:
            model = await kernel.model("m")
            die(tmp_path, "before", 2)
            assert (await collect(model.generate(REQUEST))).text == "1 first last"
            die(tmp_path, "before")
            assert await model.measure(REQUEST.messages) == 1


async def test_completion_that_had_begun_is_not_made_twice(workshop: Workshop, tmp_path: Path, minds: str) -> None:
    with anyio.fail_after(60):
        async with kernel_of(workshop) as kernel:
            model = await kernel.model("m")
            (tmp_path / "die-after").touch()
            die(tmp_path, "after")
            deltas: Any = model.generate(REQUEST)
            assert (await anext(deltas)).text == "1 first "
            with pytest.raises(ModelUnavailable) as caught:
                await anext(deltas)
            assert str(caught.value) == (
                "model 'm' cannot answer: plugin 'minds' crashed (signal 9) while 'model m' was at work."
            )
            assert (await collect(model.generate(REQUEST))).text == "1 first last"


async def test_what_dies_again_and_again_is_not_asked_for_ever(workshop: Workshop, tmp_path: Path, minds: str) -> None:
    with anyio.fail_after(60):
        async with kernel_of(workshop) as kernel:
            embedder = await kernel.embedder()
            assert [list(row) for row in await embedder.embed(["a"])] == [[1.0, 0.0]]
            die(tmp_path, "before", 3)
            with pytest.raises((CallInterrupted, ModelUnavailable)):
                await embedder.embed(["a"])
            assert [list(row) for row in await embedder.embed(["a"])] == [[1.0, 0.0]]


async def test_those_who_hold_on_to_a_plugins_things_get_them_from_its_newest_life(
    workshop: Workshop, tmp_path: Path, minds: str
) -> None:
    with anyio.fail_after(60):
        async with kernel_of(workshop) as kernel:
            model, critic = await kernel.model("m"), await kernel.reflector("critic2")
            assert (await collect(model.generate(REQUEST))).text == "1 first last"
            assert [spec.name for spec in kernel.tools()] == ["minds.extra", "minds.say"]
            workshop.rewrite("minds", "2", minds)
            await kernel.refresh()
            assert state(kernel, "minds") == ("running", "")
            assert (await collect(model.generate(REQUEST))).text == "2 first last"
            assert await critic.judge(Transcript(run="r", goal=Goal(text="")), StandaloneServices()) == Finish("2")
            assert [spec.name for spec in kernel.tools()] == ["minds.more", "minds.say"]
            await until(kernel, "minds", "running")
