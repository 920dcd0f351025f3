"""Plugins without a host."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType

import anyio
import pytest

from trivet_sdk import Contributions, InvalidManifest, PluginContext, PluginError, WeightsMissing, tool
from trivet_sdk.events import PluginChanged
from trivet_sdk.testing import EmbeddedPlugin, ScriptedModel, StandaloneContext, activated, call, faults, manifest_of

SOURCE = '''
from trivet_sdk import Contributions, hookimpl, stateless, tool


@hookimpl
def activate(context):
    @tool(effect="pure")
    def greet(name: str) -> str:
        """Greet."""
        return f"{context.settings['greeting']}, {name}"

    (context.data_dir / "started").touch()
    return stateless(Contributions(tools=(greet,)))
'''
MANIFEST = """
[plugin]
id = "hello"
summary = "Greets"
[[contributes.tools]]
name = "greet"
[config]
schema = "config.schema.json"
"""
SCHEMA = '{"type": "object", "properties": {"greeting": {"type": "string", "default": "Hello"}}, "additionalProperties": false}'


@pytest.fixture
def hello(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A plugin on disk, as pip would install it."""
    folder = tmp_path / "trivet_hello"
    folder.mkdir()
    (folder / "__init__.py").write_text(SOURCE)
    (folder / "trivet.toml").write_text(MANIFEST)
    (folder / "config.schema.json").write_text(SCHEMA)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "trivet_hello", raising=False)
    import trivet_hello  # type: ignore[import-not-found]

    assert isinstance(trivet_hello, ModuleType)
    return trivet_hello


async def test_a_module_is_activated_with_its_settings(hello: ModuleType) -> None:
    async with activated(hello) as contributions:
        assert (await call(contributions.tools[0], {"name": "Ada"})).text == "Hello, Ada"
    async with activated(hello, settings={"greeting": "Salut"}) as contributions:
        assert (await call(contributions.tools[0], {"name": "Ada"})).text == "Salut, Ada"


async def test_settings_that_do_not_fit_are_refused(hello: ModuleType) -> None:
    with pytest.raises(PluginError) as refused:
        async with activated(hello, settings={"greting": "Salut"}):
            pass
    assert str(refused.value) == "plugin 'hello' cannot take these settings: there is no 'greting'; there are: greeting"


async def test_a_context_can_be_looked_at(hello: ModuleType, tmp_path: Path) -> None:
    context = StandaloneContext("hello", tmp_path / "home", settings={"greeting": "Hi"})
    async with activated(hello, context=context):
        assert (tmp_path / "home" / "data" / "started").exists()


def test_a_package_without_manifest_is_none() -> None:
    with pytest.raises(InvalidManifest) as refused:
        manifest_of(anyio)
    assert str(refused.value) == "plugin 'anyio': trivet.toml cannot be used: package 'anyio' has no trivet.toml"


async def test_an_embedded_plugin_declares_what_it_contributes() -> None:
    @tool(effect="pure", examples=["shout hello"])
    def shout(text: str) -> str:
        """Shout."""
        return text.upper()

    plugin = EmbeddedPlugin("loud", Contributions(tools=(shout,), models={"scripted": ScriptedModel()}))
    declared = manifest_of(plugin).contributes
    assert [(d.name, d.summary, d.effect, d.examples) for d in declared.tools] == [
        ("shout", "Shout.", "pure", ("shout hello",))
    ]
    assert [d.name for d in declared.models] == ["scripted"]
    async with activated(plugin) as contributions:
        assert contributions is plugin.contributions


async def test_a_life_of_its_own() -> None:
    happened: list[str] = []

    @asynccontextmanager
    async def life(context: PluginContext) -> AsyncIterator[Contributions]:
        happened.append(f"{context.id} starts")
        yield Contributions()
        happened.append("stops")

    async with activated(EmbeddedPlugin("busy", life=life)):
        pass
    assert happened == ["busy starts", "stops"]


async def test_a_context_gives_secrets_weights_and_events(tmp_path: Path) -> None:
    context = StandaloneContext("demo", tmp_path, secrets={"KEY": "k"}, weights={"tiny": tmp_path})
    assert context.secret("KEY") == "k"
    assert context.weights("tiny") == tmp_path
    with pytest.raises(PluginError, match="plugin 'demo' needs the secret 'OTHER', which is not set"):
        context.secret("OTHER")
    with pytest.raises(WeightsMissing):
        context.weights("huge")
    event = PluginChanged(plugin="demo", before="starting", after="running")
    async with context.subscribe("plugin.*") as events, context.subscribe("run.*"):
        context.emit(event)
        assert await anext(events) == event
    context.publish(event)
    assert context.emitted == [event]
    async with context.contribute(Contributions()):
        assert len(context.contributed) == 1
    assert context.contributed == []


async def test_plugins_that_fail_on_purpose() -> None:
    with pytest.raises(RuntimeError, match="no"):
        async with activated(faults.failing_at_start(RuntimeError("no"))):
            pass
    started = False
    with pytest.raises(RuntimeError, match="later"):
        async with activated(faults.failing_at_stop(RuntimeError("later"))):
            started = True
    assert started
    for plugin in (faults.never_starting(), faults.never_stopping()):
        with anyio.move_on_after(0.05) as scope:
            async with activated(plugin):
                pass
        assert scope.cancelled_caught
