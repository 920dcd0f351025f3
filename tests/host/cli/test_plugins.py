"""Plugins as they are found, shown and enabled."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet
from tests.host.cli.test_run import install
from trivet_sandbox import worker_readiness

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
        "  environment  advisory  all of trivet's\n"
        "  secrets      advisory  KEY\n"
        "  change       advisory  say (effectful)\n"
        "  It runs inside trivet's own process: these are its promises, which nothing enforces.\n"
        "Plugin 'wide' is enabled. It brings one tool.\n"
    )


def test_info_says_what_holds_a_worker_to_its_permissions(
    site: Site, trivet: Trivet, skip_without: Callable[[str, str], None], tmp_path: Path
) -> None:
    found = worker_readiness(tmp_path)
    if not found.is_usable:
        skip_without("bubblewrap", found.reason)
    about, _, tools = TOOL.partition("[[")
    site.add(
        "held", WORKING, manifest=f'{about}isolation = "process"\n[[{tools}[permissions]\nfiles = ["read:workspace"]\n'
    )
    held = (
        "may\n"
        "  network      enforced  none\n"
        "  files        enforced  read:workspace\n"
        "  subprocess   enforced  no\n"
        "  environment  enforced  what programs need, without secrets\n"
        "  secrets      enforced  none\n"
        "  It runs in a process of its own, in a sandbox that holds it to what is enforced.\n"
    )
    assert held in trivet("plugins", "info", "held").out

    trivet("config", "set", "plugins.held.sandbox", "off")

    promised = held[: held.index("  secrets")].replace("enforced", "advisory") + (
        "  secrets      enforced  none\n"
        "  It runs in a process of its own and gets no other secrets; what is advisory is its promise, as it lives in no sandbox:"
        ' plugins.held.sandbox is "off".\n'
    )
    assert promised in trivet("plugins", "info", "held").out
    permissions = trivet("plugins", "info", "held", "--json").json()["permissions"]
    assert permissions[1] == {"what": "files", "value": "read:workspace", "force": "advisory"}


def test_enabling_shows_what_leaves_and_what_comes_in(site: Site, trivet: Trivet) -> None:
    site.add("courier", WORKING, manifest=TOOL + "egress = true\nuntrusted_output = true\n")
    out = trivet("plugins", "enable", "courier", "--yes").out
    assert "  send away    advisory  data, by say\n  bring in     advisory  text from outside, by say\n" in out


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


def test_stricter_word_of_manifest_and_code_holds(site: Site, trivet: Trivet) -> None:
    source = WORKING.replace('effect="pure"', 'effect="effectful", egress=True')
    site.add("sly", source, manifest=TOOL)
    done = trivet("plugins", "enable", "sly", "--yes")
    assert done.code == 0
    assert done.err == (
        "Note: Tool 'sly.say' counts as effectful and sending data away: its code says so, though its manifest does not\n"
    )
    spec = next(each for each in trivet("tools", "list", "--json").json() if each["name"] == "sly.say")
    assert (spec["effect"], spec["egress"]) == ("effectful", True)
    refused = trivet("tools", "call", "say", '{"text": "x"}')
    assert refused.err.endswith("Error: 'sly.say' changes something and there is no terminal to ask in; give --yes.\n")


def test_manifest_may_be_stricter_than_the_code(site: Site, trivet: Trivet) -> None:
    site.add("careful", WORKING, manifest=TOOL.replace('"pure"', '"effectful"'))
    assert trivet("plugins", "enable", "careful", "--yes").err == ""
    spec = next(each for each in trivet("tools", "list", "--json").json() if each["name"] == "careful.say")
    assert spec["effect"] == "effectful"


def test_tool_is_shown_with_its_arguments_and_a_call(site: Site, trivet: Trivet) -> None:
    manifest = TOOL + 'examples = ["say hello", "说你好"]\n'
    site.add(
        "fine",
        WORKING.replace('{"type": "string"}', '{"type": "string", "description": "What to say."}'),
        manifest=manifest,
    )
    trivet("plugins", "enable", "fine", "--yes")
    assert trivet("tools", "show", "say").out == (
        "fine.say: Say a text again\n"
        "\n"
        "effect       pure: changes nothing\n"
        "\n"
        "ARGUMENT  TYPE          MEANING\n"
        "text      text  needed  What to say.\n"
        "\n"
        "For goals like\n"
        "  say hello\n"
        "  说你好\n"
        "\n"
        'Call it:  trivet tools call fine.say \'{"text": "…"}\'\n'
    )
    assert trivet("tools", "show", "sya").err == (
        "Error: No enabled plugin has a tool 'sya'. Did you mean 'say'? `trivet tools list` shows all.\n"
    )


def test_argument_that_is_unknown_is_named_with_the_nearest(site: Site, home: Path, trivet: Trivet) -> None:
    install(site, home)
    wrong = trivet("tools", "call", "say", '{"txt": "x"}')
    assert wrong.code == 1
    assert wrong.err.endswith(
        "Error: Tool 'say' cannot take these arguments: 'text' is missing. 'txt' is no argument of it. Did you mean 'text'? "
        "`trivet tools show say` shows what it takes.\n"
    )


def test_unknown_plugin_is_answered_with_the_nearest(trivet: Trivet) -> None:
    done = trivet("plugins", "info", "tabel")
    assert done.code == 2
    assert done.err == (
        "Error: Plugin 'tabel' is not installed. Did you mean 'table'? `trivet plugins list` shows what is.\n"
    )
