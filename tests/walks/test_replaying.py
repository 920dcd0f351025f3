"""A run lived again by today's code: the same as it was recorded, or the first event that is not."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest

from tests.walks.household import ScriptedModel, ScriptedPlanner, ScriptedReflector, goal, household, step
from trivet.app import Replay, RunOptions
from trivet.errors import NotProvided, UnknownRun
from trivet.runs import scheduling
from trivet.runs.collaborators import Person
from trivet.runs.difference import Difference
from trivet_sdk import (
    Accept,
    Ask,
    Budget,
    Finish,
    GiveUp,
    Patch,
    Plan,
    Planner,
    PlannerAbstained,
    PlanRequest,
    Reflector,
    Replan,
    Retry,
    Services,
    Step,
    ToolContext,
    ToolError,
    ToolResult,
    Transcript,
    Verdict,
    result,
    tool,
)
from trivet_sdk.errors import ContextTooLong
from trivet_sdk.events import (
    ApprovalRequested,
    BudgetSpent,
    QuestionAsked,
    Record,
    RunFinished,
    RunResumed,
    RunWaiting,
    ToolCalled,
    ToolReturned,
)
from trivet_sdk.message import user
from trivet_sdk.model import GenerateRequest, TokenLogprob, collect

pytestmark = pytest.mark.anyio

calls: list[str] = []


@pytest.fixture(autouse=True)
def no_calls() -> None:
    calls.clear()


@tool(effect="pure")
async def look(what: str, seconds: float = 0.0) -> ToolResult:
    """Look at something, for a while."""
    calls.append(what)
    await anyio.sleep(seconds)
    return result(f"{what} seen")


@tool(effect="idempotent")
async def note(what: str, seconds: float = 0.0) -> str:
    """Write something down."""
    calls.append(what)
    await anyio.sleep(seconds)
    return f"{what} noted"


@tool(effect="effectful")
async def send(text: str) -> str:
    """Send a letter."""
    calls.append(text)
    return "sent"


@tool(effect="pure")
async def fail(how: str) -> str:
    """Fail."""
    calls.append(how)
    if how == "honestly":
        raise ToolError("没有这个文件", is_transient=True)
    raise ZeroDivisionError("division by zero")


@tool(effect="pure", resources=("gpu",))
async def compute(what: str, seconds: float = 0.0) -> str:
    """Compute, one at a time."""
    calls.append(what)
    await anyio.sleep(seconds)
    return what


@tool(effect="pure")
async def hang(ctx: ToolContext) -> str:
    """Never return."""
    await anyio.sleep_forever()
    return ""


TOOLS = (look, note, send, fail, compute, hang)


class Ada:
    def __init__(self, *answers: str, agrees: bool = True) -> None:
        self.answers = list(answers)
        self.agrees = agrees

    async def approve(self, request: ApprovalRequested) -> bool | None:
        await anyio.sleep(0.01)
        return self.agrees

    async def answer(self, question: QuestionAsked) -> str | None:
        await anyio.sleep(0.01)
        return self.answers.pop(0) if self.answers else None


class Thoughtful:
    """Looks something up, asks a model, and plans what it says."""

    def __init__(self, question: str = "Which one?", *, asks_twice: bool = False) -> None:
        self.question = question
        self.asks_twice = asks_twice

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        seen = await services.call("work.look", {"what": "columns"})
        model = services.model()
        asked = GenerateRequest(messages=(user(f"{self.question}\n{seen.text}"),), purpose="plan")
        said = await collect(model.generate(asked))
        if self.asks_twice:
            said = await collect(model.generate(GenerateRequest(messages=(user("确定吗？\nSure?"),), purpose="plan")))
        return Plan(steps=(step("s1", "look", what=said.text.strip()), step("s2", "answer", text="{{s1}}")))


class Slow(ScriptedReflector):
    """As one in a worker: its verdicts are awaited."""

    async def inspect(  # type: ignore[override]
        self, step: Step, result: ToolResult | None, error: str, transcript: Transcript
    ) -> Verdict:
        await anyio.sleep(0.002 * len(step.id))
        return Accept(f"{len(transcript.results)} results") if result is not None else Replan(f"{step.id} failed")


Minds = Callable[[], tuple[Planner, Reflector]]


def minds(*lines: Any, verdicts: Sequence[Any] = (), after: Mapping[str, Sequence[Verdict]] | None = None) -> Minds:
    return lambda: (ScriptedPlanner(*lines), ScriptedReflector(*verdicts, after=after))


async def replayed(home: Path, run: str, made: Minds, **more: Any) -> Replay:
    """In a host of its own, as after an upgrade. Sees to it that nothing is called, asked or written."""
    before = list(calls)
    planner, reflector = made()
    silent = ScriptedModel()
    async with household(home, planner, reflector, tools=TOOLS, model=silent, **more) as host:
        recorded = await host.records(run)
        listed = await host.runs(with_children=True)
        blobs = sorted(home.glob("blobs/*/*"))
        with anyio.fail_after(30):
            replay = await host.replay(run)
        assert await host.records(run) == recorded
        assert await host.runs(with_children=True) == listed
        assert sorted(home.glob("blobs/*/*")) == blobs
    assert silent.requests == []
    assert calls == before
    return replay


async def lived(
    home: Path,
    made: Minds,
    options: RunOptions | None = None,
    person: Person | None = None,
    model: ScriptedModel | None = None,
    wish: str = "做吧",
) -> str:
    planner, reflector = made()
    async with household(home, planner, reflector, tools=TOOLS, model=model) as host:
        return (await host.run(goal(home.parent, wish), options or RunOptions(approve="ask"), person=person)).run


def parallel() -> list[Step]:
    """Ends come in another order than beginnings, and some at the same time."""
    return [
        step("s1", "look", what="a", seconds=0.06),
        step("s2", "note", what="b", seconds=0.03),
        step("s3", "note", what="c", seconds=0.03),
        step("s4", "look", ("s3",), what="d"),
        step("s5", "fail", how="honestly"),
        step("s6", "compute", what="e", seconds=0.01),
        step("s7", "compute", what="f"),
        step("s8", "send", text="g"),
        step("s9", "send", text="h"),
        step("s10", "answer", text="{{s1}} {{s2}} {{s4}} {{s6}} {{s7}} {{s8}} {{s9}}"),
    ]


def chain(*tools: tuple[str, dict[str, Any]]) -> list[Step]:
    steps = [
        step(f"s{n}", name, (f"s{n - 1}",) if n > 1 else (), **arguments)
        for n, (name, arguments) in enumerate(tools, 1)
    ]
    return [*steps, step(f"s{len(steps) + 1}", "answer", text=f"{{{{s{len(steps)}}}}}")]


ALWAYS = RunOptions(approve="always")
LOOKS = chain(("look", {"what": "一"}), ("look", {"what": "二"}))
AGAIN = [step("s9", "answer", text="so be it")]


def walks() -> dict[str, tuple[Minds, RunOptions, Person | None, ScriptedModel | None]]:
    """Anew each time, since people and models have only so much to say."""
    return {
    "sequential": (minds(LOOKS), ALWAYS, None, None),
    "parallel": (minds(parallel(), AGAIN), ALWAYS, None, None),
    "parallel with approvals": (minds(parallel(), AGAIN), RunOptions(approve="ask"), Ada(), None),
    "parallel with a slow reflector": (
        lambda: (ScriptedPlanner(parallel(), AGAIN), Slow()), ALWAYS, None, None,
    ),
    "replanned": (minds(chain(("fail", {"how": "honestly"})), AGAIN), ALWAYS, None, None),
    "broken tool": (minds(chain(("fail", {"how": "badly"})), AGAIN), ALWAYS, None, None),
    "retried": (
        minds(chain(("fail", {"how": "honestly"})), AGAIN, after={"s1": [Retry("s1"), Retry("s1"), Retry("s1")]}),
        ALWAYS, None, None,
    ),
    "approved": (minds(chain(("send", {"text": "亲爱的"}))), RunOptions(approve="ask"), Ada(), None),
    "denied": (minds(chain(("send", {"text": "x"})), AGAIN), RunOptions(approve="ask"), Ada(agrees=False), None),
    "nobody there to approve": (minds(chain(("send", {"text": "x"})), AGAIN), RunOptions(approve="ask"), None, None),
    "never approved": (minds(chain(("send", {"text": "x"})), AGAIN), RunOptions(approve="never"), None, None),
    "asked": (minds(chain(("ask", {"question": "哪一个？"}))), ALWAYS, Ada("第二个"), None),
    "asked and left": (minds(chain(("ask", {"question": "哪一个？"}))), ALWAYS, None, None),
    "asked by a verdict": (minds(LOOKS, AGAIN, verdicts=[Ask("Enough?"), Finish("yes")]), ALWAYS, Ada("no"), None),
    "thinking": (
        minds([step("s1", "think", instruction="Count"), step("s2", "think", instruction="Sum"),
               step("s3", "answer", text="{{s1}}{{s2}}")]),
        ALWAYS, None, ScriptedModel("one two three", "four"),
    ),
    "planner with a model and a look-up": (lambda: (Thoughtful(), ScriptedReflector()), ALWAYS, None, ScriptedModel("b")),
    "model that fails": (
        lambda: (Thoughtful(), ScriptedReflector()), ALWAYS, None, ScriptedModel(ContextTooLong("scripted", "is full")),
    ),
    "abstaining planner": (minds(PlannerAbstained("no idea")), ALWAYS, None, None),
    "broken planner": (minds(ZeroDivisionError("x")), ALWAYS, None, None),
    "refused plan": (minds([step("s1", "nonsense")], LOOKS), ALWAYS, None, None),
    "given up": (minds(LOOKS, verdicts=[GiveUp("no", "but this")]), ALWAYS, None, None),
    "steps used up": (minds(LOOKS), RunOptions(approve="always", budget=Budget(max_steps=1)), None, None),
    "replans used up": (
        minds(LOOKS, *[[step(f"s{n}", "look", what="x")] for n in range(10, 19)], verdicts=[Replan("more")] * 9),
        RunOptions(approve="always", budget=Budget(max_replans=2)), None, None,
    ),
    "tokens used up": (
        lambda: (Thoughtful(asks_twice=True), ScriptedReflector()),
        RunOptions(approve="always", budget=Budget(max_tokens=3)), None, ScriptedModel("b", "c"),
    ),
    "time used up": (minds(chain(("hang", {}))), RunOptions(approve="always", budget=Budget(max_seconds=0.1)), None, None),
    "open plan": (
        minds(Plan(steps=(step("s1", "look", what="a"),), is_open=True), [step("s2", "answer", text="{{s1}}")]),
        ALWAYS, None, None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", walks())
async def test_run_is_lived_again_as_it_was(tmp_path: Path, kind: str) -> None:
    made, options, person, model = walks()[kind]
    run = await lived(tmp_path / "home", made, options, person, model)
    replay = await replayed(tmp_path / "home", run, made)
    assert replay.difference is None, replay
    assert replay.events > 1


async def test_parallel_run_is_lived_again_as_often_as_one_likes(tmp_path: Path) -> None:
    made = minds(parallel(), AGAIN)
    run = await lived(tmp_path / "home", made, ALWAYS)
    for _ in range(5):
        assert (await replayed(tmp_path / "home", run, made)).is_same


async def test_run_that_waited_and_was_answered_elsewhere(tmp_path: Path) -> None:
    made = minds(chain(("ask", {"question": "哪一个？"}), ("look", {"what": "x"})))
    run = await lived(tmp_path / "home", made)
    async with household(tmp_path / "home", *made(), tools=TOOLS) as host:
        await host.answer(run, "第二个")
        assert (await host.pursue(run)).status == "succeeded"
        count = len(await host.records(run))
    replay = await replayed(tmp_path / "home", run, made)
    assert replay == Replay(run=run, events=count - 2)  # but for the submission, and the answer between two lives


async def test_approval_that_another_host_gave_while_it_worked(tmp_path: Path) -> None:
    made = minds([step("s1", "send", text="x"), step("s2", "look", what="y", seconds=0.02),
                  step("s3", "answer", text="{{s1}} {{s2}}")])  # fmt: skip
    with anyio.fail_after(20):
        async with household(tmp_path / "home", *made(), tools=TOOLS) as host, anyio.create_task_group() as group:
            detached = RunOptions(is_detached=True)
            run = await host.submit(goal(tmp_path), detached)
            group.start_soon(host.pursue, run, detached)
            async for record in host.watch(run):
                if isinstance(record.event, ApprovalRequested):
                    await host.approve(run, granted=True)
    assert (await replayed(tmp_path / "home", run, made)).is_same


async def test_interrupted_run_is_two_lives(tmp_path: Path) -> None:
    plan = [*LOOKS[:2], step("s3", "note", ("s2",), what="three", seconds=30), step("s4", "answer", text="{{s1}}")]
    made = minds(plan)
    with anyio.fail_after(20):
        async with household(tmp_path / "home", *made(), tools=TOOLS) as host, anyio.create_task_group() as group:
            run = await host.submit(goal(tmp_path))
            group.start_soon(host.pursue, run)
            async for record in host.watch(run):
                if isinstance(record.event, ToolCalled) and record.event.step == "s3":
                    group.cancel_scope.cancel()
    half = await replayed(tmp_path / "home", run, made)
    assert half.is_same
    quick = msgspec.structs.replace(plan[2], arguments={"what": "three"})
    async with household(tmp_path / "home", *minds()(), tools=(look, _quick)) as host:
        assert (await host.pursue(run)).status == "succeeded"
    whole = await replayed(tmp_path / "home", run, made)
    assert whole.is_same
    assert whole.events > half.events
    other = await replayed(tmp_path / "home", run, minds([*plan[:2], quick, plan[3]]))
    assert other.difference is not None
    assert other.difference.field == "plan.steps[2].arguments.seconds"


@tool(effect="idempotent", name="note")
async def _quick(what: str, seconds: float = 0.0) -> str:
    """Write something down, at once."""
    return f"{what} noted"


async def test_host_that_was_killed_leaves_a_life_without_an_end(tmp_path: Path) -> None:
    """At every event: the journal ends there, as SIGKILL leaves it, and another host goes on."""
    plan = chain(("look", {"what": "a"}), ("note", {"what": "b"}))

    def made() -> tuple[Planner, Reflector]:
        return ScriptedPlanner(plan, repeats=True), ScriptedReflector()

    run = await lived(tmp_path / "home", made)
    async with household(tmp_path / "home", *made(), tools=TOOLS) as host:
        count = len(await host.records(run))
        for at in range(2, count):
            fork = await host.fork(run, at)  # its copied events are no life of its own
            assert (await host.pursue(fork)).status == "succeeded"
            assert (await host.replay(fork)).is_same, at


async def test_cancelled_run_is_the_same_up_to_its_end(tmp_path: Path) -> None:
    made = minds([step("s1", "look", what="a"), step("s2", "hang"), step("s3", "answer", text="{{s2}}")])
    with anyio.fail_after(20):
        async with household(tmp_path / "home", *made(), tools=TOOLS) as host, anyio.create_task_group() as group:
            run = await host.submit(goal(tmp_path))
            group.start_soon(host.pursue, run)
            async for record in host.watch(run):
                if isinstance(record.event, ToolReturned):
                    await host.cancel(run)
    assert (await replayed(tmp_path / "home", run, made)).is_same


async def test_plan_that_was_only_wanted(tmp_path: Path) -> None:
    made = minds(LOOKS)
    async with household(tmp_path / "home", *made(), tools=TOOLS) as host:
        await host.plan(goal(tmp_path))
        run = (await host.runs())[0].id
    assert (await replayed(tmp_path / "home", run, made)).is_same
    assert not (await replayed(tmp_path / "home", run, minds(parallel()))).is_same


async def test_run_in_the_midst_of_its_work_is_compared_as_far_as_it_is(tmp_path: Path) -> None:
    made = minds([step("s1", "look", what="a"), step("s2", "hang", ("s1",)), step("s3", "answer", text="{{s2}}")])
    with anyio.fail_after(20):
        async with household(tmp_path / "home", *made(), tools=TOOLS) as host, anyio.create_task_group() as group:
            run = await host.submit(goal(tmp_path))
            group.start_soon(host.pursue, run)
            async for record in host.watch(run):
                if isinstance(record.event, ToolCalled) and record.event.step == "s2":
                    break
            async with household(tmp_path / "home", *made(), tools=TOOLS) as other:
                assert (await other.replay(run)).is_same
            group.cancel_scope.cancel()


def family(request: PlanRequest) -> Sequence[Step]:
    if request.goal.text == "做吧":
        return [
            step("s1", "pursue", goal="里面"), step("s2", "pursue", goal="fail"),
            step("s3", "answer", text="{{s1}}"),
        ]  # fmt: skip
    if request.goal.text == "fail":
        raise PlannerAbstained("not this")
    return [step("s1", "look", what="in"), step("s2", "answer", text="{{s1}}")]


async def test_sub_goals_are_taken_as_recorded_and_replayed_by_their_own_ids(tmp_path: Path) -> None:
    def made() -> tuple[Planner, Reflector]:
        def plan(request: PlanRequest) -> Sequence[Step]:
            return AGAIN if request.transcript.plan is not None else family(request)

        return ScriptedPlanner(plan, repeats=True), ScriptedReflector()

    run = await lived(tmp_path / "home", made)
    assert (await replayed(tmp_path / "home", run, made)).is_same
    for child in (f"{run}.s1", f"{run}.s2"):
        assert (await replayed(tmp_path / "home", child, made)).is_same
    other = await replayed(tmp_path / "home", f"{run}.s1", minds(LOOKS))
    assert other.difference is not None
    assert other.difference.run == f"{run}.s1"


async def test_another_plan_is_named_with_its_first_other_field(tmp_path: Path) -> None:
    run = await lived(tmp_path / "home", minds(LOOKS))
    other = [LOOKS[0], msgspec.structs.replace(LOOKS[1], arguments={"what": "三"}), LOOKS[2]]
    assert await replayed(tmp_path / "home", run, minds(other)) == Replay(
        run=run,
        events=1,
        difference=Difference(
            run=run, seq=3, topic="plan.proposed", field="plan.steps[1].arguments.what", recorded="二", today="三"
        ),
    )


async def test_another_verdict_is_named(tmp_path: Path) -> None:
    run = await lived(tmp_path / "home", minds(LOOKS))
    replay = await replayed(tmp_path / "home", run, minds(LOOKS, AGAIN, after={"s2": [Replan("不够")]}))
    assert replay.difference is not None
    assert (replay.difference.topic, replay.difference.field) == ("verdict.issued", "verdict.type")
    assert (replay.difference.recorded, replay.difference.today) == ("accept", "replan")


async def test_model_that_nobody_asked_then(tmp_path: Path) -> None:
    run = await lived(tmp_path / "home", lambda: (Thoughtful(), ScriptedReflector()), model=ScriptedModel("b"))
    replay = await replayed(tmp_path / "home", run, lambda: (Thoughtful(asks_twice=True), ScriptedReflector()))
    assert replay.difference is not None
    assert (replay.difference.recorded, replay.difference.today) == ("plan.proposed", "model.called")
    digest, *lines = replay.difference.hint.splitlines()
    assert digest.startswith("prompt ")
    assert lines == ["确定吗？", "Sure?"]


async def test_another_prompt_is_named_by_its_words(tmp_path: Path) -> None:
    run = await lived(tmp_path / "home", lambda: (Thoughtful(), ScriptedReflector()), model=ScriptedModel("b"))
    replay = await replayed(tmp_path / "home", run, lambda: (Thoughtful("哪一个？"), ScriptedReflector()))
    assert replay.difference is not None
    assert replay.difference.topic == "model.called"
    assert replay.difference.field == "messages[0].parts[0].text"
    assert (replay.difference.recorded, replay.difference.today) == (
        "Which one?\ncolumns seen",
        "哪一个？\ncolumns seen",
    )


async def test_step_that_begins_too_early_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The plan is recorded as it was proposed, so here it is the host's own scheduling that differs."""
    run = await lived(tmp_path / "home", minds(LOOKS))

    def hasty(unfinished: Any, states: Any, needs: Any) -> list[Step]:
        return [each for each in unfinished.values() if states[each.id] == "pending"]

    monkeypatch.setattr(scheduling, "ready", hasty)
    replay = await replayed(tmp_path / "home", run, minds(LOOKS))
    assert replay.difference is not None
    assert (replay.difference.recorded, replay.difference.today) == ("tool.returned of s1", "step.started of s2")


async def test_end_that_does_not_come_is_named(tmp_path: Path) -> None:
    run = await lived(tmp_path / "home", minds(LOOKS))
    replay = await replayed(tmp_path / "home", run, minds(LOOKS, verdicts=[GiveUp("没有")]))
    assert replay.difference is not None
    assert (replay.difference.topic, replay.difference.recorded) == ("verdict.issued", "finish")


async def test_scores_and_logprobs_are_recorded_too(tmp_path: Path) -> None:
    heard: list[Any] = []

    class Chooser:
        async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
            messages = (user("Which?"),)
            asked = GenerateRequest(messages=messages, purpose="plan", choices=("a", "b"), logprobs=True)
            said = await collect(services.model().generate(asked))
            heard.append((said.scores, said.logprobs))
            return Plan(steps=(step("s1", "answer", text=said.text),))

    class Scoring(ScriptedModel):
        async def generate(self, request: GenerateRequest) -> Any:
            async for delta in super().generate(request):
                token = TokenLogprob("b", float("-inf"))
                yield msgspec.structs.replace(delta, logprobs=(token,)) if delta.text else delta

    def made() -> tuple[Planner, Reflector]:
        return Chooser(), ScriptedReflector()

    run = await lived(tmp_path / "home", made, model=Scoring("b"))
    assert (await replayed(tmp_path / "home", run, made)).is_same
    assert heard[0] == heard[1] == ((-10.0, 0.0), (TokenLogprob("b", -1e300),))


async def test_run_of_a_planner_that_is_gone_is_refused(tmp_path: Path) -> None:
    run = await lived(tmp_path / "home", minds(LOOKS))
    async with household(tmp_path / "home", *minds()(), tools=TOOLS) as host:
        fork = await host.fork(run, 1, options=RunOptions(roles={"planner": "gone"}))
        with pytest.raises(NotProvided):
            await host.replay(fork)
        with pytest.raises(UnknownRun):
            await host.replay("nothing")


def of_kinds(records: Sequence[Record], *kinds: type) -> list[str]:
    return [record.event.topic for record in records if isinstance(record.event, kinds)]


async def test_budget_and_lives_were_really_recorded(tmp_path: Path) -> None:
    """The walks above are about what they say they are about."""

    async def kinds(name: str, *wanted: type) -> list[str]:
        made, options, person, model = walks()[name]
        home = tmp_path / name
        run = await lived(home, made, options, person, model)
        async with household(home, *minds()(), tools=TOOLS) as host:
            return of_kinds(await host.records(run), *wanted)

    assert await kinds("time used up", BudgetSpent, RunFinished) == ["budget.spent", "run.finished"]
    assert await kinds("asked", RunWaiting, RunResumed) == ["run.waiting", "run.resumed"]
    assert await kinds("asked and left", RunWaiting, RunFinished) == ["run.waiting"]
    assert await kinds("approved", RunWaiting, RunResumed) == ["run.waiting", "run.resumed"]


def any_plan(seed: int) -> list[Step]:
    """Steps of all kinds that need each other anyhow, as long as a plan may be, at most."""
    chance = random.Random(seed)
    kinds: list[Callable[[str], dict[str, Any]]] = [
        lambda what: {"tool": "look", "what": what, "seconds": chance.choice([0, 0.001, 0.01])},
        lambda what: {"tool": "note", "what": what, "seconds": chance.choice([0, 0.001, 0.01])},
        lambda what: {"tool": "compute", "what": what},
        lambda what: {"tool": "send", "text": what},
        lambda what: {"tool": "think", "instruction": what},
        lambda what: {"tool": "fail", "how": chance.choice(["honestly", "badly"])},
    ]
    steps: list[Step] = []
    for number in range(1, chance.randint(3, 14)):
        needs = tuple(chance.sample([each.id for each in steps], min(len(steps), chance.randint(0, 2))))
        steps.append(step(f"s{number}", needs=needs, **chance.choice(kinds)(f"第{number}")))
    return [*steps, step("s20", "answer", text="done")]


@pytest.mark.parametrize("seed", range(12))
async def test_any_parallel_run_is_lived_again_as_it_was(tmp_path: Path, seed: int) -> None:
    def made() -> tuple[Planner, Reflector]:
        return ScriptedPlanner(any_plan(seed), [step("s30", "answer", text="x")]), ScriptedReflector()

    run = await lived(tmp_path / "home", made, person=Ada(), model=ScriptedModel("hm", repeats=True))
    replay = await replayed(tmp_path / "home", run, made)
    assert replay.is_same, replay
