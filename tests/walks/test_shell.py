"""A command of the shell in a whole run: nobody asked, nothing done; a word or a rule, and it is done once."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tests.walks.household import ScriptedPlanner, ScriptedReflector, goal, of_kind, settings_for, step
from trivet.app import RunOutcome, open_host
from trivet.approval_rules import ApprovalRule
from trivet_sandbox import readiness
from trivet_sdk import Contributions
from trivet_sdk.events import ApprovalRequested, QuestionAsked, Record, ToolFailed
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel

pytestmark = pytest.mark.anyio

COMMAND = "echo 你好 >> 信.txt; cat 信.txt"


class Agreeing:
    """A person who agrees to everything, and remembers it."""

    def __init__(self) -> None:
        self.asked: list[ApprovalRequested] = []

    async def approve(self, request: ApprovalRequested) -> bool | None:
        self.asked.append(request)
        return True

    async def answer(self, question: QuestionAsked) -> str | None:
        return None


@pytest.fixture(autouse=True)
def usable(skip_without: Callable[[str, str], None]) -> None:
    found = readiness()
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)


async def lived(
    folder: Path, command: str, person: Agreeing | None = None, rules: dict[str, ApprovalRule] | None = None
) -> tuple[RunOutcome, list[Record]]:
    work = folder / "work"
    work.mkdir(exist_ok=True)
    plan = [step("s1", "shell.run", command=command), step("s2", "answer", ("s1",), text="{{s1}}")]
    mind = Contributions(
        planners={"scripted": ScriptedPlanner(plan)},
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel()},
    )
    settings = msgspec.structs.replace(settings_for(folder / "home", enabled=("shell",)), approvals=rules or {})
    async with open_host(settings, plugins=(EmbeddedPlugin("mind", mind),)) as host:
        run = await host.submit(goal(work))
        outcome = await host.pursue(run, person=person)
        return outcome, await host.records(run)


async def test_command_that_somebody_agrees_to_is_shown_whole_and_made(tmp_path: Path) -> None:
    person = Agreeing()
    outcome, _ = await lived(tmp_path, COMMAND, person)
    assert (outcome.status, outcome.artifacts) == ("succeeded", ("信.txt",))
    assert outcome.answer == "你好\nWritten: 信.txt"
    assert [request.arguments for request in person.asked] == [{"command": COMMAND}]


async def test_command_that_nobody_agrees_to_is_not_made(tmp_path: Path) -> None:
    outcome, records = await lived(tmp_path, COMMAND)
    assert outcome.status == "failed"
    assert not list((tmp_path / "work").iterdir())
    assert "refused" in of_kind(records, ToolFailed)[0].error


async def test_rule_for_one_command_allows_no_other(tmp_path: Path) -> None:
    rules = {"hello": ApprovalRule(tool="shell.run", arguments={"command": "echo hello"})}
    assert (await lived(tmp_path, "echo hello", rules=rules))[0].answer == "hello"
    assert (await lived(tmp_path, "echo hello; rm -r .", rules=rules))[0].status == "failed"
