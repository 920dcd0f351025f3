"""A planner at its end: a planner over a larger model goes on, once, where settings name one, and nobody does where not."""

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, ScriptedReflector, of_kind, settings_for, step
from tests.walks.household import goal as goal_in
from tests.walks.test_endpoint import TRIPS, call, endpoint
from trivet.app import Host, RunOptions, open_host
from trivet.cli.view.plain import lines
from trivet.cli.view.portrait import Portrait
from trivet.settings import Settings
from trivet_sdk import (
    Budget,
    Contributions,
    GiveUp,
    Patch,
    Plan,
    Planner,
    PlannerAbstained,
    PlanRequest,
    Reflector,
    Services,
    Transcript,
    Verdict,
)
from trivet_sdk.events import ModelCalled, PlanProposed, Record, RunFinished, VerdictIssued
from trivet_sdk.message import user
from trivet_sdk.model import GenerateRequest, collect
from trivet_sdk.testing import EmbeddedPlugin
from trivet_sdk.verdict import Replan

pytestmark = pytest.mark.anyio

WISH = "把 trips.csv 里 Heron 的路程写成一首诗 (how far was it rowed?)"
DECLINED = (
    "The planner 'plan-smollm2' works with SmolLM2-135M, not with the model 'scripted'. "
    'Set roles.planner = "plan", or roles.plan-smollm2 to a model with backend "transformers".'
)


def handed_over(records: Sequence[Record]) -> list[str]:
    """Why, each time that the larger model was to go on."""
    issued = [event for event in of_kind(records, VerdictIssued) if event.by == "escalation"]
    assert all(isinstance(event.verdict, Replan) and event.verdict.is_next for event in issued)
    return [event.verdict.reason for event in issued if isinstance(event.verdict, Replan)]


def small_home(home: Path, url: str, **roles: str) -> Settings:
    """The embedded planner, over a model that is not the one it can work with; and an endpoint."""
    settings = settings_for(
        home,
        roles={"planner": "plan-smollm2", "reflector": "critic", **roles},
        enabled=("plan-smollm2", "plan", "openai", "critic", "table", "files"),
    )
    settings.models["big"] = {"backend": "openai", "base_url": url, "name": "served"}
    return settings


def scripted() -> EmbeddedPlugin:
    return EmbeddedPlugin(
        "work", Contributions(models={"scripted": ScriptedModel(is_small=True, features=frozenset({"tools"}))})
    )


async def test_what_the_embedded_planner_declines_a_larger_model_answers(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text(TRIPS, encoding="utf-8")
    bodies: list[Any] = []
    replies: list[str | list[dict[str, Any]]] = [
        [call("c1", "table-aggregate", path="trips.csv", function="sum", column="km", group_by="boat")],
        "The Heron was rowed 14.5 km.",
    ]
    async with endpoint(replies, bodies) as url:
        settings = small_home(tmp_path / "home", url, escalation="big")
        async with open_host(settings, (scripted(),)) as host:
            outcome = await host.run(goal_in(tmp_path, WISH), RunOptions(approve="never"))
            records = await host.records(outcome.run)
            replay = await host.replay(outcome.run)
    assert (outcome.status, outcome.answer) == ("succeeded", "The Heron was rowed 14.5 km.")
    assert outcome.note == "The larger model 'big' planned this, since the run's own planner could not go on."
    assert handed_over(records) == [DECLINED]
    assert [event.model for event in of_kind(records, ModelCalled) if event.purpose == "plan"] == ["big", "big"]
    assert outcome.usage.completion_tokens == 6
    assert WISH in json.dumps(bodies[0], ensure_ascii=False)
    assert replay.difference is None
    told = [line for record in records for line in lines(record)]
    assert f"the larger model goes on: {DECLINED}" in told
    portrait = [text.plain for text in Portrait(records, "succeeded", None).lines(100)]
    assert f"handed over to the larger model 'big': {DECLINED}" in portrait


@pytest.mark.parametrize("roles", [{}, {"escalation": "never"}])
async def test_without_the_users_word_nothing_is_sent_to_the_larger_model(
    tmp_path: Path, roles: dict[str, str]
) -> None:
    (tmp_path / "trips.csv").write_text(TRIPS, encoding="utf-8")
    bodies: list[Any] = []
    async with endpoint(["never said"], bodies) as url:
        async with open_host(small_home(tmp_path / "home", url, **roles), (scripted(),)) as host:
            outcome = await host.run(goal_in(tmp_path, WISH))
            records = await host.records(outcome.run)
    assert (outcome.status, outcome.reason) == ("failed", DECLINED)
    assert (bodies, handed_over(records)) == ([], [])
    assert of_kind(records, PlanProposed)[0].rejected == (DECLINED,)


async def test_what_the_small_model_itself_declines_goes_to_the_larger_one(
    tmp_path: Path, skip_without: Callable[[str, str], None]
) -> None:
    weights = Path(os.environ["TRIVET_TEST_WEIGHTS"])
    if not (weights / "smollm2-135m").exists():
        skip_without("weights", f"{weights} lacks smollm2-135m, which `trivet models pull` brings")
    home = tmp_path / "home"
    home.mkdir()
    (home / "weights").symlink_to(weights)
    work = tmp_path / "work"
    work.mkdir()
    (work / "trips.csv").write_text(TRIPS, encoding="utf-8")
    async with endpoint(["Water carries the Heron on."], []) as url:
        settings = small_home(home, url, escalation="big", model="local")
        settings.models["local"] = {"backend": "transformers", "weights": "smollm2-135m"}
        settings.plugins["transformers"] = {"enabled": True}
        async with open_host(settings) as host:
            outcome = await host.run(goal_in(work, "What lullaby did the 7 otters sing?"))
            records = await host.records(outcome.run)
    assert (outcome.status, outcome.answer) == ("succeeded", "Water carries the Heron on.")
    assert handed_over(records) == ["No passage in the workspace answers this."]  # after it has looked
    assert [event.model for event in of_kind(records, ModelCalled)][-1] == "big"


async def test_a_dry_run_shows_the_larger_models_plan(tmp_path: Path) -> None:
    (tmp_path / "trips.csv").write_text(TRIPS, encoding="utf-8")
    calls = [call("c1", "table-describe", path="trips.csv")]
    async with endpoint([calls], []) as url:
        settings = small_home(tmp_path / "home", url, escalation="big")
        async with open_host(settings, (scripted(),)) as host:
            plan = await host.plan(goal_in(tmp_path, WISH))
    assert [each.tool for each in plan.steps] == ["table.describe"]


async def test_an_endpoint_that_is_not_there_leaves_both_sentences(tmp_path: Path) -> None:
    settings = small_home(tmp_path / "home", "http://127.0.0.1:9/v1", escalation="big")
    settings.models["big"]["retries"] = 0
    async with open_host(settings, (scripted(),)) as host:
        outcome = await host.run(goal_in(tmp_path, WISH))
    assert outcome.status == "failed"
    assert outcome.answer == (
        f"{DECLINED} The larger model could not help: model 'big' cannot be reached: nothing answers at "
        "http://127.0.0.1:9/v1 (connection refused). Is the server running, and is `models.big.base_url` right?"
    )


async def test_a_planner_that_is_not_there_leaves_both_sentences(tmp_path: Path) -> None:
    settings = small_home(tmp_path / "home", "http://127.0.0.1:9/v1", escalation="big", escalation_planner="plam")
    async with open_host(settings, (scripted(),)) as host:
        outcome = await host.run(goal_in(tmp_path, WISH))
    assert outcome.status == "failed"
    assert outcome.answer.startswith(f"{DECLINED} The larger model cannot be asked: ")
    assert "'plam'" in outcome.answer


class Asking:
    """A planner that asks its model, then answers this, whatever revision the plan is at."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.reasons: list[str] = []

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        self.reasons.append(request.reason)
        await collect(services.model().generate(GenerateRequest(messages=(user(request.reason),), purpose="plan")))
        plan = request.transcript.plan
        if plan is None:
            return Plan(steps=(step("s1", "answer", text=self._text),))
        return Patch(revision=plan.revision, add=(step(f"s{plan.revision + 1}", "answer", text=self._text),))


def staffed(home: Path, small: Planner, larger: Planner, reflector: Reflector | None = None) -> Any:
    settings = settings_for(
        home, roles={"escalation": "large", "escalation_planner": "larger"}, max_replans=2, max_retries=0
    )
    settings.models["large"] = {"backend": "large"}
    contributions = Contributions(
        planners={"scripted": small, "larger": larger},
        reflectors={"scripted": reflector or ScriptedReflector()},
        models={
            "scripted": ScriptedModel("word", repeats=True),
            "large": ScriptedModel("word", name="large", repeats=True),
        },
    )
    return open_host(settings, (EmbeddedPlugin("work", contributions),))


async def run(host: Host, tmp_path: Path, options: RunOptions | None = None) -> tuple[RunFinished, list[Record]]:
    outcome = await host.run(goal_in(tmp_path), options or RunOptions())
    records = await host.records(outcome.run)
    finished = records[-1].event
    assert isinstance(finished, RunFinished)
    return finished, records


class Judging(ScriptedReflector):
    """Says these one after the other, then lets the run end as usual."""

    def __init__(self, *verdicts: Verdict) -> None:
        super().__init__()
        self._verdicts = list(verdicts)

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        return self._verdicts.pop(0) if self._verdicts else await super().judge(transcript, services)


async def test_what_the_reflector_gives_up_the_larger_planner_takes_up_once(tmp_path: Path) -> None:
    larger = Asking("better")
    judging = Judging(GiveUp("the figures do not fit"), GiveUp("nor do these"))
    small = ScriptedPlanner([step("s1", "answer", text="worse")])
    async with staffed(tmp_path / "home", small, larger, judging) as host:
        finished, records = await run(host, tmp_path)
    assert (finished.status, finished.reason) == ("failed", "nor do these")
    assert handed_over(records) == larger.reasons == ["the figures do not fit"]
    assert [event.model for event in of_kind(records, ModelCalled)] == ["large"]


async def test_a_plan_that_was_changed_too_often_is_changed_by_the_larger_planner(tmp_path: Path) -> None:
    larger, wrong = Asking("b"), [Replan(f"wrong {n}") for n in range(4)]
    async with staffed(tmp_path / "home", Asking("a"), larger, Judging(*wrong)) as host:
        finished, records = await run(host, tmp_path)
    assert (finished.status, finished.answer) == ("succeeded", "b")
    assert finished.usage.replans == 4
    assert handed_over(records) == ["the budget of 2 changes of the plan is used up"]
    assert larger.reasons == ["the budget of 2 changes of the plan is used up", "wrong 3"]


async def test_plans_that_cannot_run_go_to_the_larger_planner(tmp_path: Path) -> None:
    small = ScriptedPlanner(*[[step("s1", "no.such")]] * 3)
    larger = Asking("b")
    async with staffed(tmp_path / "home", small, larger) as host:
        finished, records = await run(host, tmp_path)
    assert (finished.status, finished.answer) == ("succeeded", "b")
    assert handed_over(records)[0].startswith("the planner found no plan that can run: ")


class Declining:
    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        raise PlannerAbstained("Not for me.")


async def test_the_larger_planner_declines_for_good_and_spends_the_same_budget(tmp_path: Path) -> None:
    async with staffed(tmp_path / "home", Declining(), Declining()) as host:
        finished, records = await run(host, tmp_path)
        assert (finished.status, finished.reason) == ("failed", "Not for me.")
        assert handed_over(records) == ["Not for me."]
    larger = Asking("b")
    async with staffed(tmp_path / "other", Declining(), larger) as host:
        finished, records = await run(host, tmp_path, RunOptions(budget=Budget(max_tokens=1)))
    assert (finished.status, finished.answer) == (
        "exhausted",
        "The budget of 1 tokens is used up before the goal was reached.",
    )
    assert len(handed_over(records)) == 1
