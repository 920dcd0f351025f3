"""Distillation over a real endpoint on the loopback device; what the teacher writes is checked before it is believed."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1]))  # training/ is run from the repository and not installed

from training import distill
from training.teacher import Teacher, TeacherFailed

SCHEMA = {
    "type": "object",
    "properties": {"door": {"type": "string"}, "minutes": {"type": "integer"}},
    "required": ["door"],
}
GROUP: dict[str, Any] = {
    "tools": [{"name": "doors.open", "summary": "Open a door", "parameters": SCHEMA}],
    "files": [],
    "level": 1,
    "goals": [
        {"goal": "Open the Garden Gate for 7 minutes.", "class": "one tool",
         "plan": [{"tool": "doors.open", "arguments": {"door": "Garden Gate", "minutes": 7}}]},
        {"goal": "打开后门", "class": "chinese", "plan": [{"tool": "doors.open", "arguments": {"door": "后门"}}]},
    ],
}  # fmt: skip


@asynccontextmanager
async def endpoint(answer: Callable[[str], str | int]) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """`answer` gives the reply to a prompt, or an HTTP status. Yields the base URL and what was asked."""
    asked: list[dict[str, Any]] = []

    async def complete(request: web.Request) -> web.Response:
        body = await request.json()
        asked.append({**body, "key": request.headers.get("Authorization", "")})
        reply = answer(body["messages"][0]["content"])
        if isinstance(reply, int):
            return web.Response(status=reply, text="out of credit")
        return web.json_response({"choices": [{"message": {"role": "assistant", "content": reply}}]})

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", asked
    finally:
        await runner.cleanup()


async def asked_of(reply: Callable[[str], str | int], *, plans: bool = False, key: str = "") -> list[dict[str, Any]]:
    async with endpoint(reply) as (url, _), aiohttp.ClientSession() as session:
        made = await distill.distilled(
            Teacher(session, url, "big", key), GROUP, plans=plans, slots=asyncio.Semaphore(2)
        )
    goals: list[dict[str, Any]] = made["goals"]
    return goals


def rewording(prompt: str) -> str:
    return "请把后门打开" if "后门" in prompt else "Could the Garden Gate stay open for 7 minutes?"


async def test_reworded_goals_keep_their_plans() -> None:
    made = await asked_of(rewording)
    assert [goal["goal"] for goal in made] == ["Could the Garden Gate stay open for 7 minutes?", "请把后门打开"]
    assert [goal["plan"] for goal in made] == [goal["plan"] for goal in GROUP["goals"]]
    assert [goal["class"] for goal in made] == ["one tool, reworded", "chinese, reworded"]


@pytest.mark.parametrize(
    "reply",
    [
        "Open the gate for 7 minutes.",
        "Open the Garden Gate for a while.",
        "Open the Garden Gate for 7 minutes",
        "",
        "Open\nit",
    ],
    ids=["lost name", "lost number", "unchanged", "empty", "two lines"],
)
async def test_rewording_that_loses_a_value_or_changes_nothing_is_left_out(reply: str) -> None:
    assert await asked_of(lambda prompt: reply) == []


async def test_teachers_plans_are_taken_where_they_are_sound() -> None:
    def reply(prompt: str) -> str:
        right = '```\ndoors.open {"door":"Garden Gate"}\n```'
        return 'doors.open {"door":"front door"}' if "后门" in prompt else right

    made = await asked_of(reply, plans=True)
    assert [(goal["class"], goal["plan"]) for goal in made] == [
        ("one tool, planned", [{"tool": "doors.open", "arguments": {"door": "Garden Gate"}}])
    ]


@pytest.mark.parametrize(
    "reply", ["I would open the gate.", 'doors.shut {"door":"Garden Gate"}', "doors.open {door}", ""]
)
async def test_unreadable_and_unsound_plans_are_left_out(reply: str) -> None:
    assert await asked_of(lambda prompt: reply, plans=True) == []


async def test_teacher_that_refuses_is_quoted() -> None:
    async with endpoint(lambda prompt: 402) as (url, _), aiohttp.ClientSession() as session:
        with pytest.raises(TeacherFailed) as failed:
            await Teacher(session, url, "big").complete("hello")
    assert str(failed.value) == f"The teacher at {url}/chat/completions answered 402: out of credit"


async def test_teacher_that_is_not_there_is_said_with_the_cure() -> None:
    async with endpoint(rewording) as (url, _):
        pass  # its port is free again
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TeacherFailed) as failed:
            await Teacher(session, url, "big").complete("hello")
    assert str(failed.value).startswith(f"The teacher at {url}/chat/completions cannot be reached: ")
    assert str(failed.value).endswith("Check --teacher.")


async def test_script_writes_groups_and_sends_the_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "groups.jsonl").write_text(json.dumps(GROUP) + "\n", "utf-8")
    monkeypatch.setenv("TEACHER_KEY", "s3cret")
    async with endpoint(rewording) as (url, asked):
        arguments = ["distill", "--groups", str(tmp_path / "groups.jsonl"), "--teacher", url, "--model", "big"]
        monkeypatch.setattr(sys, "argv", [*arguments, "--key", "env:TEACHER_KEY"])
        await asyncio.to_thread(distill.main)
    out, err = capsys.readouterr()
    assert [goal["goal"] for goal in json.loads(out)["goals"]] == [rewording(""), rewording("后门")]
    assert err == "2 of 2 goals kept\n"
    assert {(one["model"], one["key"]) for one in asked} == {("big", "Bearer s3cret")}


def test_key_in_the_command_line_is_refused() -> None:
    with pytest.raises(SystemExit) as refused:
        distill.secret("sk-123")
    assert str(refused.value) == "--key takes env:NAME with a variable that is set, not 'sk-123:…'."
