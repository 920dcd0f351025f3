"""A project for a new plugin, from the templates that lie beside this file as package data.

A template's files end in `.in`; `@name@` in them is replaced. What is particular to a kind stands in its template.toml.
"""

import importlib.resources
import time
import tomllib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

KINDS = (
    "tool", "planner", "reflector", "executor", "model", "embedder", "context", "policy", "gateway", "service", "guard",
    "journal",
)  # fmt: skip
_COMMON = {
    "pyproject.toml.in": "pyproject.toml",
    "README.md.in": "README.md",
    "LICENSE.in": "LICENSE",
    "gitignore.in": ".gitignore",
    "check.yml.in": ".github/workflows/check.yml",
    "conftest.py.in": "tests/conftest.py",
}


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`template.toml` of a kind."""

    summary: str
    module: str
    """The module that does the work."""
    dependencies: tuple[str, ...] = ()
    """Beside the SDK."""
    check: str = ""
    """The body of `[tool.trivet.check]`."""
    usage: str
    """Of the README."""


def project_of(kind: str, id: str) -> dict[str, bytes]:
    """Path within the project -> content, for a plugin of one of KINDS."""
    templates = importlib.resources.files(__package__).joinpath("templates")
    own = templates / kind
    template = msgspec.convert(tomllib.loads((own / "template.toml").read_text(encoding="utf-8")), Template)
    package = f"trivet_{id.replace('-', '_')}"
    names = {
        "id": id,
        "package": package,
        "distribution": f"trivet-{id}",
        "module": template.module,
        "summary": template.summary,
        "year": time.strftime("%Y"),
        "dependencies": "".join(f', "{requirement}"' for requirement in template.dependencies),
    }
    names["check"] = _filled(template.check.strip(), names)
    names["usage"] = _filled(template.usage, names).lstrip("\n")
    places = {
        "init.py.in": f"{package}/__init__.py",
        "module.py.in": f"{package}/{template.module}.py",
        "test.py.in": f"tests/test_{template.module}.py",
        "trivet.toml.in": f"{package}/trivet.toml",
        "config.schema.json.in": f"{package}/config.schema.json",
    }
    files = {f"{package}/py.typed": b""}
    for source, path in _COMMON.items():
        files[path] = _rendered(templates / "common" / source, names)
    for source, path in places.items():
        if (own / source).is_file():
            files[path] = _rendered(own / source, names)
    files["trivet.schema.json"] = importlib.resources.files("trivet_sdk").joinpath("trivet.schema.json").read_bytes()
    for name, content in _plain(own / "workspace"):
        files[f"tests/workspace/{name}"] = content
    return dict(sorted(files.items()))


def write_project(files: dict[str, bytes], folder: Path) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _rendered(source: Traversable, names: dict[str, str]) -> bytes:
    return f"{_filled(source.read_text(encoding='utf-8'), names).rstrip()}\n".encode()


def _filled(text: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        text = text.replace(f"@{name}@", value)
    return text


def _plain(folder: Traversable) -> Iterator[tuple[str, bytes]]:
    if folder.is_dir():
        for path in folder.iterdir():
            yield path.name, path.read_bytes()
