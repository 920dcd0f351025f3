"""Instances of one plugin and migrated settings, as a user meets them."""

from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet

pytestmark = pytest.mark.usefixtures("alone")

SETTINGS = """
# Mine.
[plugins."笔记"]
plugin = "wiki"
[plugins."笔记".config]
root = "here" # kept
"""
MIGRATING = """
[config]
schema = "config.schema.json"
version = 2
[[config.migrate]]
to = 2
renamed = { root = "folder" }
"""
SCHEMA = '{"type": "object", "properties": {"folder": {"type": "string"}}, "additionalProperties": false}'


def test_instance_is_enabled_by_its_name_with_its_settings_migrated(site: Site, home: Path, trivet: Trivet) -> None:
    says_where = WORKING.replace('arguments["text"]', 'self.where + arguments["text"]').replace(
        "    yield", "    Say.where = context.settings['folder']\n    yield"
    )
    root = site.add("wiki", says_where, manifest=TOOL + MIGRATING)
    (root / "config.schema.json").write_text(SCHEMA)
    settings = home / "settings.toml"
    settings.write_text(settings.read_text() + SETTINGS, encoding="utf-8")
    done = trivet("plugins", "enable", "笔记", "--yes")
    assert done.code == 0, done
    assert done.err == (
        "Note: The configuration of plugin '笔记' was brought from version 1 to 2: 'root' is now 'folder'\n"
    )
    text = settings.read_text(encoding="utf-8")
    assert "# Mine." in text
    assert 'folder = "here"' in text
    assert "root" not in text
    assert "config_version = 2" in text
    assert trivet("tools", "call", "笔记.say", '{"text": "!"}').out == "here!\n"
    listed = {plugin["id"]: plugin for plugin in trivet("plugins", "list", "--json").json()}
    assert (listed["wiki"]["state"], listed["笔记"]["state"]) == ("disabled", "enabled")
    assert listed["笔记"]["instance_of"] == "wiki"
    assert trivet("plugins", "why", "笔记").out == (
        "Plugin '笔记' (wiki-plugin 0.1.0) is enabled\n"
        "It is here because settings.toml names it as an instance of 'wiki'.\n"
    )
    assert trivet("plugins", "why", "wiki").out.endswith("It is needed by its instance '笔记'.\n")
    assert trivet("plugins", "uninstall", "笔记", "--yes").err == (
        "Error: '笔记': it is an instance of plugin 'wiki'. `trivet plugins disable 笔记` leaves it out; to be rid of it, remove "
        "[plugins.笔记] from settings.toml.\n"
    )


def test_trace_shows_calls_times_and_errors(site: Site, trivet: Trivet) -> None:
    assert trivet("plugins", "trace").out == "Nothing was called yet, or since `--reset`.\n"
    site.add("fine", WORKING, manifest=TOOL)
    trivet("plugins", "enable", "fine", "--yes")
    assert trivet("tools", "call", "say", '{"text": "x"}').code == 0
    assert trivet("plugins", "trace", "nobody").err == (
        "Error: Plugin 'nobody' is not installed. `trivet plugins list` shows what is.\n"
    )
    assert trivet("plugins", "trace", "files").out == "Nothing of plugin 'files' was called yet, or since `--reset`.\n"
    head, *rows = trivet("plugins", "trace").out.splitlines()
    assert head.split() == ["PLUGIN", "WHAT", "CALLS", "ERRORS", "P50", "P99", "SLOWEST"]
    assert rows
    (started,) = (each for each in trivet("plugins", "trace", "fine", "--json").json() if each["what"] == "start")
    assert (started["calls"], started["errors"]) == (1, 0)
    assert 0 < started["p50"] <= started["p99"] <= started["slowest"]
    assert trivet("plugins", "trace", "--reset").code == 0
    assert trivet("plugins", "trace").out == "Nothing was called yet, or since `--reset`.\n"
