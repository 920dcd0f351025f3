"""Workers that die under a run's call: what is harmless is done again on the next one, and no effect happens twice."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from tests.host.kernel.workshop import SOURCE, TOOLS, Workshop
from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, of_kind, step
from trivet.app import Host, RunOptions, open_host
from trivet_sdk import Contributions
from trivet_sdk.events import ToolCalled, ToolFailed
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel

pytestmark = pytest.mark.anyio

MAIL = """
from trivet_sdk import ToolSpec, result

class Mail:
    spec = ToolSpec(name="mail", summary="Mail", effect="effectful", parameters={"type": "object", "properties": {
        "folder": {"type": "string"}, "name": {"type": "string"}}})

    async def call(self, arguments, ctx):
        return result(await work(ctx, "effectful", **arguments))

    async def reconcile(self, key):
        if Path(FOLDER, "mute").exists():
            raise RuntimeError("the mail server is mute")
        known = Path(FOLDER, "letter").read_text() if Path(FOLDER, "delivered").exists() else ""
        return result("delivered") if key in known else None
"""


@pytest.fixture
def workshop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    workshop = Workshop(tmp_path / "site", tmp_path / "home")
    monkeypatch.syspath_prepend(str(workshop.site.folder))
    source = SOURCE + MAIL + f"\nFOLDER = {str(tmp_path)!r}\n"
    source = source.replace("tools=(say, die, look, put, send)", "tools=(say, die, look, put, send, Mail())")
    mail = '[[contributes.tools]]\nname = "mail"\nsummary = "mail"\neffect = "effectful"\n'
    workshop.add("alpha", source, manifest=TOOLS + mail, isolation="process")
    yield workshop
    workshop.forget()


@asynccontextmanager
async def house(workshop: Workshop, tool: str, folder: Path) -> AsyncIterator[Host]:
    """A host whose plan calls one tool of the worker, and answers with what it said."""
    steps = [step("s1", tool, folder=str(folder), name="letter"), step("s2", "answer", text="{{s1}}")]
    minds = Contributions(
        planners={"scripted": ScriptedPlanner(steps)},
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel()},
    )
    roles = {f"roles.{role}": "scripted" for role in ("planner", "reflector", "model")}
    settings = workshop.settings({**roles, "models.scripted.backend": "scripted"})
    async with open_host(settings, plugins=(EmbeddedPlugin("minds", minds),)) as host:
        yield host


def traces(folder: Path) -> list[str]:
    return (folder / "letter").read_text().splitlines()


@pytest.mark.parametrize(("tool", "effect"), [("alpha.look", "pure"), ("alpha.put", "idempotent")])
async def test_harmless_call_on_a_dying_worker_is_made_again_under_its_key(
    workshop: Workshop, tmp_path: Path, tool: str, effect: str
) -> None:
    (tmp_path / "die").touch()
    with anyio.fail_after(60):
        async with house(workshop, tool, tmp_path) as host:
            outcome = await host.run(goal(tmp_path))
            assert (outcome.status, outcome.answer) == ("succeeded", "1 letter")
            called = of_kind(await host.records(outcome.run), ToolCalled)
            assert [each.key for each in called if each.tool == tool] == [f"{outcome.run}/s1/0"] * 2
    assert traces(tmp_path) == [f"{effect} {outcome.run}/s1/0"] * 2


async def test_effect_on_a_dying_worker_is_asked_about_and_repeated_only_if_the_user_says_so(
    workshop: Workshop, tmp_path: Path
) -> None:
    (tmp_path / "die").touch()
    with anyio.fail_after(60):
        async with house(workshop, "alpha.send", tmp_path) as host:
            outcome = await host.run(goal(tmp_path), RunOptions(approve="always"))
            assert outcome.status == "waiting"
            assert outcome.reason == (
                "Step s1 (alpha.send) may or may not have taken effect: plugin 'alpha' crashed (signal 9) while "
                "'alpha.send' was at work. Whether it took effect is not known. Answer 'retry' to do it again, 'done' if "
                "it has happened ('done: RESULT' with what came of it), or 'stop'."
            )
            assert traces(tmp_path) == [f"effectful {outcome.run}/s1/0"]
            await host.answer(outcome.run, "retry")
            outcome = await host.pursue(outcome.run)
            assert (outcome.status, outcome.answer) == ("succeeded", "1 letter")
    assert traces(tmp_path) == [f"effectful {outcome.run}/s1/0"] * 2


@pytest.mark.parametrize(("has_happened", "times", "answer"), [(True, 1, "delivered"), (False, 2, "1 letter")])
async def test_tool_that_can_reconcile_says_itself_what_became_of_an_effect(
    workshop: Workshop, tmp_path: Path, has_happened: bool, times: int, answer: str
) -> None:
    (tmp_path / "die").touch()
    if has_happened:
        (tmp_path / "delivered").touch()
    with anyio.fail_after(60):
        async with house(workshop, "alpha.mail", tmp_path) as host:
            outcome = await host.run(goal(tmp_path), RunOptions(approve="always"))
            assert (outcome.status, outcome.answer) == ("succeeded", answer)
    assert traces(tmp_path) == [f"effectful {outcome.run}/s1/0"] * times


async def test_effect_stays_unknown_where_the_tool_cannot_tell(workshop: Workshop, tmp_path: Path) -> None:
    (tmp_path / "die").touch()
    (tmp_path / "mute").touch()
    with anyio.fail_after(60):
        async with house(workshop, "alpha.mail", tmp_path) as host:
            outcome = await host.run(goal(tmp_path), RunOptions(approve="always"))
            assert outcome.status == "waiting"
            [failed] = of_kind(await host.records(outcome.run), ToolFailed)
            assert failed.error == (
                "plugin 'alpha' crashed (signal 9) while 'alpha.mail' was at work. Asked for it, the tool said: "
                "the mail server is mute. Whether it took effect is not known."
            )
    assert len(traces(tmp_path)) == 1
