"""Approvals as people give them: in the terminal, for good, and from another one."""

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.cli import scripted
from tests.host.cli.conftest import Done, Site, Trivet
from tests.host.cli.test_run import install
from tests.host.cli.test_terminal import in_terminal
from trivet.app import open_desk
from trivet.settings import load_settings
from trivet_sdk.events import ApprovalRequested, ApprovalResolved

pytestmark = pytest.mark.usefixtures("alone")

KEYS = "[y/N/a/t]: "
LEGEND = "y: this once, n: no, a: always exactly this, t: always this tool, whatever the arguments"
NOTICED = 0.2
"""Seconds within which a run must go on with what was said elsewhere."""
SLACK = 0.3
"""For a machine that has other work to do."""


@pytest.fixture
def environment(site: Site, home: Path, trivet: Trivet) -> dict[str, str]:
    install(site, home)
    return {"TRIVET_HOME": str(home), "PYTHONPATH": str(site.folder)}


def sending(*texts: str) -> str:
    """A goal that sends these in any order, then is done."""
    sent = [{"tool": "scripted.send", "arguments": {"text": text}} for text in texts]
    done = {"tool": "answer", "arguments": {"text": "done"}, "needs": [f"s{n + 1}" for n in range(len(texts))]}
    return json.dumps([*sent, done], ensure_ascii=False)


def newest(home: Path) -> str:
    async def found() -> str:
        async with open_desk(load_settings(home, environ={})) as desk:
            return (await desk.runs(limit=1))[0].id

    return anyio.run(found)


def events(home: Path, run: str, kind: type[Any]) -> list[Any]:
    async def found() -> list[Any]:
        async with open_desk(load_settings(home, environ={})) as desk:
            return [each.event async for each in desk.records(run) if isinstance(each.event, kind)]

    return anyio.run(found)


def test_always_exactly_this_is_kept_and_holds_for_nothing_else(
    environment: dict[str, str], trivet: Trivet, home: Path, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    goal = sending("亲爱的 *")
    code, screen = in_terminal(work, environment, "run", goal, typed={KEYS: "a\r", "Keep it? [y/N]: ": "y\r"})
    assert code == 0
    assert (
        'May it do this (it cannot be undone or repeated)?\nscripted.send {\n  "text": "亲爱的 *"\n}\n'
        "y: this once, n: no, a: always exactly this, t: always this tool, whatever the arguments\n[y/N/a/t]: a\n"
        '[approvals.NAME]\ntool = "scripted.send"\ndecision = "always"\nothers = false\n\n[approvals.NAME.arguments]\n'
        'text = "亲爱的 [*]"\n'
        "This rule would stand in settings.toml, and hold for all runs, after text from outside as well.\n"
        "Keep it? [y/N]: y\n"
        "Rule 'scripted-send' is kept; `trivet config explain approvals.scripted-send` shows it.\n"
    ) in screen
    assert trivet("config", "explain", "approvals", "--json").json() == [
        {"key": "approvals.scripted-send.arguments.text", "value": "亲爱的 [*]", "origin": "settings.toml"},
        {"key": "approvals.scripted-send.decision", "value": "always", "origin": "settings.toml"},
        {"key": "approvals.scripted-send.others", "value": False, "origin": "settings.toml"},
        {"key": "approvals.scripted-send.tool", "value": "scripted.send", "origin": "settings.toml"},
    ]
    assert trivet("run", goal).code == 0
    (said,) = events(home, newest(home), ApprovalResolved)
    assert (said.granted, said.by, said.reason) == (
        True,
        "rule",
        "rule 'scripted-send' of the settings allows it",
    )
    assert trivet("run", sending("亲爱的 她")).code == 1
    assert (work / "sent").read_text() == "亲爱的 *" * 2


def test_always_this_tool_holds_at_once_for_the_calls_of_the_same_run(
    environment: dict[str, str], trivet: Trivet, home: Path, tmp_path: Path
) -> None:
    goal = sending("one", "two", "three")
    typed = {KEYS: "t\r", "Keep it? [y/N]: ": "y\r"}
    code, screen = in_terminal(tmp_path / "work", environment, "run", goal, typed=typed)
    assert code == 0
    assert screen.count(KEYS) == 1
    assert sorted((tmp_path / "work" / "sent").read_text()) == sorted("onetwothree")
    assert trivet("config", "show").out.endswith('tool = "scripted.send"\ndecision = "always"\n')


def test_rule_that_is_not_wanted_after_all_is_not_kept(environment: dict[str, str], home: Path, tmp_path: Path) -> None:
    before = (home / "settings.toml").read_text()
    typed = {
        KEYS: "never\r",
        f"Say y, n, a or t.\r\n{KEYS}": "t\r",
        "Keep it? [y/N]: ": "\r",
        f"Keep it? [y/N]: \r\n{LEGEND}\r\n{KEYS}": "no\r",
    }
    code, screen = in_terminal(tmp_path / "work", environment, "run", sending("x"), typed=typed)
    assert (code, screen.count(KEYS)) == (1, 3)
    assert (home / "settings.toml").read_text() == before


def test_call_of_any_length_is_shown_whole(environment: dict[str, str], tmp_path: Path) -> None:
    text = "".join(f"{number:07d} 千里之行\n" for number in range(4600))
    code, screen = in_terminal(tmp_path / "work", environment, "run", sending(text), typed={KEYS: "n\r"})
    assert code == 1
    shown = screen.partition("May it do this (it cannot be undone or repeated)?\n")[2].partition(
        "\nThat is all of it, "
    )
    call = f'scripted.send {{\n  "text": {json.dumps(text, ensure_ascii=False)}\n}}'
    assert len(call) > 60_000
    assert shown[0] == call
    assert shown[2].startswith(
        f"{len(call):,} characters: a call of 'scripted.send' (it cannot be undone or repeated).\n"
    )


@pytest.mark.flaky(reruns=3)  # of wall time on a shared machine
@pytest.mark.parametrize(("word", "code", "sent"), [("approve", 0, "x"), ("deny", 1, None)])
def test_question_goes_away_when_the_call_is_settled_in_another_terminal(
    environment: dict[str, str], home: Path, tmp_path: Path, word: str, code: int, sent: str | None
) -> None:
    took: list[float] = []
    box = tmp_path / "work" / "sent"

    async def settle() -> None:
        async with open_desk(load_settings(home, environ={})) as desk:
            (run,) = await desk.runs()
            await desk.approve(run.id, granted=word == "approve")
            said = time.monotonic()
            async for record in desk.watch(run.id):
                if isinstance(record.event, ApprovalResolved):
                    break
            took.append(time.monotonic() - said)

    found, screen = in_terminal(
        tmp_path / "work", environment, "run", sending("x"), typed={KEYS: lambda: anyio.run(settle)}
    )
    assert found == code
    assert (box.read_text() if box.exists() else None) == sent
    assert took[0] < NOTICED + SLACK
    assert screen.count(KEYS) == 1


def test_question_is_answered_in_another_terminal(environment: dict[str, str], trivet: Trivet, tmp_path: Path) -> None:
    goal = scripted.goal(("ask", {"question": "Welche Farbe?"}), ("answer", {"text": "it is {{s1}}"}))
    told: list[Done] = []
    code, screen = in_terminal(
        tmp_path / "work", environment, "run", goal,
        typed={"Welche Farbe?: ": lambda: told.append(trivet("runs", "answer", "last", "蓝色"))},
    )  # fmt: skip
    assert code == 0
    assert told[0].out.endswith("is told.\n")
    assert "it is 蓝色\n" in screen


def test_terminal_belongs_to_the_next_question_after_one_was_settled_elsewhere(
    environment: dict[str, str], trivet: Trivet, tmp_path: Path
) -> None:
    goal = scripted.goal(
        ("scripted.send", {"text": "one"}),
        ("ask", {"question": "And then, after {{s1}}?"}),
        ("answer", {"text": "{{s2}}"}),
    )
    typed: dict[str, Any] = {KEYS: lambda: trivet("runs", "approve", "last"), "And then, after sent?: ": "this\r"}
    code, screen = in_terminal(tmp_path / "work", environment, "run", goal, typed=typed)
    assert code == 0
    assert "\nthis\n" in screen


def test_request_expires_in_the_terminal(environment: dict[str, str], home: Path, tmp_path: Path) -> None:
    environment = {**environment, "TRIVET_RUN__APPROVAL_SECONDS": "1"}
    code, screen = in_terminal(tmp_path / "work", environment, "run", sending("x"), typed={})
    assert code == 1
    assert KEYS in screen
    assert "it cannot be undone or repeated, and nobody has approved it in time" in screen.replace("\n", " ")
    (said,) = events(home, newest(home), ApprovalResolved)
    assert (said.granted, said.by) == (False, "timeout")


def asked(home: Path, run: str, count: int) -> list[str]:
    """The ids of the run's open approvals, once there are so many."""

    async def look() -> list[str]:
        async with open_desk(load_settings(home, environ={})) as desk:
            with anyio.fail_after(30):
                async for record in desk.watch(run):
                    if isinstance(record.event, ApprovalRequested) and len(await desk.approvals(run)) == count:
                        return [id for _, id in await desk.approvals(run)]
        raise AssertionError("it waits for nobody")

    return anyio.run(look)


def test_each_of_several_approvals_has_a_name_and_they_survive_the_host(
    environment: dict[str, str], trivet: Trivet, home: Path, tmp_path: Path
) -> None:
    id = trivet("run", sending("一", "二"), "--detach").out.strip()
    first, second = asked(home, id, 2)
    listed = trivet("runs", "list", "--json").json()[0]
    assert (listed["status"], listed["waits_for"]) == (
        "waiting",
        ["approval of scripted.send", "approval of scripted.send"],
    )
    os.kill(listed["pid"], signal.SIGKILL)
    assert asked(home, id, 2) == [first, second]
    shown = trivet("runs", "show", id).out
    assert f"Say: trivet runs approve {id} {first}   or: trivet runs deny {id} {first}\n" in shown
    assert "since it cannot be undone or repeated; without a word it is denied at 20" in shown

    unclear = trivet("runs", "approve", id)
    assert (unclear.code, unclear.err) == (
        2,
        f"Error: Run {id} waits for 2 approvals. Say which:\n"
        f"  trivet runs approve {id} {first}   scripted.send(text=一)\n"
        f"  trivet runs approve {id} {second}   scripted.send(text=二)\n",
    )
    wrong = trivet("runs", "deny", id, "a999")
    assert wrong.err.startswith(
        f"Error: Run {id} has no open approval 'a999'. Say which:\n  trivet runs deny {id} {first}   "
    )
    noted = trivet("runs", "approve", id, second)
    assert (noted.code, noted.out) == (0, f"Noted; run {id} goes on once {first} is settled, too.\n")
    done = trivet("runs", "deny", id)  # the other one, as it is the only one left
    assert done.code == 1
    assert (tmp_path / "work" / "sent").read_text() == "二"
    requests = events(home, id, ApprovalRequested)
    assert [each.approval for each in requests] == [first, second]  # nobody was asked twice
    said = {each.approval: each.granted for each in events(home, id, ApprovalResolved)}
    assert said == {first: False, second: True}


def test_listing_says_what_a_run_waits_for(environment: dict[str, str], trivet: Trivet, home: Path) -> None:
    trivet("run", scripted.goal(("ask", {"question": "蓝\nor red?"})))
    id = trivet("run", sending("x"), "--detach").out.strip()
    asked(home, id, 1)
    listed = trivet("runs", "list").out
    assert "  waiting for approval of scripted.send  " in listed
    assert "  waiting for an answer: 蓝 or red?  " in listed
    trivet("runs", "cancel", id)


DYING = """
import os, sys
from contextlib import asynccontextmanager
from trivet_sdk import Contributions, hookimpl

if "--detached" in sys.argv:
    print("the graphics card is on fire", file=sys.stderr, flush=True)
    os._exit(9)


@hookimpl
@asynccontextmanager
async def activate(context):
    yield Contributions()
"""


def test_detached_run_whose_process_dies_at_its_start_is_told(
    environment: dict[str, str], site: Site, trivet: Trivet, tmp_path: Path
) -> None:
    site.add("dying", DYING, manifest='[plugin]\nid = "dying"\nsummary = "Dies"\nactivate = ["start"]\n')
    assert trivet("plugins", "enable", "dying", "--yes").code == 0
    done = trivet("run", sending("x"), "--detach")
    id = done.out.strip()
    assert done.code == 9
    assert done.err == (
        f"Error: The process that was to work on run {id} ended with exit code 9 before it had begun, and said:\n"
        f"the graphics card is on fire\n`trivet runs resume {id}` tries again here.\n"
    )
    assert trivet("runs", "list", "--json").json()[0]["status"] in ("queued", "interrupted")
