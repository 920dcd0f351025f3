"""What a plugin can do with the context it is given."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import anyio
import pytest
import structlog

from tests.host.kernel.test_kernel import Echo, Plugin, kernel_of, settings_in
from trivet.kernel import open_kernel
from trivet.settings import load_settings
from trivet_sdk import Contributions, Event, PluginContext, PluginError, WeightsMissing

pytestmark = pytest.mark.anyio


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


class Rang(Event, frozen=True, kw_only=True):
    topic: ClassVar[str] = "bell.rang"
    times: int


class Curious(Plugin):
    """Keeps its context while it runs."""

    context: PluginContext

    async def _usual(self, context: PluginContext) -> AsyncIterator[Contributions]:
        self.context = context
        yield Contributions(tools=tuple(Echo(name) for name in self._tools))


@asynccontextmanager
async def context_of(home: Path, more: str = "") -> AsyncIterator[tuple[PluginContext, Any]]:
    plugin = Curious("alpha", "say", more=more)
    async with kernel_of(home, plugin) as kernel:
        yield plugin.context, kernel


async def test_directories_are_the_plugins_own(home: Path) -> None:
    async with context_of(home) as (context, _):
        assert context.data_dir == home / "data" / "alpha"
        assert context.cache_dir.is_dir()


async def test_log_goes_to_stderr_with_the_plugins_name(home: Path, capfd: pytest.CaptureFixture[str]) -> None:
    async with context_of(home) as (context, _):
        context.log.warning("it rains", where="outside")
    structlog.reset_defaults()
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "it rains" in shown.err
    assert "plugin=alpha" in shown.err


async def test_declared_topic_is_published_and_another_refused(home: Path) -> None:
    async with context_of(home, '[[contributes.events]]\nname = "bell.rang"\n') as (context, kernel):
        with kernel.bus.subscribe("bell.*") as events:
            context.emit(Rang(times=3))
            with anyio.fail_after(5):
                assert await anext(aiter(events)) == Rang(times=3)
    async with context_of(home) as (context, _):
        with pytest.raises(PluginError) as caught:
            context.emit(Rang(times=3))
    assert str(caught.value) == "plugin 'alpha' publishes 'bell.rang', which its manifest does not declare as an event"


async def test_plugin_listens_to_the_bus(home: Path) -> None:
    async with context_of(home) as (context, kernel):
        async with context.subscribe("bell.*") as events:
            kernel.bus.emit(Rang(times=1))
            with anyio.fail_after(5):
                assert await anext(events) == Rang(times=1)


async def test_contributions_come_and_go_with_their_scope(home: Path) -> None:
    dynamic = '[[contributes.tools]]\ndynamic = true\nprefix = "mcp_"\negress = true\n'
    async with context_of(home, dynamic) as (context, kernel):
        async with context.contribute(Contributions(tools=(Echo("mcp_fetch"),))):
            spec = kernel.find_tool("mcp_fetch")
            assert (spec.name, spec.egress) == ("alpha.mcp_fetch", True)
        assert [spec.name for spec in kernel.tools()] == ["alpha.say"]
        with pytest.raises(PluginError) as caught:
            async with context.contribute(Contributions(tools=(Echo("fetch"),))):
                pass
    assert str(caught.value) == (
        "plugin 'alpha' contributed what it may not: tool 'fetch' is refused: the manifest does not declare it"
    )


async def test_secret_must_be_named_in_the_manifest_or_in_the_users_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ALPHA_KEY", "s3cret")
    (tmp_path / "key").write_text("from a file\n")
    async with context_of(home, '[permissions]\nsecrets = ["ALPHA_KEY", "UNSET_KEY"]\n') as (context, kernel):
        assert context.secret("ALPHA_KEY") == "s3cret"
        assert kernel.secrets("alpha.say") == {"ALPHA_KEY": "s3cret"}
        for name, sentence in (
            ("UNSET_KEY", "needs a secret: the secret 'env:UNSET_KEY' cannot be read: "
                          "the environment variable UNSET_KEY is not set"),
            ("HOME", "asks for the secret 'HOME', which its manifest does not name"),
            ("file:/etc/shadow", "asks for the secret 'file:/etc/shadow', which its manifest does not name"),
        ):  # fmt: skip
            with pytest.raises(PluginError) as caught:
                context.secret(name)
            assert str(caught.value) == f"plugin 'alpha' {sentence}"
    key = f"file:{tmp_path / 'key'}"
    settings = load_settings(home, {"models.big.backend": "x", "models.big.api_key": key}, environ={})
    plugin = Curious("alpha", "say", more='[[contributes.models]]\nname = "x"')
    other = Curious("beta", "say", more='[[contributes.models]]\nname = "y"')
    async with open_kernel(settings, (plugin, other), capture=False) as kernel:
        await kernel.start("alpha")
        await kernel.start("beta")
        assert plugin.context.secret(key) == "from a file"
        with pytest.raises(PluginError):
            other.context.secret(key)  # the key of a model that another plugin serves


async def test_missing_model_files_are_told_with_the_command(home: Path) -> None:
    more = '[[contributes.weights]]\nname = "tiny"\nsource = "pypi:tiny-model==1.0#tiny/model.bin"\n'
    async with context_of(home, more) as (context, _):
        with pytest.raises(WeightsMissing) as caught:
            context.weights("tiny")
        assert str(caught.value) == (
            "the model files 'tiny' are not on this machine. Fetch them with `trivet models pull tiny`."
        )
        file = home / "weights" / "tiny" / "model.bin"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
        assert context.weights("tiny") == file


@pytest.mark.parametrize(("mode", "state"), [("use", "resolved"), ("start", "running"), ("event:bell.*", "resolved")])
async def test_plugin_starts_when_its_manifest_says(home: Path, mode: str, state: str) -> None:
    plugin = Plugin("alpha", "say", more=f'activate = ["{mode}"]')
    async with open_kernel(settings_in(home), (plugin,), capture=False) as kernel:

        def now() -> str:
            return next(record.state for record in kernel.plugins() if record.id == "alpha")

        assert now() == state
        if mode.startswith("event:"):
            with kernel.bus.subscribe("plugin.changed") as changes, anyio.fail_after(5):
                kernel.bus.emit(Rang(times=1))
                async for change in changes:
                    if getattr(change, "after", "") == "running":
                        break
            assert now() == "running"
