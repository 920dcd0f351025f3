"""Planners, reflectors, models, tools and guards that hand over nonsense or raise what they should not: the run ends with
a sentence, the host lives on, and the journal can be read."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

import anyio
import anyio.lowlevel
import pytest

from tests.walks.household import (
    ScriptedModel,
    ScriptedPlanner,
    ScriptedReflector,
    goal,
    household,
    of_kind,
    settings_for,
    step,
)
from trivet.app import RunOptions, open_desk, open_host
from trivet.runs import apart, models
from trivet_sdk import (
    Accept,
    Ask,
    Budget,
    Contributions,
    Finish,
    GiveUp,
    Plan,
    PlannerAbstained,
    Replan,
    Retry,
    Step,
    ToolContext,
    ToolError,
    Verdict,
    hookimpl,
    result,
    tool,
)
from trivet_sdk.events import Event, ModelReturned, ToolFailed
from trivet_sdk.model import Delta, GenerateRequest
from trivet_sdk.testing import EmbeddedPlugin
from trivet_sdk.tool import ToolCall

pytestmark = pytest.mark.anyio

HALF = "bad \udcff name"
"""What a file name that is no UTF-8 looks like."""


class Rude(BaseException):
    """No Exception."""


@pytest.fixture
def grace(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(apart, "GRACE", 0.1)
    yield
    apart.abandoned.clear()


@tool(effect="pure")
async def look(n: Any = 1) -> str:
    """Look."""
    return "seen"


def endless() -> dict[str, Any]:
    inner: dict[str, Any] = {}
    inner["inner"] = inner
    return inner


def plan(*steps: Any, **fields: Any) -> Plan:
    return Plan(steps=cast("tuple[Step, ...]", steps), **fields)


BROKEN_PLANS: list[tuple[Any, str]] = [
    (plan(step("s1", "look"), note=5), "TypeError: Expected `str`, got `int` in note"),
    (plan(step("s1", "look"), is_open="x"), "TypeError: Expected `bool`, got `str` in is_open"),
    (plan(Step(id="s1", tool="look", needs="s1")), "TypeError: Expected `array`, got `str` in steps[0].needs"),  # type: ignore[arg-type]
    (plan(Step(id="s1", tool="look", reason=5)), "TypeError: Expected `str`, got `int` in steps[0].reason"),  # type: ignore[arg-type]
    (plan(step("s1", "look", n=object())), "TypeError: Encoding objects of type object is unsupported"),
    (plan(Step(id="s1", tool="look", arguments=endless())), "TypeError: it is nested too deeply, or contains itself"),
    (Plan(steps=5), "TypeError: Expected `array`, got `int` in steps"),  # type: ignore[arg-type]
    (SystemExit(0), "SystemExit: 0"),
    (KeyboardInterrupt(), "KeyboardInterrupt"),
    (asyncio.CancelledError(), "cancelled itself"),
    (Rude("no"), "Rude: no"),
]


@pytest.mark.parametrize(("line", "told"), BROKEN_PLANS)
async def test_planner_that_breaks_its_contract_ends_the_run_readably(tmp_path: Path, line: Any, told: str) -> None:
    class Planner:
        async def plan(self, request: object, services: object) -> Plan:
            if isinstance(line, BaseException):
                raise line
            return cast("Plan", line)

    async with household(tmp_path / "home", Planner(), tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("failed", f"The planner broke in 'plan': {told}.")
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        assert (await desk.fold(outcome.run)).finished is not None


BROKEN_VERDICTS: list[tuple[str, Any, str]] = [
    ("inspect", Accept(reason=5), "TypeError: Expected `str`, got `int` in reason"),  # type: ignore[arg-type]
    ("inspect", Replan(reason=5), "TypeError: Expected `str`, got `int` in reason"),  # type: ignore[arg-type]
    ("inspect", SystemExit(0), "SystemExit: 0"),
    ("judge", Finish(answer=5), "TypeError: Expected `str`, got `int` in answer"),  # type: ignore[arg-type]
    ("judge", Finish(answer=object()), "TypeError: Encoding objects of type object is unsupported"),  # type: ignore[arg-type]
    ("judge", GiveUp(reason=None), "TypeError: Expected `str`, got `null` in reason"),  # type: ignore[arg-type]
    ("judge", Retry(step=["s1"]), "TypeError: Expected `str`, got `array` in step"),  # type: ignore[arg-type]
    ("judge", Ask(question=" "), "TypeError: it asks the user, and the question is empty"),
    ("judge", asyncio.CancelledError(), "cancelled itself"),
]


@pytest.mark.parametrize(("door", "verdict", "told"), BROKEN_VERDICTS)
async def test_reflector_that_breaks_its_contract_ends_the_run_readably(
    tmp_path: Path, door: str, verdict: Any, told: str
) -> None:
    class Reflector(ScriptedReflector):
        def inspect(self, *given: Any) -> Verdict:
            return self._say() if door == "inspect" else Accept()

        async def judge(self, *given: Any) -> Verdict:
            return self._say()

        def _say(self) -> Verdict:
            if isinstance(verdict, BaseException):
                raise verdict
            return cast("Verdict", verdict)

    async with household(tmp_path / "home", ScriptedPlanner([step("s1", "look")]), Reflector(), tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.status == "failed"
        assert outcome.answer == f"The reflector broke in '{door}': {told}.\nFound so far:\nwork.look: seen"
    async with open_desk(settings_for(tmp_path / "home")) as desk:
        assert (await desk.fold(outcome.run)).finished is not None


class Broken(ScriptedModel):
    """A model whose stream is whatever a test says."""

    def __init__(self, stream: Callable[[], Any]) -> None:
        super().__init__()
        self.stream = stream

    def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        return cast("AsyncIterator[Delta]", self.stream())


async def stream_of(*deltas: Any) -> AsyncIterator[Any]:
    for delta in deltas:
        if isinstance(delta, BaseException):
            raise delta
        yield delta


def thinking(home: Path, model: ScriptedModel) -> Any:
    planner = ScriptedPlanner([step("s1", "think", instruction="x"), step("s2", "answer", text="{{s1}}")])
    return household(home, planner, ScriptedReflector(GiveUp("it broke"), after={"s1": [Accept()]}), model=model)


@pytest.mark.parametrize(
    ("stream", "told"),
    [
        (lambda: stream_of(RuntimeError("boom")), "RuntimeError: boom"),
        (lambda: stream_of(SystemExit(0)), "SystemExit: 0"),
        (lambda: stream_of(asyncio.CancelledError()), "cancelled itself"),
        (lambda: stream_of(5), "TypeError: 'generate' yielded int instead of a Delta"),
        (lambda: stream_of(Delta(text=5)), "TypeError: Expected `str`, got `int` in text"),  # type: ignore[arg-type]
        (lambda: stream_of(Delta(finish=5)), "TypeError: Expected `str | null`, got `int` in finish"),  # type: ignore[arg-type]
        (
            lambda: stream_of(Delta(finish="stop", prompt_tokens="a")),  # type: ignore[arg-type]
            "TypeError: 'a' is no number of tokens",
        ),
        (lambda: None, "TypeError: 'async for' requires an object with __aiter__ method, got NoneType"),
    ],
)
async def test_model_that_breaks_fails_the_step_and_not_the_run(
    tmp_path: Path, stream: Callable[[], Any], told: str
) -> None:
    async with thinking(tmp_path / "home", Broken(stream)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.reason) == ("failed", "it broke")
        (failed, _) = of_kind(await host.records(outcome.run), ToolFailed)
        assert failed.error == f"model 'scripted' broke: {told}"


async def test_tokens_below_zero_and_fractions_give_nothing_back(tmp_path: Path) -> None:
    last = Delta(finish="stop", prompt_tokens=-5_000_000, completion_tokens=2.5)  # type: ignore[arg-type]
    async with thinking(tmp_path / "home", Broken(lambda: stream_of(Delta(text="hm"), last))) as host:
        outcome = await host.run(goal(tmp_path))
        (returned,) = of_kind(await host.records(outcome.run), ModelReturned)
        assert (returned.prompt_tokens, returned.completion_tokens) == (0, 2)


async def never_ending() -> AsyncIterator[Delta]:
    while True:
        yield Delta(text="w")


@pytest.mark.parametrize(
    ("budget", "status", "told"),
    [
        (Budget(max_tokens=1000), "exhausted", "the budget of 1000 tokens is used up"),
        (Budget(max_seconds=0.3), "exhausted", "the budget of 0.3 seconds is used up"),
        (Budget(), "failed", "it broke"),
    ],
)
async def test_stream_without_an_end_is_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: Budget, status: str, told: str
) -> None:
    """One that never waits, too, whose event loop hears of nothing else."""
    if budget.max_seconds is None:
        monkeypatch.setattr(models, "MOST_TEXT", 100_000)
    async with thinking(tmp_path / "home", Broken(never_ending)) as host:
        with anyio.fail_after(30):
            outcome = await host.run(goal(tmp_path), RunOptions(budget=budget))
        assert (outcome.status, outcome.reason) == (status, told)
        if status == "failed":
            (failed, _) = of_kind(await host.records(outcome.run), ToolFailed)
            assert failed.error == "model 'scripted' wrote 100,000 characters and came to no end"


@pytest.mark.parametrize("door", ["tool", "planner", "argument", "guard", "answer"])
async def test_half_a_surrogate_pair_is_written_out(tmp_path: Path, door: str) -> None:
    @tool(effect="pure")
    async def fail(n: Any = 1) -> str:
        """Fail."""
        raise ToolError(HALF)

    class Guard:
        async def veto(self, call: ToolCall) -> str | None:
            return HALF if door == "guard" else None

    planner = ScriptedPlanner([step("s1", "fail", n=HALF)] if door != "planner" else PlannerAbstained(HALF))
    if door == "answer":
        planner = ScriptedPlanner([step("s1", "answer", text=HALF)])
    verdicts = () if door == "answer" else (GiveUp(HALF),)
    reflector = ScriptedReflector(*verdicts, after={"s1": [Accept()]})
    contributions = Contributions(
        tools=(fail,), planners={"scripted": planner}, reflectors={"scripted": reflector}, guards=(Guard(),),
        models={"scripted": ScriptedModel()},
    )  # fmt: skip
    plugin = EmbeddedPlugin("work", contributions)
    async with open_host(settings_for(tmp_path / "home"), plugins=(plugin,)) as host:
        outcome = await host.run(goal(tmp_path, text=HALF))
        assert r"ad \udcff name" in outcome.answer
        records = await host.records(outcome.run)
        assert records[0].event.goal.text == r"bad \udcff name"  # type: ignore[attr-defined]
        if door in ("tool", "guard"):
            assert of_kind(records, ToolFailed)[0].error.endswith(r"bad \udcff name")


async def test_guard_judges_what_is_called_whatever_it_does_to_it(tmp_path: Path) -> None:
    called: list[dict[str, Any]] = []

    @tool(effect="pure")
    async def keep(n: int) -> str:
        """Keep."""
        called.append({"n": n})
        return "kept"

    class Guarded(EmbeddedPlugin):
        @hookimpl
        def veto_tool_call(self, call: ToolCall) -> str | None:
            call.arguments["n"] = object()
            return None

    contributions = Contributions(
        tools=(keep,),
        planners={"scripted": ScriptedPlanner([step("s1", "keep", n=1), step("s2", "answer", text="{{s1}}")])},
        reflectors={"scripted": ScriptedReflector()},
        models={"scripted": ScriptedModel()},
    )
    async with open_host(settings_for(tmp_path / "home"), plugins=(Guarded("work", contributions),)) as host:
        assert (await host.run(goal(tmp_path))).status == "succeeded"
        assert called == [{"n": 1}]


@pytest.mark.parametrize("error", [SystemExit(0), Rude("no"), asyncio.CancelledError()])
async def test_guard_that_breaks_has_not_agreed(tmp_path: Path, error: BaseException) -> None:
    class Guard:
        async def veto(self, call: ToolCall) -> str | None:
            raise error

    contributions = Contributions(
        tools=(look,),
        planners={"scripted": ScriptedPlanner([step("s1", "look")])},
        reflectors={"scripted": ScriptedReflector(GiveUp("refused"), after={"s1": [Accept()]})},
        models={"scripted": ScriptedModel()},
        guards=(Guard(),),
    )
    async with open_host(settings_for(tmp_path / "home"), plugins=(EmbeddedPlugin("work", contributions),)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.reason == "refused"
        (failed,) = of_kind(await host.records(outcome.run), ToolFailed)
        assert failed.error.startswith("the call was refused: ")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Rude("no")])
async def test_coroutine_tool_that_raises_no_exception_is_a_failed_step(tmp_path: Path, error: BaseException) -> None:
    @tool(effect="pure")
    async def fail() -> str:
        """Fail."""
        raise error

    reflector = ScriptedReflector(GiveUp("it broke"), after={"s1": [Accept()]})
    async with household(tmp_path / "home", ScriptedPlanner([step("s1", "fail")]), reflector, tools=(fail,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.reason == "it broke"
        with pytest.raises(ToolError, match=r"^the tool 'work\.fail' broke: "):
            await host.call_tool("work.fail", {})


async def test_tool_that_cancels_its_task_harms_nobody(tmp_path: Path) -> None:
    @tool(effect="pure")
    async def desert(then: str) -> str:
        """Cancel."""
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        if then == "wait":
            await anyio.sleep(10)
        return "here"

    steps = [
        step("s1", "desert", then="return"),
        step("s2", "desert", then="wait"),
        step("s3", "answer", text="{{s1}}"),
    ]
    reflector = ScriptedReflector(after={"s2": [Accept()]})
    async with household(tmp_path / "home", ScriptedPlanner(steps), reflector, tools=(desert,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert (outcome.status, outcome.answer) == ("succeeded", "here")
        (failed,) = of_kind(await host.records(outcome.run), ToolFailed)
        assert failed.error == "the tool cancelled itself"
        await anyio.lowlevel.checkpoint()


@pytest.mark.usefixtures("grace")
@pytest.mark.parametrize("by", ["seconds", "cancel", "limit"])
async def test_tool_that_swallows_its_cancellation_is_left_behind(tmp_path: Path, by: str) -> None:
    may_end = False
    begun = anyio.Event()

    @tool(effect="pure")
    async def swallow() -> str:
        """Swallow."""
        begun.set()
        while not may_end:
            with suppress(BaseException):
                await asyncio.sleep(0.01)
        return "late"

    reflector = ScriptedReflector(GiveUp("too slow"), after={"s1": [Accept()]})
    async with household(
        tmp_path / "home", ScriptedPlanner([step("s1", "swallow")]), reflector, tools=(swallow,)
    ) as host:
        how = RunOptions(budget=Budget(max_seconds=0.2)) if by == "seconds" else RunOptions()
        if by == "limit":
            how = RunOptions(tool_seconds=0.2)
        run = await host.submit(goal(tmp_path), how)
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:

                async def cancel() -> None:
                    await begun.wait()
                    await host.cancel(run)

                if by == "cancel":
                    group.start_soon(cancel)
                outcome = await host.pursue(run, how)
        assert outcome.status == {"seconds": "exhausted", "cancel": "cancelled", "limit": "failed"}[by]
        (left,) = apart.abandoned
        may_end = True
        await asyncio.wait((left,), timeout=5)
        assert left.done()


async def test_tool_that_cleans_up_when_it_is_cancelled_gets_the_time(tmp_path: Path) -> None:
    cleaned: list[str] = []
    begun = anyio.Event()

    @tool(effect="pure")
    async def tidy() -> str:
        """Tidy up."""
        try:
            begun.set()
            await anyio.sleep_forever()
        finally:
            await asyncio.sleep(0.05)
            cleaned.append("up")
        return ""

    async with household(tmp_path / "home", ScriptedPlanner([step("s1", "tidy")]), tools=(tidy,)) as host:
        run = await host.submit(goal(tmp_path))
        with anyio.fail_after(10):
            async with anyio.create_task_group() as group:
                group.start_soon(host.pursue, run)
                await begun.wait()
                await host.cancel(run)
        assert cleaned == ["up"]
        assert not apart.abandoned


async def test_model_that_is_none_is_an_error_for_who_asks_for_it(tmp_path: Path) -> None:
    class Backend(ScriptedModel):
        async def open(self, name: str, definition: object) -> Any:
            return object()

    async with thinking(tmp_path / "home", Backend()) as host:
        outcome = await host.run(goal(tmp_path))
        (failed, _) = of_kind(await host.records(outcome.run), ToolFailed)
        assert failed.error == (
            "model 'scripted' cannot be opened: AttributeError: 'object' object has no attribute 'name'"
        )


async def test_bug_of_ours_ends_the_run_instead_of_waiting_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from trivet.runs import scheduling

    monkeypatch.setattr(scheduling, "ready", lambda *given: 1 // 0)
    async with household(tmp_path / "home", ScriptedPlanner([step("s1", "look")]), tools=(look,)) as host:
        outcome = await host.run(goal(tmp_path))
        assert outcome.status == "failed"
        assert outcome.reason.startswith("trivet broke down: ZeroDivisionError: ")


async def test_progress_that_is_nonsense_is_taken_for_what_it_is(tmp_path: Path) -> None:
    @tool(effect="pure")
    async def report(ctx: ToolContext) -> str:
        """Report."""
        ctx.progress("x", [1], object())  # type: ignore[arg-type]
        return "done"

    told: list[Event] = []
    planner = ScriptedPlanner([step("s1", "report"), step("s2", "answer", text="{{s1}}")])
    async with household(tmp_path / "home", planner, tools=(report,)) as host:
        run = await host.submit(goal(tmp_path))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run)
            async for record in host.watch(run, transient=True):
                told.append(record.event)
                record.flat()
    progress = next(event for event in told if event.topic == "tool.progressed")
    assert (progress.done, progress.total) == (0.0, None)  # type: ignore[attr-defined]


async def test_attachments_of_one_name_are_both_there(tmp_path: Path) -> None:
    for folder in ("p", "q"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "表.txt").write_text(folder)

    @tool(effect="pure")
    def read(ctx: ToolContext) -> Any:
        """Read both."""
        names = ("attachments/表.txt", "attachments/表-2.txt")
        return result(" ".join(ctx.workspace.readable(name).read_text() for name in names))

    planner = ScriptedPlanner([step("s1", "read"), step("s2", "answer", text="{{s1}}")])
    async with household(tmp_path / "home", planner, tools=(read,)) as host:
        files = [tmp_path / "p" / "表.txt", tmp_path / "q" / "表.txt"]
        assert (await host.run(goal(tmp_path), attachments=files)).answer == "p q"


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
async def test_clock_that_jumps_spends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:

    real = time.time

    @tool(effect="pure")
    async def turn() -> str:
        """Turn the clock."""
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        return "turned"

    planner = ScriptedPlanner([step("s1", "turn"), step("s2", "answer", text="{{s1}}")])
    async with household(tmp_path / "home", planner, tools=(turn,)) as host:
        outcome = await host.run(goal(tmp_path), RunOptions(budget=Budget(max_seconds=60)))
    assert outcome.status == "succeeded"
    assert 0 <= outcome.usage.seconds < 60


async def test_thread_that_looks_at_its_cancellation_is_waited_for_when_the_host_closes(tmp_path: Path) -> None:
    ended: list[str] = []
    begun = anyio.Event()
    loop = asyncio.get_running_loop()

    @tool(effect="pure")
    def compute(ctx: ToolContext) -> str:
        """Compute in a library that looks up now and then."""
        loop.call_soon_threadsafe(begun.set)
        while not ctx.is_cancelled:
            time.sleep(0.05)
        time.sleep(0.1)
        ended.append("in order")
        return ""

    async with household(tmp_path / "home", ScriptedPlanner([step("s1", "compute")]), tools=(compute,)) as host:
        run = await host.submit(goal(tmp_path))
        async with anyio.create_task_group() as group:
            group.start_soon(host.pursue, run)
            await begun.wait()
            await host.cancel(run)
        assert not ended
    assert ended == ["in order"]
