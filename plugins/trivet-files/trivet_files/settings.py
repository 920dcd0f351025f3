"""Settings files as passages, one for each value, headed by the keys that lead to it."""

import json
import re
from collections.abc import Iterator
from typing import Any

from trivet_files.passage import Passage, lines_of

_YAML_KEY = re.compile(
    r"(?P<indent>\s*)(?P<dash>-\s+)?(?P<key>[^\s:#\-][^:#]*?|\"[^\"]+\"|'[^']+'):(?:\s+(?P<value>.*))?"
)


def yaml_settings(path: str, text: str) -> Iterator[Passage]:
    """By lines and indentation, so that every value keeps its line and a broken file is still searched."""
    keys: list[tuple[int, str]] = []
    comments: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("#"):
            comments.append(stripped.lstrip("# "))
            continue
        if not stripped or stripped == "---":
            comments = []
            continue
        indent = len(line) - len(line.lstrip())
        match = _YAML_KEY.fullmatch(line)
        if match is None:
            parents = [key for depth, key in keys if depth < indent or stripped.startswith("-")]
            yield _setting(path, number, parents, stripped.removeprefix("- "), comments)
            comments = []
            continue
        indent += len(match["dash"] or "")
        keys = [pair for pair in keys if pair[0] < indent] + [(indent, match["key"].strip("\"' "))]
        value = _uncommented(match["value"] or "")
        if value and value not in ("|", ">", "|-", ">-"):
            yield _setting(path, number, [key for _, key in keys], value, comments + _trailing(match["value"] or ""))
        comments = []


def ini_settings(path: str, text: str) -> Iterator[Passage]:
    """TOML, INI, properties and .env: sections in brackets, keys with `=`."""
    section: list[str] = []
    comments: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith(("#", ";")):
            comments.append(stripped.lstrip("#; "))
        elif match := re.fullmatch(r"\[+\s*([^\[\]]+?)\s*\]+(?:\s*#.*)?", stripped):
            section = [part.strip("\"' ") for part in match[1].split(".")]
        elif match := re.fullmatch(r"([\w.\"' -]+?)\s*[=:]\s*(.+)", stripped):
            keys = [*section, *(part.strip("\"' ") for part in match[1].split("."))]
            yield _setting(path, number, keys, _uncommented(match[2]), comments + _trailing(match[2]))
            comments = []
        elif stripped:
            yield Passage(path, number, stripped, " > ".join(section))
        else:
            comments = []


def json_settings(path: str, text: str) -> Iterator[Passage]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        yield from lines_of(path, text)
        return
    place = 0

    def walk(value: Any, keys: list[str]) -> Iterator[Passage]:
        nonlocal place
        if isinstance(value, dict):
            for key, inner in value.items():
                found = text.find(json.dumps(key, ensure_ascii=False), place)
                place = found if found >= 0 else place
                yield from walk(inner, [*keys, key])
        elif isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
            for index, item in enumerate(value):
                if isinstance(item, dict) and not any(isinstance(inner, (dict, list)) for inner in item.values()):
                    found = text.find("{", place)
                    place = found + 1 if found >= 0 else place
                    said = ", ".join(f"{key}: {inner}" for key, inner in item.items())
                    yield Passage(path, text.count("\n", 0, place) + 1, said, " > ".join(keys))
                    end = text.find("}", place)
                    place = end if end >= 0 else place
                else:
                    yield from walk(item, [*keys, str(index)])
        else:
            line = text.count("\n", 0, place) + 1
            said = ", ".join(map(str, value)) if isinstance(value, list) else value
            yield Passage(path, line, f"{keys[-1] if keys else ''}: {said}", " > ".join(keys), said)

    yield from walk(document, [])


def _setting(path: str, line: int, keys: list[str], raw: str, comments: list[str]) -> Passage:
    text = f"{keys[-1]}: {raw}" if keys else raw
    return Passage(path, line, "\n".join([text, *comments]), " > ".join(keys), _scalar(raw))


def _scalar(raw: str) -> str | int | float | bool:
    raw = raw.strip().rstrip(",")
    if len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'":
        return raw[1:-1]
    if raw.casefold() in ("true", "false"):
        return raw.casefold() == "true"
    for kind in (int, float):
        try:
            return kind(raw.replace("_", ""))
        except ValueError:
            continue
    return raw


def _uncommented(value: str) -> str:
    return value.strip() if value.strip()[:1] in ("'", '"') else re.sub(r"\s+#.*$", "", value).strip()


def _trailing(value: str) -> list[str]:
    match = None if value.strip()[:1] in ("'", '"') else re.search(r"\s#\s*(.+)$", value)
    return [match[1]] if match else []
