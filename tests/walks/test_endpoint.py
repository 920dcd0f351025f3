"""A goal on real files, planned by a model behind a real socket: endpoint, default planner, default reflector, tables."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.walks.household import goal, of_kind, settings_for
from trivet.app import RunOptions, open_host
from trivet_sdk.events import ModelReturned, VerdictIssued
from trivet_sdk.verdict import Replan

ROLES = {"planner": "plan", "reflector": "critic", "model": "big"}
ENABLED = ("openai", "plan", "critic", "table")
TRIPS = "boat,km\nHeron,10.5\nTeal,20\nHeron,4\n"
ACHIEVED = '{"reason": "The sum is right.", "verdict": "achieved"}'


def call(id: str, tool: str, **arguments: Any) -> dict[str, Any]:
    return {"id": id, "type": "function", "function": {"name": tool, "arguments": json.dumps(arguments)}}


@asynccontextmanager
async def endpoint(replies: Sequence[str | list[dict[str, Any]]], bodies: list[Any]) -> AsyncIterator[str]:
    """Says these one after the other: a text, or calls."""
    waiting = list(replies)

    async def complete(request: web.Request) -> web.Response:
        bodies.append(await request.json())
        said = waiting.pop(0)
        message = {"content": said} if isinstance(said, str) else {"content": None, "tool_calls": said}
        return web.json_response(
            {"choices": [{"message": message}], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}
        )

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def test_a_figure_is_looked_up_an_invented_one_sent_back_and_the_answer_judged(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text(TRIPS, encoding="utf-8")
    bodies: list[Any] = []
    replies: list[str | list[dict[str, Any]]] = [
        [call("c1", "table-aggregate", path="trips.csv", function="sum", column="km", group_by="boat")],
        "The Heron was rowed 17 km.",
        "The Heron was rowed 14.5 km in all.",
        ACHIEVED,
    ]
    async with endpoint(replies, bodies) as url:
        settings = settings_for(tmp_path / "home", roles=ROLES, enabled=ENABLED)
        settings.models["big"] = {"backend": "openai", "base_url": url, "name": "served"}
        async with open_host(settings) as host:
            outcome = await host.run(goal(tmp_path, "How far was the Heron rowed?"), RunOptions(approve="never"))
            records = await host.records(outcome.run)
    assert (outcome.status, outcome.answer) == ("succeeded", "The Heron was rowed 14.5 km in all.")
    assert (outcome.usage.model_calls, outcome.usage.prompt_tokens) == (4, 36)
    refused = [event.verdict for event in of_kind(records, VerdictIssued) if isinstance(event.verdict, Replan)]
    assert [verdict.reason for verdict in refused if not verdict.is_next] == [
        "The answer says '17', which is neither in a result nor in the goal. Find it with a tool, or leave it out."
    ]
    assert len(of_kind(records, ModelReturned)) == 4
    answered = bodies[1]["messages"][-1]
    assert (answered["role"], answered["tool_call_id"]) == ("tool", "c1")
    assert "14.5" in answered["content"]
    assert bodies[3]["response_format"]["json_schema"]["strict"] is True


async def test_an_endpoint_that_is_not_there_ends_the_run_with_its_sentence(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "home", roles=ROLES, enabled=ENABLED)
    settings.models["big"] = {"backend": "openai", "base_url": "http://127.0.0.1:9/v1", "retries": 0}
    async with open_host(settings) as host:
        outcome = await host.run(goal(tmp_path))
    assert outcome.status == "failed"
    assert outcome.answer == (
        "Model 'big' cannot be reached: nothing answers at http://127.0.0.1:9/v1 (connection refused). "
        "Is the server running, and is `models.big.base_url` right?"
    )
