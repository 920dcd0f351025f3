"""docs/reference says what the docstrings say."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"


def made() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("generate_reference", ROOT / "docs" / "generate_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


PAGES = made()


@pytest.mark.parametrize("name", sorted(PAGES))
def test_page_is_up_to_date(name: str) -> None:
    path = REFERENCE / name
    written = path.read_text(encoding="utf-8") if path.exists() else ""

    assert written == PAGES[name], f"docs/reference/{name} is old: run .venv/bin/python docs/generate_reference.py"


def test_every_public_name_of_the_sdk_has_an_entry() -> None:
    import trivet_sdk

    text = "\n".join(PAGES.values())
    names = {name for name in trivet_sdk.__all__ if f"### `{name}" not in text}

    elsewhere = {"Event", "Record"}, {"Manifest"}, {"Verdict", "SDK_VERSION", "hookimpl", "hookspec"}
    assert names == set().union(*elsewhere), "in events.md, in manifest.md, and what needs no entry"
