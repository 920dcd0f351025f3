"""Each kind of contribution, in this process and in a worker, with the same results."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from tests.host.workers import menagerie
from tests.host.workers.house import BOTH, kernel_of, until
from trivet.kernel import Kernel
from trivet_sdk import (
    Choice,
    GenerateRequest,
    Goal,
    InvalidArguments,
    ModelUnavailable,
    PlannerAbstained,
    Step,
    ToolCall,
    ToolError,
    Transcript,
    collect,
    result,
    tool,
)
from trivet_sdk.conformance import (
    check_embedder,
    check_model,
    check_planner,
    check_reflector,
    check_tool,
    plan_request,
)
from trivet_sdk.message import user
from trivet_sdk.plan import Patch, Plan
from trivet_sdk.testing import ScriptedModel, StandaloneCall, StandaloneServices, call
from trivet_sdk.transcript import Planned
from trivet_sdk.verdict import Accept, Replan
from trivet_sdk.workspace import Workspace

pytestmark = pytest.mark.anyio
BOUND = 60.0


@pytest.fixture(params=BOTH, scope="module")
async def kernel(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kernel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MENAGERIE_KEY", "k3y")
        async with kernel_of(tmp_path_factory.mktemp("home"), isolation=request.param) as kernel:
            yield kernel


def about(text: str = "Say hello.") -> Transcript:
    return Transcript(run="r1", goal=Goal(text=text))


async def test_tools(kernel: Kernel, tmp_path: Path) -> None:
    place = tmp_path / "work"
    place.mkdir()
    (place / "猫.txt").write_text("miau")
    attached = tmp_path / "a.csv"
    attached.write_text("a,b")
    workspace = Workspace(place, {"表.csv": attached})
    ctx = StandaloneCall(workspace, deadline=anyio.current_time() + 30, secrets={"MENAGERIE_KEY": "k3y"})
    with anyio.fail_after(BOUND):
        assert await check_tool(await kernel.tool("say"), {"text": "你好"}) == ()
        assert await check_tool(await kernel.tool("note"), {"text": "a"}) == ()
        counted = await call(await kernel.tool("count"), {"to": 3}, context=ctx)
        assert counted.value == {"counted": 3, "key": "test/s1/1", "has_deadline": True}
        assert ctx.reports == [(1, 3, "第1"), (2, 3, "第2"), (3, 3, "第3")]
        listed = await call(await kernel.tool("workspace"), {}, context=ctx)
        assert listed.value == ["attachments/表.csv: a,b", "猫.txt: miau"]
        kept = await call(await kernel.tool("keep_blob"), {"text": "鸟"}, context=ctx)
        blobs: Any = ctx.blobs
        assert kept.value == {"blob": next(iter(blobs.contents)), "text": "鸟", "other": "missing"}
        big = await call(await kernel.tool("big_blob"), {"size": 30_000_000}, context=ctx)
        assert (big.value["size"], len(blobs.contents[big.value["blob"]])) == (30_000_000, 30_000_000)
        secret = await call(await kernel.tool("secret"), {}, context=ctx)
        assert secret.value == [
            "k3y",
            "k3y",
            "PluginError: plugin 'menagerie' asks for the secret 'OTHER', which its manifest does not name",
        ]


async def test_failures_of_tools(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        with pytest.raises(ToolError) as busy:
            await call(await kernel.tool("fail"), {"kind": "tool"})
        assert (str(busy.value), busy.value.is_transient) == ("忙着呢", True)
        with pytest.raises(ModelUnavailable) as off:
            await call(await kernel.tool("fail"), {"kind": "model"})
        assert (off.value.model, str(off.value)) == ("m", "model 'm' is off")
        with pytest.raises(KeyError) as bug:
            await call(await kernel.tool("break_down"), {})
        assert (type(bug.value).__name__, str(bug.value)) == ("KeyError", "'c'")
        with pytest.raises(InvalidArguments) as wrong:
            await call(await kernel.tool("say"), {"txt": "x"})
        assert wrong.value.tool == "say"


async def test_planner(kernel: Kernel) -> None:
    planner = await kernel.planner("planner")

    @tool(name="menagerie.say", effect="pure")
    def say(text: str) -> str:
        """Say it."""
        return text

    model = ScriptedModel("thought", repeats=True)
    services = StandaloneServices(model, embedder=menagerie.Embedder(), tools=(say,))
    with anyio.fail_after(BOUND):
        assert (
            await check_planner(planner, services, plan_request("think"), plan_request("x"), plan_request("abstain"))
            == ()
        )
        thought = await planner.plan(plan_request("think 一下"), services)
        assert isinstance(thought, Plan)
        assert thought.steps[0].arguments == {"text": "thought|2|2|looked up"}
        assert [request.messages for request in model.requests][-1] == (user("think 一下"),)
        assert services.calls[-1] == ("menagerie.say", {"text": "looked up"})
        with pytest.raises(PlannerAbstained) as caught:
            await planner.plan(plan_request("abstain"), services)
        assert str(caught.value) == "I only know animals. Install a zoo."
        step = Step(id="s1", tool="answer", arguments={"text": "a"})
        grown = Transcript(
            run="r2", goal=Goal(text="x"), plan=Plan(steps=(step,)), turns=(Planned(revision=1, steps=(step,)),)
        )
        patched = await planner.plan(plan_request("x", transcript=grown), services)
        assert isinstance(patched, Patch)
        assert (patched.revision, patched.add[0].id) == (1, "s9")


async def test_reflector(kernel: Kernel) -> None:
    reflector = await kernel.reflector("reflector")
    services = StandaloneServices(ScriptedModel("nonsense", repeats=True))
    step = Step(id="s1", tool="t.say")
    turns = (Planned(revision=1, steps=(step,)),)
    transcript = Transcript(run="r", goal=Goal(text="x"), turns=turns)
    with anyio.fail_after(BOUND):
        assert await check_reflector(reflector, services) == ()
        for _ in range(2):
            accepted = reflector.inspect(step, result("hi"), "", transcript)
            assert (accepted if isinstance(accepted, Accept) else await accepted) == Accept(reason="1 turns")  # type: ignore[misc]
        failed = reflector.inspect(step, None, "坏了", transcript)
        assert (failed if isinstance(failed, Replan) else await failed) == Replan("s1 failed: 坏了")  # type: ignore[misc]


async def test_model(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        model = await kernel.model("m")
        assert (model.name, model.window, model.is_small, "schema" in model.features) == ("m", 100, False, True)
        assert await check_model(model) == ()
        said = await collect(model.generate(GenerateRequest(messages=(user("一 二 三"),), choices=("x", "y"))))
        assert (said.text, said.scores, said.prompt_tokens, said.model) == ("x", (0.0, -10.0), 3, "m")


async def test_embedder(kernel: Kernel) -> None:
    embedder = await kernel.embedder()
    assert embedder is not None
    with anyio.fail_after(BOUND):
        assert await check_embedder(embedder) == ()
        assert (embedder.name, embedder.dimensions) == ("embedder", 2)
        assert [list(row) for row in await embedder.embed(["a", "bb"])] == [[1.0, 0.0], [0.0, 1.0]]


async def test_a_plugin_reaches_the_embedder_of_any_plugin_and_learns_that_there_is_none(
    kernel: Kernel, tmp_path: Path
) -> None:
    with anyio.fail_after(BOUND):
        tool = await kernel.tool("compare")
        assert (await call(tool, {"texts": ["a", "狗狗"]})).value == [[1.0, 0.0], [0.0, 1.0]]
        async with kernel_of(tmp_path / "bare", more={"roles.embedder": "nobody"}) as bare:
            assert (await call(await bare.tool("compare"), {"texts": ["a"]})).text == ""


async def test_context(kernel: Kernel) -> None:
    packer = await kernel.context("packer")

    async def measure(messages: Any) -> int:
        return len(messages) * 7

    with anyio.fail_after(BOUND):
        packed = await packer.pack(about("猫"), 50, measure)
        assert [(message.role, message.text) for message in packed] == [
            ("system", "猫"),
            ("user", "7 of 50 tokens, 0 turns"),
        ]


async def test_policy(kernel: Kernel) -> None:
    policy = await kernel.policy("policy")
    request = GenerateRequest(messages=(user("x"),))
    with anyio.fail_after(BOUND):
        assert await policy.choose(request, ("a", "b"), {"b": 0.5}) == Choice(model="b", max_steps=3, reason="最好")


async def test_guard_and_veto_hook(kernel: Kernel) -> None:
    def asked(text: str) -> ToolCall:
        return ToolCall(run="r", step="s1", tool="t", arguments={"text": text}, key="k", effect="pure")

    with anyio.fail_after(BOUND):
        await kernel.start("menagerie")
        assert await kernel.veto(asked("hello")) is None
        assert await kernel.veto(asked("forbidden")) == "nobody says that"
        assert await kernel.veto(asked("hooked")) == "the hook minds"


async def test_service_and_events(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        await kernel.start("menagerie")
        (service,) = (entry.value for entry in kernel._registry.of_kind("services"))
        with kernel.bus.subscribe("menagerie.*") as heard:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(service.run)
                async for event in heard:
                    assert (event.topic, event.animals, tuple(event.names)) == ("menagerie.grown", 1, ("served",))  # type: ignore[attr-defined]
                    tasks.cancel_scope.cancel()
                    break
        emitted = await call(await kernel.tool("emitted"), {})
        assert emitted.value == ["menagerie.grown", {"animals": 2, "names": ["猫", "dog"]}]


async def test_gateway(kernel: Kernel) -> None:
    messages: list[Any] = [
        {"type": "http.request", "body": b"a", "more_body": True},
        {"type": "http.request", "body": b"b", "more_body": False},
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return messages.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    with anyio.fail_after(BOUND):
        await kernel.start("menagerie")
        (gateway,) = (entry.value for entry in kernel._registry.of_kind("gateways"))
        scope = {"type": "http", "method": "POST", "path": "/猫", "headers": [(b"host", b"x")], "app": object()}
        await gateway.app(scope, receive, send)
    assert sent[0]["status"] == 200
    assert [tuple(header) for header in sent[0]["headers"]] == [(b"x-path", "/猫".encode())]
    assert b"".join(message["body"] for message in sent[1:]) == b"".join(b"%d:ab;" % n for n in range(20))


async def test_contributions_that_come_and_go(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        bringing = await kernel.tool("contributed")
        began = anyio.Event()

        class Call(StandaloneCall):
            def progress(self, done: float, total: float | None = None, message: str = "") -> None:
                began.set()

        async with anyio.create_task_group() as tasks:
            ctx = Call(Workspace(Path(".")))
            tasks.start_soon(bringing.call, {}, ctx)
            await began.wait()
            assert (await call(await kernel.tool("menagerie.dyn_hello"), {})).text == "hello"
            tasks.cancel_scope.cancel()
        await until(lambda: all(spec.name != "menagerie.dyn_hello" for spec in kernel.tools()))


async def test_what_the_plugin_is_given(kernel: Kernel) -> None:
    with anyio.fail_after(BOUND):
        given = (await call(await kernel.tool("settings"), {})).value
        assert {name: given[name] for name in ("id", "settings", "data", "cache")} == {
            "id": "menagerie",
            "settings": {},
            "data": "menagerie",
            "cache": "True",
        }
        assert (kernel.settings.home / "data" / "menagerie" / "started").exists()
