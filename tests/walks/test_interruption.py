"""Runs that are stopped, left, taken up again, and spoken to from another host."""

from pathlib import Path

import anyio
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, goal, household, of_kind, settings_for, step, topics
from trivet.app import RunOptions, open_desk
from trivet.errors import RunEnded, RunHeld
from trivet_sdk import Plan, PlanRequest, Record, Services, ToolContext, ToolResult, collect, result, tool
from trivet_sdk.events import ApprovalRequested, ModelDelta, RunWaiting, ToolProgressed
from trivet_sdk.message import user
from trivet_sdk.model import GenerateRequest
from trivet_sdk.testing.faults import Blocking
from trivet_sdk.tool import Effect, ToolSpec

pytestmark = pytest.mark.anyio


@pytest.mark.flaky(reruns=3)  # of wall time on a shared machine
@pytest.mark.parametrize("effect", ["pure", "effectful"])
async def test_cancel_ends_a_run_within_a_second_whatever_its_tool_does(tmp_path: Path, effect: Effect) -> None:
    blocking = Blocking()
    blocking.spec = ToolSpec(name="blocking", summary="Block.", parameters={"type": "object"}, effect=effect)
    planner = ScriptedPlanner([step("s1", "blocking"), step("s2", "answer", text="{{s1}}")])
    async with household(tmp_path / "home", planner, tools=(blocking,)) as host:
        run = await host.submit(goal(tmp_path), RunOptions(approve="always"))
        async with anyio.create_task_group() as group:

            async def cancel() -> None:
                await anyio.to_thread.run_sync(blocking.started.wait)
                await host.cancel(run, "not needed any more")

            group.start_soon(cancel)
            with anyio.fail_after(2):
                outcome = await host.pursue(run)
        assert (outcome.status, outcome.reason) == ("cancelled", "not needed any more")
        state = "unknown" if effect == "effectful" else "cancelled"
        assert (await host.runner.fold(run)).states == {"s1": state, "s2": "pending"}
    blocking.release()


async def test_interrupted_run_is_readable_and_resumes_without_repeating_what_was_done(tmp_path: Path) -> None:
    done: list[str] = []
    in_the_midst = anyio.Event()
    may_finish = False

    @tool(effect="idempotent")
    async def work(ctx: ToolContext, n: int) -> ToolResult:
        """Do a piece."""
        done.append(f"begin {n} {ctx.key.rpartition('/')[2]}")
        if n == 2 and not may_finish:
            in_the_midst.set()
            await anyio.sleep_forever()
        done.append(f"end {n}")
        return result(f"piece {n}")

    steps = [
        step("s1", "work", n=1),
        step("s2", "work", n=2, needs=("s1",)),
        step("s3", "answer", text="{{s1}}, {{s2}}"),
    ]
    async with household(tmp_path / "home", ScriptedPlanner(steps), tools=(work,)) as host:
        run = await host.submit(goal(tmp_path))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run)
            await in_the_midst.wait()
            group.cancel_scope.cancel()
        records = await host.records(run)
        assert records[-1].event == RunWaiting(reason="interrupted")
        assert [each.status for each in await host.runs()] == ["waiting"]
    may_finish = True
    async with household(tmp_path / "home", ScriptedPlanner(), tools=(work,)) as another:
        outcome = await another.pursue(run)
        assert (outcome.status, outcome.answer, outcome.usage.steps) == ("succeeded", "piece 1, piece 2", 3)
        assert done == ["begin 1 0", "end 1", "begin 2 0", "begin 2 0", "end 2"]
        assert await another.pursue(run) == outcome


@pytest.mark.parametrize("choices", [(), ("forty one", "forty two")])
async def test_completion_that_was_paid_for_is_not_requested_again(tmp_path: Path, choices: tuple[str, ...]) -> None:
    thought = anyio.Event()
    is_first = True
    scores: list[tuple[float, ...]] = []

    class Thinker:
        async def plan(self, request: PlanRequest, services: Services) -> Plan:
            prompt = GenerateRequest(messages=(user(request.goal.text),), purpose="plan", choices=choices)
            completion = await collect(services.model().generate(prompt))
            scores.append(completion.scores)
            if is_first:
                thought.set()
                await anyio.sleep_forever()
            return Plan(steps=(step("s1", "answer", text=completion.text),))

    model = ScriptedModel("forty two")
    async with household(tmp_path / "home", Thinker(), model=model) as host:
        run = await host.submit(goal(tmp_path))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run)
            await thought.wait()
            group.cancel_scope.cancel()
        is_first = False
        outcome = await host.pursue(run)
        assert (outcome.answer, outcome.usage.model_calls, len(model.requests)) == ("forty two", 1, 1)
        assert scores == [(-10.0, 0.0) if choices else ()] * 2


async def test_effect_that_nobody_knows_of_is_asked_about_and_not_repeated(tmp_path: Path) -> None:
    sent: list[str] = []
    in_the_midst = anyio.Event()

    @tool(effect="effectful")
    async def send() -> str:
        """Send."""
        sent.append("sent")
        in_the_midst.set()
        await anyio.sleep_forever()
        return "sent"

    steps = [step("s1", "send"), step("s2", "answer", text="{{s1}}")]
    async with household(tmp_path / "home", ScriptedPlanner(steps), tools=(send,)) as host:
        run = await host.submit(goal(tmp_path), RunOptions(approve="always"))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run)
            await in_the_midst.wait()
            group.cancel_scope.cancel()
        waiting = await host.pursue(run)
        assert waiting.status == "waiting"
        assert waiting.reason == (
            "Step s1 (work.send) may or may not have taken effect: trivet was stopped while 'work.send' was at work; "
            "whether it took effect is not known. Answer 'retry' to do it again, 'done' if it has happened "
            "('done: RESULT' with what came of it), or 'stop'."
        )
        for slip in ("not", "not", "是的"):
            await host.answer(run, slip)
            again = await host.pursue(run)
            assert again.status == "waiting"
            assert again.reason == f"'{slip}' is none of 'retry', 'done' and 'stop'. {waiting.reason}"
        await host.answer(run, "done: it is in the outbox")
        outcome = await host.pursue(run)
        assert (outcome.status, outcome.answer, sent) == ("succeeded", "it is in the outbox", ["sent"])


async def test_tool_that_can_reconcile_is_asked_before_the_user(tmp_path: Path) -> None:
    class Mailer:
        def __init__(self) -> None:
            self.spec = tool(effect="effectful", name="send")(self._send).spec
            self.sent: list[str] = []
            self.in_the_midst = anyio.Event()

        async def _send(self) -> str:
            """Send."""
            return ""

        async def call(self, arguments: object, ctx: ToolContext) -> ToolResult:
            self.sent.append(ctx.key)
            self.in_the_midst.set()
            await anyio.sleep_forever()
            return result("never")

        async def reconcile(self, key: str) -> ToolResult | None:
            return result("found in the outbox") if key in self.sent else None

    mailer = Mailer()
    steps = [step("s1", "send"), step("s2", "answer", text="{{s1}}")]
    async with household(tmp_path / "home", ScriptedPlanner(steps), tools=(mailer,)) as host:
        run = await host.submit(goal(tmp_path), RunOptions(approve="always"))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run)
            await mailer.in_the_midst.wait()
            group.cancel_scope.cancel()
        outcome = await host.pursue(run)
        assert (outcome.answer, mailer.sent) == ("found in the outbox", [f"{run}/s1/0"])


async def test_two_hosts_share_a_home_and_speak_to_each_others_runs(tmp_path: Path) -> None:
    steps = [step("s1", "ask", question="Which one?"), step("s2", "answer", text="{{s1}}")]
    home = tmp_path / "home"
    async with household(home, ScriptedPlanner(steps)) as first, household(home, ScriptedPlanner()) as second:
        run = await first.submit(goal(tmp_path))
        with pytest.raises(RunHeld) as held:
            await second.pursue(run)
        assert str(held.value).startswith(f"run {run} is being worked on by process ")
        outcomes: list[str] = []

        async def pursue() -> None:
            outcomes.append((await first.pursue(run, RunOptions(is_detached=True))).answer)

        seen: list[str] = []
        async with anyio.create_task_group() as group:
            group.start_soon(pursue)
            with anyio.fail_after(10):
                async for record in second.watch(run):
                    seen.append(record.event.topic)
                    if record.event.topic == "run.waiting":
                        assert [each.status for each in await second.runs()] == ["waiting"]
                        await second.answer(run, "the blue one")
        assert outcomes == ["the blue one"]
        assert seen == topics(await first.records(run))
        assert {"question.asked", "run.waiting", "question.answered", "run.resumed"} < set(seen)


async def test_approval_given_from_another_host_lets_a_detached_run_go_on(tmp_path: Path) -> None:
    outbox: list[str] = []

    @tool(effect="effectful")
    def send() -> str:
        """Send."""
        outbox.append("sent")
        return "sent"

    home = tmp_path / "home"
    planner = ScriptedPlanner([step("s1", "send"), step("s2", "answer", text="{{s1}}")])
    async with household(home, planner, tools=(send,)) as host, open_desk(settings_for(home)) as desk:
        run = await host.submit(goal(tmp_path))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run, RunOptions(is_detached=True))
            with anyio.fail_after(10):
                async for record in desk.watch(run):
                    if record.event.topic == "approval.requested":
                        assert outbox == []
                        await desk.approve(run, granted=True)
        assert outbox == ["sent"]


async def test_calls_that_wait_for_approval_at_once_go_on_each_with_its_own_word(tmp_path: Path) -> None:
    outbox: list[str] = []

    @tool(effect="effectful")
    def send(to: str) -> str:
        """Send."""
        outbox.append(to)
        return "sent"

    home = tmp_path / "home"
    people = ("ada", "bea", "安娜")
    steps = [step(f"s{number}", "send", to=to) for number, to in enumerate(people, 1)]
    planner = ScriptedPlanner([*steps, step("s4", "answer", ("s1", "s2", "s3"), text="{{s1}}")])
    async with household(home, planner, tools=(send,)) as host, open_desk(settings_for(home)) as desk:
        run = await host.submit(goal(tmp_path))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run, RunOptions(is_detached=True))
            with anyio.fail_after(20):
                asked: list[str] = []
                async for record in desk.watch(run):
                    if isinstance(record.event, ApprovalRequested):
                        asked.append(record.event.approval)
                        if len(asked) == len(people):
                            await desk.approve(run, granted=True, approval=asked.pop(0))
                    elif record.event.topic == "tool.returned" and asked:
                        await desk.approve(run, granted=True, approval=asked.pop(0))
        assert sorted(outbox) == sorted(people)


async def test_desk_cancels_a_run_that_nobody_works_on_without_plugins(tmp_path: Path) -> None:
    home = tmp_path / "home"
    async with household(home, ScriptedPlanner()) as host:
        run = await host.submit(goal(tmp_path), RunOptions(is_detached=True))
    async with open_desk(settings_for(home)) as desk:
        await desk.cancel(run)
        assert [each.status for each in await desk.runs()] == ["cancelled"]
        assert [record.event.topic async for record in desk.records(run)] == ["run.submitted", "run.finished"]


async def test_watching_sees_everything_once_and_deltas_on_request(tmp_path: Path) -> None:
    planner = ScriptedPlanner([step("s1", "think", instruction="Count"), step("s2", "answer", text="{{s1}}")])
    async with household(tmp_path / "home", planner, model=ScriptedModel("one two three")) as host:
        run = await host.submit(goal(tmp_path))
        seen = []

        async def watch() -> None:
            async for record in host.watch(run, transient=True):
                seen.append(record)

        async with anyio.create_task_group() as group:
            group.start_soon(watch)
            await anyio.wait_all_tasks_blocked()
            await host.pursue(run)
        assert [r.seq for r in seen if r.seq] == list(range(1, len(await host.records(run)) + 1))
        assert [each.text for each in of_kind(seen, ModelDelta)] == ["one", " two", " three"]


async def test_two_hundred_runs_at_once(tmp_path: Path) -> None:
    @tool(effect="pure")
    async def look(n: int) -> str:
        """Look."""
        await anyio.sleep(0.001)
        return str(n)

    steps = [step(f"s{n}", "look", n=n, needs=(f"s{n - 1}",) if n > 1 else ()) for n in range(1, 6)]
    planner = ScriptedPlanner([*steps, step("s6", "answer", text="{{s5}}")], repeats=True)
    async with household(tmp_path / "home", planner, tools=(look,)) as host:
        answers: list[str] = []

        async def one() -> None:
            answers.append((await host.run(goal(tmp_path))).answer)

        async with anyio.create_task_group() as group:
            for _ in range(200):
                group.start_soon(one)
        assert answers == ["5"] * 200
        assert len(await host.runs(limit=1000)) == 200


async def test_progress_from_a_blocking_tool_reaches_who_watches(tmp_path: Path) -> None:
    @tool(effect="pure")
    def dig(ctx: ToolContext) -> str:
        """Dig, in a thread."""
        for n in range(3):
            ctx.progress(n + 1, 3, "digging")
        return "dug"

    planner = ScriptedPlanner([step("s1", "dig"), step("s2", "answer", text="{{s1}}")], repeats=True)
    async with household(tmp_path / "home", planner, tools=(dig,)) as host:
        for _ in range(20):  # the watcher may be reading the journal just while the run races past it
            run = await host.submit(goal(tmp_path))
            seen: list[Record] = []
            is_watched = anyio.Event()

            async def watch(run: str, seen: list[Record], is_watched: anyio.Event) -> None:
                async for record in host.watch(run, transient=True):
                    seen.append(record)
                    is_watched.set()  # run.submitted is there already

            async with anyio.create_task_group() as group:
                group.start_soon(watch, run, seen, is_watched)
                with anyio.fail_after(10):
                    await is_watched.wait()
                await host.pursue(run)
            assert [(each.step, each.done, each.total) for each in of_kind(seen, ToolProgressed)] == [
                ("s1", 1, 3), ("s1", 2, 3), ("s1", 3, 3)
            ]  # fmt: skip
            assert [r.seq for r in seen if r.seq] == list(range(1, len(await host.records(run)) + 1))


async def test_nothing_can_be_said_to_a_run_that_has_ended(tmp_path: Path) -> None:
    async with household(tmp_path / "home", ScriptedPlanner([step("s1", "answer", text="done")])) as host:
        outcome = await host.run(goal(tmp_path))
        with pytest.raises(RunEnded) as ended:
            await host.answer(outcome.run, "more")
        assert str(ended.value) == f"run {outcome.run} has ended (succeeded), so nobody there is waiting for an answer."
        await host.cancel(outcome.run)
        assert [each.status for each in await host.runs()] == ["succeeded"]
