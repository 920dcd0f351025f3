"""One plugin under several names, each with what is its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from trivet.kernel import open_kernel
from trivet.kernel.discovery import Candidate
from trivet.kernel.instances import instances
from trivet.packages.trust import FIRST_PARTY
from trivet.settings import load_settings
from trivet_sdk import Contributions, PluginContext, TextPart, ToolContext, ToolResult, ToolSpec, hookimpl, result
from trivet_sdk.manifest import About, Manifest
from trivet_sdk.testing.calling import call

pytestmark = pytest.mark.anyio


class Where:
    spec = ToolSpec(name="where", summary="Say where", parameters={"type": "object"}, effect="pure")

    def __init__(self, context: PluginContext) -> None:
        self._context = context

    async def call(self, arguments: Any, ctx: ToolContext) -> ToolResult:
        context = self._context
        place = f"{context.id} {context.settings.get('place')} {context.data_dir.name} {context.cache_dir.name}"
        return result(f"{place} {context.secret('KEY')}")


class Servers:
    manifest = (
        '[plugin]\nid = "servers"\nsummary = "A test"\n[permissions]\nsecrets = ["KEY"]\n'
        '[[contributes.tools]]\nname = "where"\neffect = "pure"\n'
    )

    @hookimpl
    @asynccontextmanager
    async def activate(self, context: PluginContext) -> AsyncIterator[Contributions]:
        yield Contributions(tools=(Where(context),))


async def test_each_instance_has_name_config_directories_secrets_and_tools_of_its_own(tmp_path: Path) -> None:
    flags: dict[str, Any] = {f"plugins.{id}.enabled": False for id in FIRST_PARTY}
    for name in ("notes", "笔记"):
        flags |= {f"plugins.{name}.plugin": "servers", f"plugins.{name}.config": {"place": f"at-{name}"}}
        (tmp_path / name).write_text(f"secret-of-{name}")
        flags[f"plugins.{name}.secrets"] = {"KEY": f"file:{tmp_path / name}"}
    settings = load_settings(tmp_path / "home", flags, environ={})
    async with open_kernel(settings, (Servers(),)) as kernel:
        assert [spec.name for spec in kernel.tools()] == ["notes.where", "servers.where", "笔记.where"]
        for name in ("notes", "笔记"):
            tool = await kernel.tool(f"{name}.where")
            (part,) = (await call(tool, {})).parts
            assert isinstance(part, TextPart)
            assert part.text == f"{name} at-{name} {name} {name} secret-of-{name}"
        assert {record.id: record.instance_of for record in kernel.plugins() if not record.distribution} == {
            "notes": "servers", "servers": "", "笔记": "servers",
        }  # fmt: skip
        assert kernel.problems == ()


def test_instances_that_cannot_be_are_told() -> None:
    there = {id: Candidate(id=id, manifest=Manifest(plugin=About(id=id, summary=""))) for id in ("mcp", "table")}
    found, problems = instances(
        there,
        {
            "fine": {"plugin": "mcp"},
            "mcp": {"plugin": "mcp"},
            "table": {"plugin": "mcp"},
            "a.b": {"plugin": "mcp"},
            "second": {"plugin": "fine"},
            "lost": {"plugin": "mpc"},
            "odd": {"plugin": 3},
        },
    )
    assert list(found) == ["fine"]
    assert found["fine"].manifest is not None
    assert found["fine"].manifest.id == "fine"
    assert problems == (
        "plugins.a.b: the name of an instance may hold no space, dot, colon or slash; choose another",
        "plugins.lost: it names the plugin 'mpc', which is not installed; its settings are kept. Did you mean 'mcp'?",
        "plugins.odd: 'plugin' must be the id of a plugin, not 3",
        "plugins.second: 'fine' is an instance itself; name the plugin 'mcp'",
        "plugins.table: an instance of 'mcp' cannot have the name of an installed plugin; choose another",
    )
