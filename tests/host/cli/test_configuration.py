"""What settings say to one plugin: checked before it starts, and at its own cost only."""

import json
from pathlib import Path

import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet

pytestmark = pytest.mark.usefixtures("alone")

SCHEMA = {
    "type": "object",
    "properties": {
        "greeting": {"type": "string", "default": "你好"},
        "depth": {"type": "integer", "minimum": 1, "default": 3},
        "roots": {"type": "array", "items": {"type": "string"}},
        "limits": {"type": "object", "properties": {"rows": {"type": "integer", "default": 10}}},
    },
    "additionalProperties": False,
}
GREETS = WORKING.replace('arguments["text"]', "str(settings)").replace(
    "    yield Contributions", "    global settings\n    settings = dict(context.settings)\n    yield Contributions"
)
MANIFEST = TOOL + '[permissions]\nsecrets = ["KEY"]\n[config]\nschema = "config.schema.json"\n'


@pytest.fixture
def greets(alone: None, site: Site, trivet: Trivet) -> None:
    """A plugin whose tool says what its settings are."""
    root = site.add("greets", GREETS, manifest=MANIFEST)
    (root / "config.schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    site.settle()
    assert trivet("plugins", "enable", "greets", "--yes").code == 0


def state(trivet: Trivet, id: str, **environment: str) -> tuple[str, str]:
    listed = trivet("plugins", "list", "--json", **environment).json()
    return next((plugin["state"], plugin["reason"]) for plugin in listed if plugin["id"] == id)


@pytest.mark.usefixtures("greets")
def test_defaults_are_filled_in_beside_what_is_set(trivet: Trivet) -> None:
    trivet("config", "set", "plugins.greets.config.depth", "7")
    assert trivet("tools", "call", "greets.say", '{"text": ""}').out == (
        "{'depth': 7, 'greeting': '你好', 'limits': {'rows': 10}}\n"
    )


@pytest.mark.usefixtures("greets")
def test_wrong_value_disables_that_plugin_alone(site: Site, trivet: Trivet, home: Path) -> None:
    site.add("other", WORKING, manifest=TOOL)
    trivet("plugins", "enable", "other", "--yes")
    trivet("config", "set", "plugins.greets.config.depth", "0")
    trivet("config", "set", "plugins.greets.config.roots", '["a", 1]')
    assert state(trivet, "greets", TRIVET_PLUGINS__GREETS__CONFIG__DETPH="1") == (
        "disabled",
        "its configuration cannot be used: "
        "'plugins.greets.config.depth' (settings.toml): must be at least 1, not 0; "
        "'plugins.greets.config.roots[1]' (settings.toml): expected a text, got 1; "
        "'plugins.greets.config': there is no 'detph'; there are: greeting, depth, roots, limits",
    )
    assert state(trivet, "other") == ("enabled", "")
    assert trivet("tools", "call", "other.say", '{"text": "x"}').out == "x\n"
    assert "depth = 0" in (home / "settings.toml").read_text()


@pytest.mark.usefixtures("greets")
def test_text_is_no_number_in_settings(trivet: Trivet) -> None:
    assert state(trivet, "greets", TRIVET_PLUGINS__GREETS__CONFIG__DEPTH='"5"')[1] == (
        "its configuration cannot be used: 'plugins.greets.config.depth' (TRIVET_PLUGINS__GREETS__CONFIG__DEPTH): "
        "expected a whole number, got '5'"
    )


@pytest.mark.usefixtures("greets")
def test_secret_stands_nowhere_but_by_reference(trivet: Trivet, home: Path) -> None:
    with (home / "settings.toml").open("a") as settings:
        settings.write('[plugins.greets.secrets]\nKEY = "sk-123"\n')
    said = state(trivet, "greets")
    assert said == (
        "disabled",
        "its configuration cannot be used: 'plugins.greets.secrets.KEY' must say where the secret is: "
        "env:NAME, file:PATH or keyring:NAME",
    )


@pytest.mark.usefixtures("greets")
def test_secret_that_the_manifest_does_not_name_is_kept_from_the_plugin(trivet: Trivet, home: Path) -> None:
    with (home / "settings.toml").open("a") as settings:
        settings.write('[plugins.greets.secrets]\nKEYS = "env:KEYS"\n')
    assert (
        trivet("plugins", "list").err
        == (
            "Note: 'plugins.greets.secrets.KEYS' is kept from plugin 'greets', whose manifest names no such secret. "
            "Did you mean 'KEY'?\n"
        )
        or "is kept from plugin 'greets'" in trivet("plugins", "list").err
    )
    assert state(trivet, "greets") == ("enabled", "")


def test_schema_that_cannot_be_read_is_named(site: Site, trivet: Trivet) -> None:
    root = site.add("greets", GREETS, manifest=MANIFEST)
    trivet("plugins", "enable", "greets", "--yes")
    sentence = "its configuration cannot be used: its schema config.schema.json is not there, or no JSON object"
    assert state(trivet, "greets") == ("disabled", sentence)
    (root / "config.schema.json").write_text("[]")
    trivet("plugins", "enable", "greets", "--yes")
    assert state(trivet, "greets") == ("disabled", sentence)


@pytest.mark.usefixtures("greets")
def test_explain_shows_where_each_value_of_a_plugin_comes_from(trivet: Trivet) -> None:
    trivet("config", "set", "plugins.greets.config.depth", "7")
    done = trivet(
        "config", "explain", "plugins.greets", "--json", TRIVET_PLUGINS__GREETS__CONFIG__LIMITS__ROWS="5"
    )  # fmt: skip
    rows = {row["key"].removeprefix("plugins.greets."): (row["value"], row["origin"]) for row in done.json()}
    assert {key: row for key, row in rows.items() if key.startswith(("config", "secrets"))} == {
        "config.depth": (7, "settings.toml"),
        "config.greeting": ("你好", "default of plugin 'greets'"),
        "config.limits.rows": (5, "TRIVET_PLUGINS__GREETS__CONFIG__LIMITS__ROWS"),
        "secrets.KEY": ("env:KEY", "default"),
    }
