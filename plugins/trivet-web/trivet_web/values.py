"""The value that a text holds besides its characters: rows of CSV, TSV and JSON Lines, the settings of TOML."""

import csv
import io
import re
import tomllib
from pathlib import PurePosixPath
from urllib.parse import urlsplit

import msgspec

from trivet_sdk import Json

_MEDIA = {
    "text/csv": ".csv", "text/tab-separated-values": ".tsv", "application/toml": ".toml", "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
}  # fmt: skip
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?")


def value_of(text: str, url: str, content_type: str) -> Json:
    """Told by the content type, else by the end of the address; None for a text that holds no such value."""
    media = content_type.partition(";")[0].strip().lower()
    suffix = _MEDIA.get(media) or PurePosixPath(urlsplit(url).path).suffix.lower()
    try:
        match suffix:
            case ".csv" | ".tsv":
                return _rows(text, suffix)
            case ".jsonl" | ".ndjson":
                return [msgspec.json.decode(line) for line in text.splitlines() if line.strip()] or None
            case ".toml":
                found: Json = msgspec.to_builtins(tomllib.loads(text))
                return found
    except (ValueError, csv.Error, msgspec.DecodeError, RecursionError):
        return None
    return None


def _rows(text: str, suffix: str) -> Json:
    """Records by the names of the first line; figures as numbers, but for those with a leading zero, which are names."""
    head = text.lstrip("\ufeff").partition("\n")[0]
    delimiter = "\t" if suffix == ".tsv" else max(",;\t", key=head.count)
    lines = [line for line in csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=delimiter) if line]
    names = lines[0] if lines else []
    if len(lines) < 2 or len(set(names)) != len(names) or any(len(line) != len(names) for line in lines):
        return None
    return [dict(zip(names, map(_cell, line), strict=True)) for line in lines[1:]]


def _cell(text: str) -> str | int | float | None:
    if not text:
        return None
    if not _NUMBER.fullmatch(text):
        return text
    return float(text) if "." in text else int(text)
