"""Nested documents: JSON, JSON Lines, YAML and TOML, read as they are nested and written as JSON or YAML."""

import datetime
import tomllib
from typing import Any

import msgspec
import yaml  # type: ignore[import-untyped]

from trivet_table.delimited import NotATable

SUFFIXES = (".json", ".geojson", ".jsonl", ".ndjson", ".yaml", ".yml", ".toml")
MAX_NODES = 500_000
"""Values in a YAML or TOML document; YAML's aliases can make a small file larger than memory."""


def read_document(text: str, suffix: str) -> Any:
    """The document as plain JSON values, dates as ISO text. Raises NotATable with the parser's complaint."""
    try:
        match suffix:
            case ".toml":
                document: Any = _Plain().value(tomllib.loads(text))
            case ".yaml" | ".yml":
                document = _Plain().value(yaml.safe_load(text))
            case ".jsonl" | ".ndjson":
                document = [msgspec.json.decode(line) for line in text.split("\n") if line.strip()]
            case _:
                document = msgspec.json.decode(text)
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, yaml.YAMLError) as error:
        kind = {".toml": "TOML", ".yaml": "YAML", ".yml": "YAML"}.get(suffix, "JSON")
        raise NotATable(f"is not valid {kind}: {' '.join(str(error).split())}") from None
    except RecursionError:
        raise NotATable("is nested too deeply to be read") from None
    return document


def written_document(document: Any, suffix: str) -> bytes:
    """The document as JSON, JSON Lines or YAML, in UTF-8."""
    match suffix:
        case ".jsonl":
            records = document if isinstance(document, list) else [document]
            return b"".join(msgspec.json.encode(record) + b"\n" for record in records)
        case ".yaml" | ".yml":
            return str(yaml.safe_dump(document, allow_unicode=True, sort_keys=False)).encode()
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


class _Plain:
    """As plain JSON values. Raises RecursionError for what holds itself, as YAML's aliases can."""

    def __init__(self) -> None:
        self._nodes = 0

    def value(self, node: Any) -> Any:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise NotATable(f"holds more than {MAX_NODES} values")
        if isinstance(node, dict):
            return {str(key): self.value(inner) for key, inner in node.items()}
        if isinstance(node, (list, tuple, set)):
            return [self.value(inner) for inner in node]
        if isinstance(node, (datetime.date, datetime.time)):
            return node.isoformat()
        return node if node is None or isinstance(node, (str, bool, int, float)) else str(node)
