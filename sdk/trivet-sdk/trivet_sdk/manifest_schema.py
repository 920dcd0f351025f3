"""`python -m trivet_sdk.manifest_schema`: the JSON Schema of `trivet.toml`, for editors.

It is made from the structs of `manifest`, their docstrings included, and ships as `trivet_sdk/trivet.schema.json`.
`--path` prints where that is.
"""

import ast
import inspect
import sys
from pathlib import Path
from typing import Any

import msgspec

from . import manifest
from .plan import Json

FILE = Path(__file__).with_name("trivet.schema.json")
ID = "^[a-z][a-z0-9_-]*$"


def manifest_schema() -> dict[str, Json]:
    """The schema as plain data, draft 2020-12."""
    (schema,), definitions = msgspec.json.schema_components((manifest.Manifest,), ref_template="#/$defs/{name}")
    texts = _docstrings(manifest)
    for name, definition in definitions.items():
        for field, inner in definition.get("properties", {}).items():
            if text := texts.get((name, field)):
                inner["description"] = text
            if isinstance(inner.get("default"), dict):
                del inner["default"]  # a table that is left out, which needs no words
        definition["description"] = texts.get((name, ""), "")
    definitions["About"]["properties"]["id"]["pattern"] = ID
    definitions["ToolDeclaration"]["anyOf"] = [
        {"required": ["name"]},
        {"required": ["dynamic"], "properties": {"dynamic": {"const": True}}},
    ]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trivet.toml, the manifest of a trivet plugin",
        **schema,
        "$defs": definitions,
    }


def written() -> str:
    """As it stands in the file."""
    return msgspec.json.format(msgspec.json.encode(manifest_schema()), indent=2).decode() + "\n"


def _docstrings(module: Any) -> dict[tuple[str, str], str]:
    """(class, field) -> the text below it; the class's own under the field ''."""
    found: dict[tuple[str, str], str] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if not isinstance(node, ast.ClassDef):
            continue
        found[node.name, ""] = _one_line(ast.get_docstring(node) or "")
        field = ""
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                field = statement.target.id
            elif isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and field:
                found[node.name, field] = _one_line(str(statement.value.value))
                field = ""
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())


if __name__ == "__main__":
    sys.stdout.write(f"{FILE}\n" if "--path" in sys.argv else written())
