"""A plugin that brings one of every kind. It behaves; the tests bring it to life in this process and in a worker."""

import array
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import anyio
import anyio.lowlevel
import msgspec

from trivet_sdk import (
    Choice,
    Contributions,
    Event,
    Gateway,
    GenerateRequest,
    Message,
    ModelUnavailable,
    Patch,
    Plan,
    PlannerAbstained,
    PlanRequest,
    PluginContext,
    Services,
    Step,
    ToolCall,
    ToolContext,
    ToolError,
    ToolResult,
    Transcript,
    Verdict,
    collect,
    hookimpl,
    result,
    tool,
)
from trivet_sdk.message import system, user
from trivet_sdk.testing import ScriptedModel
from trivet_sdk.verdict import Accept, Finish, GiveUp, Replan

TOOLS = (
    "say count workspace note fail break_down pid wait keep_blob big_blob settings emitted contributed secret log compare"
).split()
manifest = f"""
[plugin]
id = "menagerie"
summary = "One of every kind"
start_timeout = 30.0
stop_timeout = 10.0
{
    "".join(
        f'''
[[contributes.tools]]
name = "{name}"
summary = "A test"
effect = "{"idempotent" if name == "note" else "pure"}"
examples = ["one", "two"]
'''
        for name in TOOLS
    )
}
[[contributes.tools]]
dynamic = true
prefix = "dyn"
effect = "pure"
[[contributes.planners]]
name = "planner"
[[contributes.reflectors]]
name = "reflector"
[[contributes.models]]
name = "backend"
[[contributes.embedders]]
name = "embedder"
[[contributes.contexts]]
name = "packer"
[[contributes.policies]]
name = "policy"
[[contributes.services]]
name = "service"
[[contributes.guards]]
name = "guard"
[[contributes.gateways]]
name = "/echo"
[[contributes.events]]
name = "menagerie.grown"
[permissions]
files = ["read:workspace", "write:workspace"]
secrets = ["MENAGERIE_KEY"]
"""


class Grown(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "menagerie.grown"
    animals: int
    names: tuple[str, ...] = ()


@tool(effect="pure")
def say(text: str) -> str:
    """Say a text again."""
    return text


@tool(effect="pure")
async def count(to: int, ctx: ToolContext) -> dict[str, Any]:
    """Count, and report."""
    for number in range(1, to + 1):
        ctx.progress(number, to, f"第{number}")
        await anyio.lowlevel.checkpoint()
    return {"counted": to, "key": ctx.key, "has_deadline": ctx.deadline is not None}


@tool(effect="pure")
def workspace(ctx: ToolContext) -> list[str]:
    """List the files and read them."""
    return [f"{name}: {ctx.workspace.readable(name).read_text()}" for name in ctx.workspace.files()]


@tool(effect="idempotent")
def note(text: str, ctx: ToolContext) -> ToolResult:
    """Write a note."""
    ctx.workspace.writable("note.txt").write_text(text)
    return result("written", artifacts=("note.txt",))


@tool(effect="pure")
def fail(kind: str) -> str:
    """Fail honestly."""
    if kind == "model":
        raise ModelUnavailable("m", "is off")
    raise ToolError("忙着呢", is_transient=True)


@tool(effect="pure")
def break_down() -> str:
    """Have a bug."""
    return {"a": "b"}["c"]


@tool(effect="pure")
def pid() -> dict[str, int]:
    """Say in which process and thread."""
    return {"pid": os.getpid()}


@tool(effect="pure")
def wait(ctx: ToolContext, name: str) -> str:
    """Block until cancelled, and leave a file that says so."""
    ctx.workspace.writable(f"{name}.begun").write_text("")
    pause = threading.Event()
    while not ctx.is_cancelled:
        pause.wait(0.005)
    ctx.workspace.writable(f"{name}.stopped").write_text("")
    return "stopped"


@tool(effect="pure")
async def keep_blob(text: str, ctx: ToolContext) -> dict[str, Any]:
    """Keep a blob and read it again; and one that is not there."""
    blob = await ctx.blobs.put(text.encode())
    try:
        await ctx.blobs.get("0" * 64)
        missing = "found"
    except KeyError:
        missing = "missing"
    return {"blob": blob, "text": (await ctx.blobs.get(blob)).decode(), "other": missing}


@tool(effect="pure")
async def big_blob(size: int, ctx: ToolContext) -> dict[str, Any]:
    """Keep a large blob and read it again."""
    blob = await ctx.blobs.put(b"x" * size)
    return {"blob": blob, "size": len(await ctx.blobs.get(blob))}


class Planner:
    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        if "abstain" in request.goal.text:
            raise PlannerAbstained("I only know animals.", "Install a zoo.")
        if request.transcript.plan is not None:
            return Patch(revision=request.transcript.plan.revision, add=(_answer("s9", "patched"),))
        if "think" in request.goal.text:
            messages = (user(request.goal.text),)
            said = await collect(services.model().generate(GenerateRequest(messages=messages, purpose="plan")))
            vectors: Sequence[Sequence[float]] = ()
            if (embedder := services.embedder()) is not None:
                vectors = await embedder.embed(["猫", "dog"])
            tokens = await services.measure(messages)
            services.emit(Grown(animals=len(vectors), names=("cat", "dog")))
            looked = await services.call("menagerie.say", {"text": "looked up"})
            return Plan(steps=(_answer("s1", f"{said.text}|{len(vectors)}|{tokens}|{looked.text}"),))
        return Plan(steps=(Step(id="s1", tool="answer", arguments={"text": request.goal.text}),))


def _answer(id: str, text: str) -> Step:
    return Step(id=id, tool="answer", arguments={"text": text})


class Reflector:
    def inspect(self, step: Step, result: ToolResult | None, error: str, transcript: Transcript) -> Verdict:
        return (
            Replan(f"{step.id} failed: {error}") if result is None else Accept(reason=f"{len(transcript.turns)} turns")
        )

    async def judge(self, transcript: Transcript, services: Services) -> Verdict:
        if transcript.answer is not None:
            return Finish(answer=transcript.answer)
        return GiveUp("nothing was said")


def _said(request: GenerateRequest) -> str:
    if request.schema is not None:
        return '{"colour": "red"}'
    return request.choices[0] if request.choices else "red and blue"


class Embedder:
    """Unit vectors of two numbers; for `large:N` N rows of 1,000 in one buffer."""

    name = "embedder"
    dimensions = 2

    async def embed(self, texts: Sequence[str]) -> Any:
        if texts and texts[0].startswith("large:"):
            rows = int(texts[0].removeprefix("large:"))
            return memoryview(array.array("f", [1.5]) * (rows * 1000)).cast("B").cast("f", (rows, 1000))
        return [[1.0, 0.0] if len(text) % 2 else [0.0, 1.0] for text in texts]


class Packer:
    async def pack(
        self, transcript: Transcript, window: int | None, measure: Callable[[Sequence[Message]], Awaitable[int]]
    ) -> tuple[Message, ...]:
        head = system(transcript.goal.text)
        tokens = await measure((head,))
        return (head, user(f"{tokens} of {window} tokens, {len(transcript.turns)} turns"))


class Policy:
    async def choose(
        self, request: GenerateRequest, candidates: Sequence[str], feedback: Mapping[str, float]
    ) -> Choice:
        return Choice(model=max(candidates, key=lambda name: feedback.get(name, 0.0)), max_steps=3, reason="最好")


class Service:
    name = "service"

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    async def run(self) -> None:
        self._context.emit(Grown(animals=1, names=("served",)))
        await anyio.sleep_forever()


class Guard:
    async def veto(self, call: ToolCall) -> str | None:
        return "nobody says that" if call.arguments.get("text") == "forbidden" else None


async def gateway(scope: Any, receive: Any, send: Any) -> None:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-path", scope["path"].encode())]})
    for number in range(20):
        more = b"%d:%s;" % (number, body)
        await send({"type": "http.response.body", "body": more, "more_body": number < 19})


@hookimpl
def veto_tool_call(call: ToolCall) -> str | None:
    return "the hook minds" if call.arguments.get("text") == "hooked" else None


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    @tool(effect="pure")
    def settings() -> dict[str, Any]:
        """Say what the plugin was given."""
        return {
            "id": context.id,
            "settings": dict(context.settings),
            "data": context.data_dir.name,
            "cache": str(context.cache_dir.is_dir()),
            "environment": sorted(os.environ),
        }

    @tool(effect="pure")
    async def emitted() -> list[Any]:
        """Publish an event, and hear it."""
        async with context.subscribe("menagerie.*") as events:
            context.emit(Grown(animals=2, names=("猫", "dog")))
            async for event in events:
                return [event.topic, msgspec.to_builtins(event)]
        return []

    @tool(effect="pure")
    async def contributed(ctx: ToolContext) -> str:
        """Bring another tool until cancelled."""

        @tool(name="dyn_hello", effect="pure")
        def hello() -> str:
            """Greet."""
            return "hello"

        async with context.contribute(Contributions(tools=(hello,))):
            ctx.progress(1)
            await anyio.sleep_forever()
        return ""

    @tool(effect="pure")
    def secret(ctx: ToolContext) -> list[str]:
        """Read the secret in both ways, and one that the manifest does not name."""
        try:
            other = context.secret("OTHER")
        except Exception as error:
            other = f"{type(error).__name__}: {error}"
        return [context.secret("MENAGERIE_KEY"), ctx.secrets["MENAGERIE_KEY"], other]

    @tool(effect="pure")
    async def compare(texts: list[str]) -> list[list[float]] | None:
        """Compare texts by meaning, with the embedder of whichever plugin."""
        embedder = context.embedder()
        return None if embedder is None else [[float(each) for each in row] for row in await embedder.embed(texts)]

    @tool(effect="pure")
    def log() -> str:
        """Log a line."""
        context.log.warning("the fox\x1b is loose", fox=1)
        print("printed \x1b[31mred\x07")
        return "logged"

    (context.data_dir / "started").write_text("")
    yield Contributions(
        tools=(say, count, workspace, note, fail, break_down, pid, wait, keep_blob, big_blob, settings, emitted,
               contributed, secret, log, compare),
        planners={"planner": Planner()},
        reflectors={"reflector": Reflector()},
        models={"backend": ScriptedModel(_said, repeats=True, name="m", window=100)},
        embedders={"embedder": Embedder()},
        contexts={"packer": Packer()},
        policies={"policy": Policy()},
        services=(Service(context),),
        guards=(Guard(),),
        gateways=(Gateway(path="/echo", app=gateway),),
        model_definitions={"m": {"backend": "backend"}},
    )  # fmt: skip
    (context.data_dir / "stopped").write_text("")
