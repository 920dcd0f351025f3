"""Plugins against their contract and their manifest."""

import importlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from trivet_sdk import Contributions, Manifest, PlannerAbstained, PluginContext, WeightsMissing, hookimpl, tool
from trivet_sdk.conformance import check_plugin
from trivet_sdk.manifest import About, Contributes, Declaration, ToolDeclaration
from trivet_sdk.testing import EmbeddedPlugin, ScriptedPlanner, faults


@tool(effect="pure", examples=["add up 2 and 3", "what is 2 plus 3"])
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def quick(plugin: EmbeddedPlugin) -> EmbeddedPlugin:
    """With deadlines that no test has to wait for."""
    about = About(id=plugin.manifest.id, summary="-", start_timeout=0.05, stop_timeout=0.05)
    plugin.manifest = msgspec.structs.replace(plugin.manifest, plugin=about)
    return plugin


def declaring(*tools: ToolDeclaration, **more: tuple[Declaration, ...]) -> Manifest:
    return Manifest(plugin=About(id="demo", summary="-"), contributes=Contributes(tools=tools, **more))  # type: ignore[arg-type]


async def test_a_plugin_that_keeps_its_contract() -> None:
    planner = ScriptedPlanner(PlannerAbstained("I only know scripts."), repeats=True)
    plugin = EmbeddedPlugin("demo", Contributions(tools=(add,), planners={"scripted": planner}))
    assert await check_plugin(plugin, samples={"add": {"a": 1, "b": 2}}) == ()


async def test_what_is_declared_is_brought_and_nothing_else() -> None:
    manifest = declaring(
        ToolDeclaration(name="subtract", summary="-", effect="pure", examples=("a", "b")),
        planners=(Declaration(name="plan"),),
        models=(Declaration(name="odd"),),
    )
    contributions = Contributions(tools=(add,), reflectors={"critic": ScriptedPlanner()}, models={"odd": 3})  # type: ignore[dict-item]
    assert await check_plugin(EmbeddedPlugin("demo", contributions, manifest=manifest)) == (
        "plugin 'demo' declares tool 'subtract', but does not bring it",
        "plugin 'demo' brings tool 'add', which its manifest does not declare",
        "plugin 'demo' declares 'plan' among its planners, but does not bring it",
        "plugin 'demo' brings 'critic' among its reflectors, which its manifest does not declare",
        "plugin 'demo' brings 'critic' among its reflectors, but it is no Reflector: it lacks inspect, judge",
        "plugin 'demo' brings 'odd' among its models, but it is no ModelBackend: it lacks open",
    )


async def test_properties_are_not_run_to_see_a_shape() -> None:
    class Unloaded:
        @property
        def dimensions(self) -> int:
            raise WeightsMissing("tiny")

        name = "tiny"

        async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
            raise WeightsMissing("tiny")

    contributions = Contributions(embedders={"tiny": Unloaded()})
    assert await check_plugin(EmbeddedPlugin("demo", contributions)) == ()


async def test_code_must_not_contradict_the_manifest() -> None:
    @tool(effect="idempotent", egress=True, untrusted_output=True)
    def fetch() -> str:
        """Fetch."""
        return ""

    manifest = declaring(ToolDeclaration(name="fetch", summary="-", effect="pure", examples=("a", "b")))
    assert await check_plugin(EmbeddedPlugin("demo", Contributions(tools=(fetch, fetch)), manifest=manifest)) == (
        "plugin 'demo' brings tool 'fetch' twice",
        "plugin 'demo' declares tool 'fetch' pure, but its code says idempotent",
        "plugin 'demo' does not declare `egress` for tool 'fetch', but its code says so",
        "plugin 'demo' does not declare `untrusted_output` for tool 'fetch', but its code says so",
    )


async def test_the_manifest_itself_is_checked() -> None:
    manifest = Manifest(
        plugin=About(id="Demo!", summary=" "),
        contributes=Contributes(tools=(ToolDeclaration(name="demo.x"), ToolDeclaration(dynamic=True, prefix="mcp"))),
    )

    @tool(name="mcp_search")
    def search() -> str:
        """Search."""
        return ""

    found = await check_plugin(EmbeddedPlugin("demo", Contributions(tools=(search,)), manifest=manifest))
    assert found == (
        "plugin 'Demo!' has an id that is not lower case letters, digits, _ and -",
        "plugin 'Demo!' needs a summary",
        "plugin 'Demo!' declares a tool named 'demo.x'; the name is needed, without the plugin's id",
        "plugin 'Demo!' declares tool 'demo.x' without a summary",
        "plugin 'Demo!' declares tool 'demo.x' with fewer than two `examples`, by which small planners find it",
        "plugin 'Demo!' declares tool 'demo.x', but does not bring it",
    )


@pytest.mark.parametrize(
    ("plugin", "sentences"),
    [
        (faults.failing_at_start(RuntimeError("no disk")), ["plugin 'failing' raises RuntimeError: no disk"]),
        (faults.failing_at_start(WeightsMissing("tiny")), []),
        (faults.failing_at_stop(RuntimeError("no disk")), ["plugin 'failing' raises RuntimeError: no disk"]),
        (quick(faults.never_starting()), ["plugin 'slow' did not start within its 0.05 seconds"]),
        (quick(faults.never_stopping()), ["plugin 'slow' did not stop within its 0.05 seconds"]),
        (EmbeddedPlugin("lying", Contributions(tools=(faults.lying(),))), [
            "plugin 'lying' declares tool 'lying' with fewer than two `examples`, by which small planners find it",
            "plugin 'lying' has a fault: tool 'lying' says it is pure but changed lie.txt",
        ]),
    ],
)  # fmt: skip
async def test_lives_that_go_wrong(plugin: EmbeddedPlugin, sentences: list[str]) -> None:
    assert await check_plugin(plugin, samples={"lying": {}}) == tuple(sentences)


async def test_a_plugin_can_be_started_again() -> None:
    lives: list[str] = []

    @asynccontextmanager
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        if lives:
            raise RuntimeError("already started")
        lives.append("first")
        yield Contributions()

    assert await check_plugin(EmbeddedPlugin("once", life=life)) == (
        "plugin 'once' raises RuntimeError: already started",
    )


async def test_hooks_that_are_none() -> None:
    class Late(EmbeddedPlugin):
        async def activate(self, context: PluginContext) -> None: ...  # type: ignore[override]

    class Unmarked(EmbeddedPlugin):
        def activate(self, context: PluginContext) -> None: ...  # type: ignore[override]

    class Bare:
        manifest = declaring()

    class Odd(EmbeddedPlugin):
        @hookimpl
        @asynccontextmanager
        async def activate(self, context: PluginContext) -> AsyncIterator[object]:  # type: ignore[override]
            yield "tools"

    assert await check_plugin(Late("demo")) == (
        "plugin 'demo' has an `async def activate`; decorate an async generator with @asynccontextmanager",
    )
    assert await check_plugin(Unmarked("demo")) == ("plugin 'demo' has an `activate` without @hookimpl",)
    assert await check_plugin(Bare()) == ("plugin 'demo' has no `activate`",)
    assert await check_plugin(Odd("demo")) == ("plugin 'demo' yields a str instead of Contributions",)
    assert await check_plugin(pytest) == (
        "plugin 'pytest': trivet.toml cannot be used: package 'pytest' has no trivet.toml",
    )


def plain() -> None:
    """No tool."""


@pytest.mark.parametrize(
    ("contributions", "sentence"),
    [
        (Contributions(tools=(plain,)), "plugin 'demo' brings 'plain' among its tools, which is no tool; decorate it with @tool"),  # type: ignore[arg-type]
        (Contributions(tools=add), "plugin 'demo' brings its tools as a ToolFunction; a tuple is meant, `tools=(one,)` with the comma"),  # type: ignore[arg-type]
        (Contributions(planners=(add,)), "plugin 'demo' brings its planners as a tuple; they go by name, `planners={\"name\": …}`"),  # type: ignore[arg-type]
        (Contributions(planners={"p": ScriptedPlanner}), "plugin 'demo' brings the class ScriptedPlanner as 'p' among its planners; an object of it is meant, `ScriptedPlanner()`"),  # type: ignore[dict-item]
    ],
)  # fmt: skip
async def test_contributions_of_the_wrong_shape(contributions: Contributions, sentence: str) -> None:
    assert await check_plugin(EmbeddedPlugin("demo", contributions, manifest=declaring())) == (sentence,)


async def test_keyword_of_a_schema_that_nobody_checks_is_pointed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "demo_of_schemas"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from trivet_sdk import Contributions, hookimpl, stateless\n\n"
        "@hookimpl\ndef activate(context):\n    return stateless(Contributions())\n"
    )
    (package / "trivet.toml").write_text('[plugin]\nid = "demo"\nsummary = "-"\n[config]\nschema = "config.json"\n')
    monkeypatch.syspath_prepend(tmp_path)
    plugin = importlib.import_module("demo_of_schemas")
    unchecked = "plugin 'demo' uses 'contains' in config.json, which is not checked"
    for schema, said in (
        ({"properties": {"roots": {"contains": {"const": "~"}}}}, (unchecked,)),
        ({"properties": {"roots": {"items": {"type": "string"}, "x-of": "path"}}}, ()),
    ):
        (package / "config.json").write_bytes(msgspec.json.encode(schema))
        assert await check_plugin(plugin) == said
    (package / "config.json").write_text("[]")
    assert await check_plugin(plugin) == (
        "plugin 'demo_of_schemas': trivet.toml cannot be used: config.json is no JSON object: "
        "Expected `object`, got `array`",
    )
