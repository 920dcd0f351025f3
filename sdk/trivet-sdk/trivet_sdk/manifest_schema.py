"""`python -m trivet_sdk.manifest_schema`: the JSON Schema of `trivet.toml`, for editors.

It is made from the structs of `manifest`, their docstrings included, and ships as `trivet_sdk/trivet.schema.json`.
`--path` prints where that is.
"""

import sys
from pathlib import Path

import msgspec

from . import manifest
from .docstring import class_texts
from .plan import Json

FILE = Path(__file__).with_name("trivet.schema.json")
ID = "^[a-z][a-z0-9_-]*$"


def manifest_schema() -> dict[str, Json]:
    """The schema as plain data, draft 2020-12."""
    (schema,), definitions = msgspec.json.schema_components((manifest.Manifest,), ref_template="#/$defs/{name}")
    texts = class_texts(manifest)
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


if __name__ == "__main__":
    sys.stdout.write(f"{FILE}\n" if "--path" in sys.argv else written())
