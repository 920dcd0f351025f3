"""Plugins as they are found, shown and enabled."""

import shutil
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet

pytestmark = pytest.mark.usefixtures("alone")


def test_plugin_in_an_archive_on_the_path_works(site: Site, trivet: Trivet, tmp_path: Path) -> None:
    site.add("packed", WORKING, manifest=TOOL)
    archive = shutil.make_archive(str(tmp_path / "packed-0.1.0"), "zip", site.folder)
    assert trivet("plugins", "enable", "packed", "--yes", PYTHONPATH=archive).code == 0
    assert trivet("tools", "call", "packed.say", '{"text": "x"}', PYTHONPATH=archive).out == "x\n"


def test_enabling_shows_what_the_plugin_may_do(site: Site, trivet: Trivet) -> None:
    permissions = (
        '[permissions]\nnetwork = ["*:443"]\nfiles = ["read:workspace"]\nsubprocess = true\nsecrets = ["KEY"]\n'
    )
    site.add("wide", WORKING, manifest=TOOL.replace('"pure"', '"effectful"') + permissions)
    assert trivet("plugins", "enable", "wide", "--yes").out == (
        "wide  wide-plugin 0.1.0: A test\n"
        "It may\n"
        "  network      advisory  *:443\n"
        "  files        advisory  read:workspace\n"
        "  subprocess   advisory  yes\n"
        "  secrets      advisory  KEY\n"
        "  change       advisory  say (effectful)\n"
        "  It runs inside trivet's own process: these are its promises, which nothing enforces.\n"
        "Plugin 'wide' is enabled. It brings one tool.\n"
    )


def test_mended_plugin_is_no_longer_failed(site: Site, trivet: Trivet) -> None:
    root = site.add("shaky", "raise RuntimeError('boom')", manifest=TOOL)
    trivet("plugins", "enable", "shaky", "--yes")
    assert "failed: raised while starting: RuntimeError: boom" in trivet("plugins", "why", "shaky").out
    (root / "__init__.py").write_text(WORKING)
    trivet("plugins", "enable", "shaky", "--yes")
    assert trivet("plugins", "why", "shaky").out.startswith("Plugin 'shaky' (shaky-plugin 0.1.0) is enabled\n")


def test_safe_leaves_the_plugin_out_and_changes_no_settings(site: Site, home: Path, trivet: Trivet) -> None:
    site.add("extra", WORKING, manifest=TOOL)
    trivet("plugins", "enable", "extra", "--yes")
    before = (home / "settings.toml").read_text()
    states = {plugin["id"]: plugin for plugin in trivet("plugins", "list", "--json", "--safe").json()}
    assert (states["extra"]["state"], states["extra"]["reason"]) == ("disabled", "left out in safe mode")
    assert trivet("--safe", "tools", "call", "say", '{"text": "x"}').code == 2
    assert (home / "settings.toml").read_text() == before
    assert trivet("tools", "call", "say", '{"text": "x"}').code == 0


def test_spec_that_differs_from_the_recorded_one_is_refused_by_name(site: Site, trivet: Trivet) -> None:
    source = WORKING.replace(
        'summary="Say a text again"', 'summary="Say", description=__import__("os").environ.get("MOOD", "")'
    )
    site.add("moody", source, manifest=TOOL)
    trivet("plugins", "enable", "moody", "--yes")
    assert trivet("tools", "call", "say", '{"text": "x"}').out == "x\n"
    done = trivet("tools", "call", "say", '{"text": "x"}', MOOD="dark")
    assert done.code == 2
    assert done.err == (
        "Error: Plugin 'moody' cannot be used: tool 'moody.say' is refused: it differs from what was recorded when it "
        "was enabled; `trivet plugins enable moody` records it anew\n"
    )


def test_unknown_plugin_is_answered_with_the_nearest(trivet: Trivet) -> None:
    done = trivet("plugins", "info", "tabel")
    assert done.code == 2
    assert done.err == (
        "Error: Plugin 'tabel' is not installed. Did you mean 'table'? `trivet plugins list` shows what is.\n"
    )
