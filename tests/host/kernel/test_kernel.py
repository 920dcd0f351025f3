"""Plugins given by the program itself: what they bring, what is refused, how they fail."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest

from trivet.errors import AmbiguousTool, PluginLeftOut, UnknownTool
from trivet.kernel import Kernel, open_kernel
from trivet.packages.trust import FIRST_PARTY
from trivet.settings import Settings, load_settings
from trivet_sdk import (
    Contributions,
    Event,
    PluginContext,
    ToolCall,
    ToolContext,
    ToolResult,
    ToolSpec,
    hookimpl,
    result,
)
from trivet_sdk.events import PluginChanged

pytestmark = pytest.mark.anyio


class Echo:
    def __init__(self, name: str, effect: str = "pure") -> None:
        self.spec = ToolSpec(name=name, summary="Say it again", parameters={"type": "object"}, effect=effect)  # type: ignore[arg-type]

    async def call(self, arguments: Mapping[str, Any], ctx: ToolContext) -> ToolResult:
        return result(str(arguments["text"]))


def manifest(id: str, *tools: str, more: str = "") -> str:
    declared = "".join(f'[[contributes.tools]]\nname = "{tool}"\neffect = "pure"\n' for tool in tools)
    return f'[plugin]\nid = "{id}"\nsummary = "A test"\nstart_timeout = 0.2\nstop_timeout = 0.2\n{more}\n{declared}'


class Plugin:
    """`life` is the body of its activate; by default it brings its tools and leaves a trace."""

    def __init__(
        self,
        id: str,
        *tools: str,
        declared: tuple[str, ...] | None = None,
        life: Callable[[PluginContext], AsyncIterator[Contributions]] | None = None,
        more: str = "",
    ) -> None:
        self.manifest = manifest(id, *(tools if declared is None else declared), more=more)
        self.trace: list[str] = []
        self._tools = tools
        self._life = life

    @hookimpl
    def activate(self, context: PluginContext) -> Any:
        return asynccontextmanager(self._life or self._usual)(context)

    async def _usual(self, context: PluginContext) -> AsyncIterator[Contributions]:
        self.trace.append("started")
        yield Contributions(tools=tuple(Echo(name) for name in self._tools))
        self.trace.append("stopped")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def settings_in(home: Path) -> Settings:
    """Without the installed plugins: these tests are about the ones they bring."""
    return load_settings(home, {f"plugins.{id}.enabled": False for id in FIRST_PARTY}, environ={})


def kernel_of(home: Path, *plugins: object) -> Any:
    return open_kernel(settings_in(home), plugins)


def states(kernel: Kernel) -> dict[str, str]:
    return {record.id: record.state for record in kernel.plugins() if record.distribution == ""}


def reasons(kernel: Kernel) -> dict[str, str]:
    return {record.id: record.reason for record in kernel.plugins() if record.distribution == ""}


async def test_tool_is_called_by_full_and_by_short_name(home: Path) -> None:
    plugin = Plugin("alpha", "say")
    async with kernel_of(home, plugin) as kernel:
        tool = await kernel.tool("say")
        assert tool.spec.name == "alpha.say"
        assert (await tool.call({"text": "hi"}, None)).text == "hi"
        assert (await kernel.tool("alpha.say")).spec == tool.spec
    assert plugin.trace == ["started", "stopped"]


async def test_short_name_of_two_tools_is_refused(home: Path) -> None:
    async with kernel_of(home, Plugin("alpha", "say"), Plugin("beta", "say")) as kernel:
        with pytest.raises(AmbiguousTool) as caught:
            kernel.find_tool("say")
    assert str(caught.value) == "the name 'say' fits several tools: alpha.say, beta.say. Use the full name."


async def test_unknown_tool_is_answered_with_the_nearest(home: Path) -> None:
    async with kernel_of(home, Plugin("alpha", "say")) as kernel:
        with pytest.raises(UnknownTool) as caught:
            kernel.find_tool("alpha.sya")
    assert str(caught.value).startswith("no enabled plugin has a tool 'alpha.sya'. Did you mean 'alpha.say'?")


async def test_tool_of_another_plugin_is_not_proposed(home: Path) -> None:
    async with kernel_of(home, Plugin("alpha", "say"), Plugin("alphb", "translate")) as kernel:
        with pytest.raises(UnknownTool) as caught:
            kernel.find_tool("alphb.say")
    assert str(caught.value) == "no enabled plugin has a tool 'alphb.say'. `trivet tools list` shows all."


async def test_undeclared_tool_is_refused_by_name_and_the_others_stay(home: Path) -> None:
    async with kernel_of(home, Plugin("alpha", "say", "shout", declared=("say", "whisper"))) as kernel:
        assert [spec.name for spec in kernel.tools() if spec.plugin == "alpha"] == ["alpha.say"]
        assert states(kernel) == {"alpha": "degraded"}
        assert reasons(kernel) == {
            "alpha": "tool 'shout' is refused: the manifest does not declare it; "
            "tool 'whisper' is declared, but the plugin did not bring it"
        }


async def test_stricter_word_of_manifest_and_code_holds_on_effect(home: Path) -> None:
    class Sly(Plugin):
        async def _usual(self, context: PluginContext) -> AsyncIterator[Contributions]:
            yield Contributions(tools=(Echo("say", effect="effectful"),))

    async with kernel_of(home, Sly("alpha", "say")) as kernel:
        assert kernel.find_tool("say").effect == "effectful"


async def raises_at_start(context: PluginContext) -> AsyncIterator[Contributions]:
    if context.id:
        raise ValueError("no such index")
    yield Contributions()


async def sleeps_at_start(context: PluginContext) -> AsyncIterator[Contributions]:
    await anyio.sleep_forever()
    yield Contributions()


async def yields_nonsense(context: PluginContext) -> AsyncIterator[Any]:
    yield 7


async def raises_at_stop(context: PluginContext) -> AsyncIterator[Contributions]:
    yield Contributions(tools=(Echo("say"),))
    raise OSError("lost the index")


async def sleeps_at_stop(context: PluginContext) -> AsyncIterator[Contributions]:
    yield Contributions(tools=(Echo("say"),))
    await anyio.sleep_forever()


@pytest.mark.parametrize(
    ("life", "reason"),
    [
        (raises_at_start, "raised while starting: ValueError: no such index"),
        (sleeps_at_start, "did not start within 0.2 seconds"),
        (yields_nonsense, "yielded int instead of Contributions"),
    ],
)
async def test_plugin_that_cannot_start_is_named_and_the_others_work(home: Path, life: Any, reason: str) -> None:
    with anyio.fail_after(10):
        async with kernel_of(home, Plugin("bad", "say", life=life), Plugin("good", "say")) as kernel:
            assert states(kernel) == {"bad": "failed", "good": "running"}
            assert reasons(kernel)["bad"] == reason
            assert (await kernel.tool("say")).spec.name == "good.say"
            with pytest.raises(UnknownTool):
                await kernel.tool("bad.say")


@pytest.mark.parametrize(
    ("life", "reason"),
    [
        (raises_at_stop, "raised while stopping: OSError: lost the index"),
        (sleeps_at_stop, "did not stop within 0.2 seconds"),
    ],
)
async def test_plugin_that_cannot_stop_is_named_and_the_others_stop(home: Path, life: Any, reason: str) -> None:
    good = Plugin("good", "say")
    with anyio.fail_after(10):
        async with kernel_of(home, Plugin("bad", "say", life=life), good) as kernel:
            pass
    assert states(kernel) == {"bad": "failed", "good": "stopped"}
    assert reasons(kernel)["bad"] == reason
    assert good.trace == ["started", "stopped"]


async def test_plugin_that_breaks_down_later_is_restarted_and_who_calls_it_waits(home: Path) -> None:
    broken = anyio.Event()
    starts: list[str] = []

    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        starts.append(context.id)
        is_first = len(starts) == 1

        async def work() -> None:
            if is_first:
                await broken.wait()
                raise RuntimeError("lost the connection")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(work)
            yield Contributions(tools=(Echo("say"),))

    with anyio.fail_after(10):
        async with kernel_of(home, Plugin("bad", "say", life=life)) as kernel:
            with kernel.bus.subscribe("plugin.changed") as changes:
                broken.set()
                change = await anext(aiter(changes))
            assert isinstance(change, PluginChanged)
            assert (change.before, change.after) == ("running", "failed")
            assert change.reason == "broke down: RuntimeError: lost the connection"
            assert [spec.name for spec in kernel.tools() if spec.plugin == "bad"] == ["bad.say"]
            tool = await kernel.tool("bad.say")
            assert (await tool.call({"text": "here again"}, None)).text == "here again"
            assert starts == ["bad", "bad"]


async def test_async_hook_is_refused_by_name(home: Path) -> None:
    class Async:
        manifest = manifest("bad", "say")

        @hookimpl
        async def activate(self, context: PluginContext) -> Contributions:
            return Contributions()

    async with kernel_of(home, Async()) as kernel:
        assert reasons(kernel) == {
            "bad": "implements hook 'activate' as an async def, which nobody would await. "
            "Hooks are synchronous: return an async context manager."
        }


async def test_bare_async_generator_is_refused_with_its_cure(home: Path) -> None:
    class Bare:
        manifest = manifest("bad", "say")

        @hookimpl
        async def activate(self, context: PluginContext) -> AsyncIterator[Contributions]:
            yield Contributions()

    async with kernel_of(home, Bare()) as kernel:
        assert reasons(kernel) == {
            "bad": "implements hook 'activate' as a bare async generator. Decorate it with @asynccontextmanager."
        }


async def test_veto_names_its_reason_and_a_failing_veto_is_one(home: Path) -> None:
    class Strict(Plugin):
        @hookimpl
        def veto_tool_call(self, call: ToolCall) -> str | None:
            if call.arguments.get("text") == "boom":
                raise ValueError("what a word")
            return "that is rude" if call.arguments.get("text") == "rude" else None

    def call(text: str) -> ToolCall:
        return ToolCall(run="r", step="s1", tool="alpha.say", arguments={"text": text}, key="r/s1/1", effect="pure")

    async with kernel_of(home, Strict("alpha", "say")) as kernel:
        assert await kernel.veto(call("kind")) is None
        assert await kernel.veto(call("rude")) == "that is rude"
        assert await kernel.veto(call("boom")) == "plugin 'alpha' could not judge it: raised ValueError: what a word"
        assert states(kernel) == {"alpha": "degraded"}


async def test_event_does_not_leave_when_its_redaction_fails(home: Path) -> None:
    class Careful(Plugin):
        @hookimpl
        def redact(self, event: Event) -> Event:
            assert isinstance(event, PluginChanged)
            if event.reason == "boom":
                raise ValueError("unreadable")
            return PluginChanged(plugin="***", before=event.before, after=event.after)

    async with kernel_of(home, Careful("alpha", "say")) as kernel:
        event = PluginChanged(plugin="alpha", before="running", after="degraded")
        assert kernel.redact(event) == PluginChanged(plugin="***", before="running", after="degraded")
        assert kernel.redact(PluginChanged(plugin="a", before="b", after="c", reason="boom")) is None


async def test_plugin_that_needs_a_failed_one_fails_with_it(home: Path) -> None:
    needy = Plugin("needy", "say", more='[requires]\nplugins = ["bad"]')
    async with kernel_of(home, Plugin("bad", "say", life=raises_at_start), needy) as kernel:
        assert reasons(kernel)["needy"] == (
            "it needs plugin 'bad', which failed: raised while starting: ValueError: no such index"
        )
        record = await kernel.start("needy")
        assert record.state == "failed"
        assert needy.trace == []


async def test_optional_plugin_is_started_before_if_it_is_there(home: Path) -> None:
    order: list[str] = []

    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        order.append(context.id)
        yield Contributions(tools=(Echo("say"),))
        order.append(f"{context.id} stopped")

    first = Plugin("a", "say", life=life, more='[requires]\noptional = ["z", "absent"]')
    async with open_kernel(settings_in(home), (first, Plugin("z", "say", life=life)), capture=False) as kernel:
        await kernel.start("a")
    assert order == ["z", "a", "a stopped", "z stopped"]


async def test_everybody_who_asks_at_once_waits_for_one_start(home: Path) -> None:
    starts: list[str] = []

    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        starts.append(context.id)
        await anyio.sleep(0.01)
        yield Contributions(tools=(Echo("say"),))

    async with open_kernel(settings_in(home), (Plugin("alpha", "say", life=life),), capture=False) as kernel:
        async with anyio.create_task_group() as tasks:
            for _ in range(10):
                tasks.start_soon(kernel.start, "alpha")
        assert starts == ["alpha"]


async def test_error_of_the_body_comes_out_as_it_is(home: Path) -> None:
    with pytest.raises(PluginLeftOut) as caught:
        async with kernel_of(home, Plugin("alpha", "say")):
            raise PluginLeftOut("alpha", "failed", "it rains")
    assert str(caught.value) == "plugin 'alpha' cannot be used: it rains"


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        (lambda: len, "'len' among its tools is refused: it is no tool; decorate the function with @tool"),
        (lambda: "text", "''text'' among its tools is refused: it is no tool; decorate the function with @tool"),
        (
            lambda: Spoken(parameters={"x": object()}),
            "tool 'odd' is refused: its spec is not what the contract says: "
            "Encoding objects of type object is unsupported",
        ),
        (
            lambda: Spoken(summary=5),
            "tool 'odd' is refused: its spec is not what the contract says: Expected `str`, got `int` - at `$.summary`",
        ),
    ],
)
async def test_what_is_no_tool_is_refused_and_the_others_stay(
    home: Path, broken: Callable[[], Any], sentence: str
) -> None:
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        yield Contributions(tools=(Echo("say"), broken()))

    async with open_kernel(settings_in(home), (Plugin("alpha", "say", life=life), Plugin("beta", "say"))) as kernel:
        record = await kernel.start("alpha")
        assert (record.state, record.reason) == ("degraded", sentence)
        assert [spec.name for spec in kernel.tools()] == ["alpha.say", "beta.say"]


class Spoken:
    """A tool whose spec holds what a spec cannot."""

    def __init__(self, **wrong: Any) -> None:
        self.spec = ToolSpec(**{"name": "odd", "summary": "Odd", "parameters": {}, **wrong})

    async def call(self, arguments: object, ctx: object) -> None:
        raise AssertionError("never called")
