"""After two starts that nobody survived trivet starts without the plugins that are not its own, and says how to leave that."""

from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet
from trivet.kernel.startup import safe_roles
from trivet.settings import load_settings

CRASHES = "import os\nif 'BOOM' in os.environ:\n    os.kill(os.getpid(), 9)\n" + WORKING
ABOUT = '[plugin]\nid = "shaky"\nsummary = "A test"\nactivate = ["start"]\n'
CALL = ("tools", "call", "files.list", "{}")
EMPTY = "0 files\n"
REASON = (
    "Note: Trivet died twice in a row while it was starting, the last time with plugin 'shaky', so this is safe mode: only "
    "its own plugins run, and your settings are as they were. `trivet plugins disable shaky` leaves it out for good; any "
    "change of settings ends safe mode, and `--no-safe` tries at once.\n"
)


@pytest.fixture
def shaky(site: Site, trivet: Trivet) -> None:
    site.add("shaky", CRASHES, manifest=ABOUT + TOOL)
    site.settle()
    trivet("plugins", "enable", "shaky", "--yes")


@pytest.mark.usefixtures("shaky")
def test_two_starts_that_nobody_survived_lead_into_safe_mode_and_a_change_of_settings_out_of_it(
    trivet: Trivet, home: Path
) -> None:
    before = (home / "settings.toml").read_text()
    for _ in range(2):
        done = trivet(*CALL, BOOM="1")
        assert (done.code, done.out, done.err) == (-9, "", "")
    safe = trivet(*CALL, BOOM="1")
    assert (safe.code, safe.out, safe.err) == (0, EMPTY, REASON)
    assert (home / "settings.toml").read_text() == before
    listed = trivet("plugins", "list", "--json")
    shaky = next(plugin for plugin in listed.json() if plugin["id"] == "shaky")
    assert (shaky["state"], shaky["reason"]) == ("disabled", "left out in safe mode")
    assert trivet(*CALL, BOOM="1").err == REASON, "a start in safe mode says nothing about the plugin"
    trivet("plugins", "disable", "shaky")
    normal = trivet(*CALL, BOOM="1")
    assert (normal.code, normal.out, normal.err) == (0, EMPTY, "")


@pytest.mark.usefixtures("shaky")
def test_asked_to_trivet_starts_as_usual_and_a_start_that_succeeds_ends_it(trivet: Trivet) -> None:
    assert trivet(*CALL, BOOM="1").code == -9
    assert trivet(*CALL).out == EMPTY
    assert trivet(*CALL, BOOM="1").code == -9, "it was one in a row again"
    assert trivet(*CALL, BOOM="1").code == -9
    assert trivet(*CALL).err == REASON
    assert trivet("--no-safe", *CALL).err == ""
    assert trivet(*CALL).err == ""


PRESENT = {"planners": ("plan", "plan-smollm2"), "reflectors": ("critic",), "models": ("openai", "transformers")}


def names(kind: str) -> tuple[str, ...]:
    return PRESENT.get(kind, ())


def test_role_of_a_plugin_that_is_left_out_falls_back_to_what_is_there(home: Path) -> None:
    flags = {
        "roles.planner": "mine",
        "roles.reflector": "critic",
        "roles.model": "theirs",
        "models.theirs.backend": "x",
    }
    settings = load_settings(home, flags, environ={})
    assert safe_roles(settings, names) == (settings, ())
    safe, said = safe_roles(load_settings(home, flags, environ={}, safe=True), names)
    assert (safe.roles["planner"], safe.roles["reflector"], safe.roles["model"]) == ("plan-smollm2", "critic", "local")
    assert said == (
        "in safe mode 'plan-smollm2' is the planner, since 'mine' is left out",
        "in safe mode 'local' is the model, since the backend of 'theirs' is left out",
    )


def test_safe_mode_changes_no_role_that_is_filled(home: Path) -> None:
    flags = {"roles.planner": "plan", "roles.model": "far", "models.far.backend": "openai"}
    settings = load_settings(home, flags, environ={}, safe=True)
    assert safe_roles(settings, names) == (settings, ())
