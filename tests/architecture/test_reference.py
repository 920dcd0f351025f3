"""docs/reference says what the docstrings say."""

import importlib.util
import json
import tomllib
from pathlib import Path
from types import ModuleType

import jsonschema  # type: ignore[import-untyped]
import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate_reference", ROOT / "docs" / "generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GENERATOR = generator()
PAGES: dict[str, str] = GENERATOR.pages()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_up_to_date(name: str) -> None:
    path = REFERENCE / name
    written = path.read_text(encoding="utf-8") if path.exists() else ""

    assert written == PAGES[name], f"docs/reference/{name} is old: run .venv/bin/python docs/generate_reference.py"


def test_schema_of_the_manifest_is_up_to_date() -> None:
    written = GENERATOR.SCHEMA.read_text(encoding="utf-8")

    assert written == GENERATOR.schema(), "trivet.schema.json is old: run .venv/bin/python docs/generate_reference.py"


@pytest.mark.parametrize(
    "manifest", sorted(ROOT.glob("plugins/*/trivet_*/trivet.toml")), ids=lambda path: path.parent.name
)
def test_schema_takes_every_manifest_of_this_repository_and_no_misspelt_one(manifest: Path) -> None:
    schema = json.loads(GENERATOR.SCHEMA.read_text(encoding="utf-8"))
    table = tomllib.loads(manifest.read_text(encoding="utf-8"))

    jsonschema.validate(table, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**table, "plugin": {**table["plugin"], "sumary": "-"}}, schema)


def test_every_public_name_of_the_sdk_has_an_entry() -> None:
    import trivet_sdk

    text = "\n".join(PAGES.values())
    names = {name for name in trivet_sdk.__all__ if f"### `{name}" not in text}

    elsewhere = {"Event", "Record"}, {"Manifest"}, {"Verdict", "SDK_VERSION", "hookimpl", "hookspec"}
    assert names == set().union(*elsewhere), "in events.md, in manifest.md, and what needs no entry"
