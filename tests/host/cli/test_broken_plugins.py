"""One bad plugin is named and left out; every management command still works."""

from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet

pytestmark = pytest.mark.usefixtures("alone")

ASYNC_HOOK = """
from trivet_sdk import Contributions, hookimpl

@hookimpl
async def activate(context):
    return Contributions()
"""
RAISES_IN_ACTIVATE = """
from contextlib import asynccontextmanager
from trivet_sdk import hookimpl

@hookimpl
@asynccontextmanager
async def activate(context):
    raise KeyError("index")
    yield
"""
COMMANDS = (
    ("--version",),
    ("--help",),
    ("plugins", "list"),
    ("plugins", "info", "bad"),
    ("plugins", "why", "bad"),
    ("tools", "list"),
    ("models", "list"),
    ("config", "show"),
    ("config", "explain"),
    ("config", "path"),
    ("plugins", "disable", "bad"),
)


def test_management_commands_work_beside_plugins_that_raise_at_import(site: Site, trivet: Trivet) -> None:
    site.add("bad", "raise RuntimeError('boom')", manifest=TOOL)
    site.add("exits", "import sys; sys.exit(3)", manifest=TOOL)
    site.add("lacks", "import not_there", manifest=TOOL)
    site.add("typo", "syntax error", manifest=TOOL)
    for id in ("bad", "exits", "lacks", "typo"):
        assert trivet("plugins", "enable", id, "--yes").code == 1
    for command in COMMANDS:
        done = trivet(*command)
        assert done.code == 0, (command, done)
        assert "Traceback" not in done.err
    listed = trivet("plugins", "list")
    assert {"bad", "exits", "lacks", "typo"} <= {line.split()[0] for line in listed.out.splitlines()}
    assert (
        "Note: Plugin 'typo' (typo-plugin 0.1.0) failed: raised while starting: SyntaxError: invalid syntax"
        in listed.err
    )


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('boom')", "raised while starting: RuntimeError: boom"),
        ("import sys; sys.exit(3)", "raised while starting: RuntimeError: SystemExit(3)"),
        ("import time; time.sleep(60)", "did not start within 1 seconds"),
        (ASYNC_HOOK, "implements hook 'activate' as an async def, which nobody would await. "
                     "Hooks are synchronous: return an async context manager."),
        (RAISES_IN_ACTIVATE, "raised while starting: KeyError: 'index'"),
        ("", "implements no 'activate'. Mark it with @hookimpl."),
    ],
)  # fmt: skip
def test_plugin_that_cannot_start_is_named_and_the_others_are_called(
    site: Site, trivet: Trivet, source: str, reason: str
) -> None:
    site.add("bad", source, manifest=TOOL)
    site.add("good", WORKING, manifest=TOOL)
    assert trivet("plugins", "enable", "good", "--yes").out.endswith("Plugin 'good' is enabled. It brings one tool.\n")
    enabled = trivet("plugins", "enable", "bad", "--yes")
    assert (enabled.code, enabled.err) == (1, f"Note: Plugin 'bad' is enabled, but it failed: {reason}\n")
    assert trivet("tools", "call", "good.say", '{"text": "你好"}').out == "你好\n"
    assert trivet("plugins", "why", "bad").out.startswith(f"Plugin 'bad' (bad-plugin 0.1.0) failed: {reason}")


def reason_of(trivet: Trivet, id: str) -> str:
    return next(str(plugin["reason"]) for plugin in trivet("plugins", "list", "--json").json() if plugin["id"] == id)


def test_manifest_problems_are_sentences(site: Site, trivet: Trivet) -> None:
    site.add("none", manifest=None)
    site.add("broken", manifest="[plugin]\nid = ")
    site.add("typo", manifest='[plugin]\nid = "typo"\nsummary = "x"\nisolaton = "inprocess"\n')
    site.add("other", manifest='[plugin]\nid = "another"\nsummary = "x"\n')
    site.add("future", manifest='[plugin]\nid = "future"\nsummary = "x"\nsdk = ">=2"\n')
    namespace = site.add("space")
    (namespace / "__init__.py").unlink()
    reasons = {plugin["id"]: plugin for plugin in trivet("plugins", "list", "--json").json()}
    assert reasons["none"]["reason"] == "package 'none_plugin' has no trivet.toml"
    assert reasons["broken"]["reason"] == "trivet.toml cannot be used: Invalid value (at end of document)"
    assert (
        reasons["typo"]["reason"]
        == "trivet.toml cannot be used: Object contains unknown field `isolaton` - at `$.plugin`"
    )
    assert reasons["other"]["reason"] == "its manifest says id 'another', but its entry point is named 'other'"
    assert reasons["future"]["reason"] == "it is made for SDK >=2, and this host has SDK 1.0"
    assert reasons["space"]["reason"] == (
        "package 'space_plugin' is a namespace package, which cannot hold a manifest. Add an __init__.py."
    )
    assert {reasons[id]["state"] for id in ("none", "broken", "typo", "other", "future", "space")} == {"incompatible"}


def test_one_id_of_two_distributions_is_neither(site: Site, trivet: Trivet) -> None:
    site.add("twin", distribution="one")
    site.add("twin", distribution="two", package="two_plugin")
    assert reason_of(trivet, "twin") == ("its id is claimed by one 0.1.0 and two 0.1.0. Uninstall all but one of them.")


def test_id_stays_with_whom_it_was_enabled_or_whom_trivet_brings(site: Site, trivet: Trivet) -> None:
    site.add("twin", WORKING, manifest=TOOL, distribution="one")
    assert trivet("plugins", "enable", "twin", "--yes").code == 0
    site.add("twin", distribution="another", package="two_plugin")
    site.add("calculate", distribution="my-calculate", package="mine_plugin")
    listed = {plugin["id"]: plugin for plugin in trivet("plugins", "list", "--json").json()}
    assert (listed["twin"]["distribution"], listed["twin"]["state"]) == ("one", "enabled")
    assert listed["calculate"]["distribution"] == "trivet-calculate"


def test_name_of_a_distribution_leads_to_its_plugin(site: Site, trivet: Trivet) -> None:
    site.add("search", distribution="acme-extended-search")
    assert trivet("plugins", "info", "acme_extended-search").err == (
        "Error: Plugin 'acme_extended-search' is not installed. Did you mean 'search'? `trivet plugins list` shows what is.\n"
    )


def test_enabling_what_cannot_be_configured_says_so(site: Site, trivet: Trivet) -> None:
    schema = '{"type": "object", "properties": {"size": {"type": "integer"}}}'
    root = site.add("sized", WORKING, manifest=TOOL + '[config]\nschema = "config.json"\n')
    (root / "config.json").write_text(schema)
    trivet("config", "set", "plugins.sized.config.size", '"big"')
    done = trivet("plugins", "enable", "sized", "--yes")
    assert done.code == 1
    assert "Note: Plugin 'sized' is enabled, but cannot run yet: its configuration cannot be used: " in done.err


def test_plugins_that_need_each_other_are_both_named(site: Site, trivet: Trivet) -> None:
    site.add("a", WORKING, manifest='[requires]\nplugins = ["b"]\n')
    site.add("b", WORKING, manifest='[requires]\nplugins = ["a"]\n')
    trivet("config", "set", "plugins.a.enabled", "true")
    assert reason_of(trivet, "a").startswith("enabled without a pin")
    trivet("plugins", "enable", "a", "--yes")
    trivet("plugins", "enable", "b", "--yes")
    assert reason_of(trivet, "a") == "it needs itself: a -> b -> a"
    assert reason_of(trivet, "b") == "it needs itself: b -> a -> b"


def test_installed_is_not_enabled_and_a_change_disables(site: Site, trivet: Trivet) -> None:
    root = site.add("extra", WORKING, manifest=TOOL)
    assert reason_of(trivet, "extra") == (
        "installed but not enabled; `trivet plugins enable extra` shows what it may do and enables it"
    )
    assert trivet("tools", "call", "extra.say", '{"text": "x"}').code == 2
    assert trivet("plugins", "enable", "extra").err.endswith("There is no terminal to ask in; give --yes to agree.\n")
    trivet("plugins", "enable", "extra", "--yes")
    assert trivet("tools", "call", "say", '{"text": "x"}').out == "x\n"
    (root / "more.py").write_text("evil = True\n")
    assert reason_of(trivet, "extra") == (
        "changed since it was enabled (extra-plugin 0.1.0, now extra-plugin 0.1.0): "
        "added: extra_plugin/more.py; `trivet plugins enable extra` shows that and enables it again"
    )
    assert trivet("tools", "call", "say", '{"text": "x"}').code == 2


def test_package_that_calls_itself_editable_is_pinned_all_the_same(site: Site, home: Path, trivet: Trivet) -> None:
    site.add("sly", WORKING, manifest=TOOL)
    (site.folder / "sly_plugin-0.1.0.dist-info" / "direct_url.json").write_text(
        '{"url": "file:///nowhere", "dir_info": {"editable": true}}'
    )
    assert trivet("plugins", "enable", "sly", "--yes").err == ""
    assert 'digest = "' in (home / "settings.toml").read_text()


def test_settings_of_a_missing_plugin_are_kept_and_told(trivet: Trivet) -> None:
    trivet("config", "set", "plugins.gone.config.depth", "3")
    done = trivet("plugins", "list")
    assert done.code == 0
    assert "Note: Settings for plugin 'gone' are kept, but no such plugin is installed\n" in done.err
    assert "depth = 3" in trivet("config", "show").out


def test_broken_metadata_of_a_neighbour_hides_nobody(site: Site, trivet: Trivet) -> None:
    site.add("fine")
    neighbour = site.folder / "neighbour-1.0.dist-info"
    neighbour.mkdir()
    (neighbour / "entry_points.txt").write_text("[trivet.plugins]\nthis is no entry point\n")
    assert "fine" in trivet("plugins", "list").out
