"""A file's text as passages: paragraphs under their headings, settings under their keys, lines of a log."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

import msgspec

_LONG = 500  # characters after which a passage ends at the next line
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_RULE = re.compile(r"[=\-~*_]{3,}")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d+[.)]|[a-z][.)])\s+")
_NUMBERED = re.compile(r"(?:§|section|article|chapter|\d+(?:\.\d+)*\.?|[IVX]+\.)\s+\S.*", re.IGNORECASE)


class Passage(msgspec.Struct, frozen=True):
    """A stretch of a file that can be quoted; `line` counts from 1."""

    path: str
    line: int
    text: str
    heading: str = ""
    """Titles above it, or the keys that lead to a setting: `alarm > wind_knots`."""
    value: str | int | float | bool | None = None
    """A setting's value, so that a later step can use it."""

    @property
    def quote(self) -> str:
        """What people read: a setting with its keys, else the text on one line."""
        if self.value is not None:
            return f"{self.heading}: {self.value if not isinstance(self.value, bool) else str(self.value).lower()}"
        return " ".join(self.text.split())


def passages_of(path: str, text: str) -> list[Passage]:
    """Cut a file into passages, in the way that its suffix asks for."""
    cut = _BY_SUFFIX.get(PurePosixPath(path).suffix.casefold(), _paragraphs)
    return list(cut(path, text))


def _paragraphs(path: str, text: str) -> Iterator[Passage]:
    lines = text.splitlines()
    titles: list[tuple[int, str]] = []
    block: list[str] = []
    start = 0

    def flush() -> Iterator[Passage]:
        if block:
            yield Passage(path, start, "\n".join(block), " > ".join(title for _, title in titles))
            block.clear()

    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        title = _title_at(lines, number - 1)
        if title or not stripped or (_RULE.fullmatch(stripped) and not block):
            yield from flush()
            if title:
                titles = [pair for pair in titles if pair[0] < title[0]] + [title]
            continue
        size = sum(map(len, block))
        if block and (size > _LONG or (_ITEM.match(line) and size > 200)):
            yield from flush()
        if not block:
            start = number
        block.append(stripped)
    yield from flush()


def _title_at(lines: list[str], index: int) -> tuple[int, str] | None:
    """(level, title) if the line is one: `# Title`, an underlined line, a short line alone that reads like a title."""
    line = lines[index].strip()
    if match := _HEADING.fullmatch(line):
        return len(match[1]), match[2].strip("*_ ")
    following = lines[index + 1].strip() if index + 1 < len(lines) else ""
    if line and re.fullmatch(r"={3,}|-{3,}", following) and len(line) < 90 and "|" not in line:
        return (1 if following[0] == "=" else 2), line
    is_alone = (index == 0 or not lines[index - 1].strip()) and not following
    is_short = 2 < len(line) < 70 and line[-1] not in ".,;:!?。，；：！？"
    return (3, line) if is_alone and is_short and (line.isupper() or _NUMBERED.fullmatch(line)) else None


def _log_lines(path: str, text: str) -> Iterator[Passage]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip():
            yield Passage(path, number, line.strip())


def _table_lines(path: str, text: str) -> Iterator[Passage]:
    lines = text.splitlines()
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            yield Passage(path, number, line.strip(), lines[0].strip())


_YAML_KEY = re.compile(
    r"(?P<indent>\s*)(?P<dash>-\s+)?(?P<key>[^\s:#\-][^:#]*?|\"[^\"]+\"|'[^']+'):(?:\s+(?P<value>.*))?"
)


def _yaml(path: str, text: str) -> Iterator[Passage]:
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


def _ini(path: str, text: str) -> Iterator[Passage]:
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


def _json(path: str, text: str) -> Iterator[Passage]:
    try:
        document = json.loads(text)
    except ValueError:
        yield from _log_lines(path, text)
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


def _html(path: str, text: str) -> Iterator[Passage]:
    text = re.sub(r"(?is)<(script|style)\b.*?</\1>", lambda m: "\n" * m[0].count("\n"), text)
    text = re.sub(r"(?i)</?(p|div|li|tr|h[1-6]|section|br|table)\b[^>]*>", "\n", text)
    import html

    yield from _paragraphs(path, html.unescape(re.sub(r"<[^>]+>", " ", text)))


_BY_SUFFIX: dict[str, Callable[[str, str], Iterator[Passage]]] = {
    **dict.fromkeys((".yaml", ".yml"), _yaml),
    **dict.fromkeys((".toml", ".ini", ".cfg", ".conf", ".env", ".properties"), _ini),
    **dict.fromkeys((".json", ".geojson"), _json),
    **dict.fromkeys((".log", ".jsonl", ".ndjson"), _log_lines),
    **dict.fromkeys((".csv", ".tsv", ".tab"), _table_lines),
    **dict.fromkeys((".html", ".htm", ".xml"), _html),
}
