"""A file's text as passages: paragraphs under their headings, settings under their keys, lines of a log."""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from trivet_files.passage import Passage, lines_of
from trivet_files.settings import ini_settings, json_settings, yaml_settings

_LONG = 500  # characters after which a passage ends at the next line
_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_RULE = re.compile(r"[=\-~*_]{3,}")
_ITEM = re.compile(r"\s*(?:[-*+•]|\d+[.)]|[a-z][.)])\s+")
_NUMBERED = re.compile(r"(?:§|section|article|chapter|\d+(?:\.\d+)*\.?|[IVX]+\.)\s+\S.*", re.IGNORECASE)


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


def _table_lines(path: str, text: str) -> Iterator[Passage]:
    lines = text.splitlines()
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            yield Passage(path, number, line.strip(), lines[0].strip())


def _html(path: str, text: str) -> Iterator[Passage]:
    text = re.sub(r"(?is)<(script|style)\b.*?</\1>", lambda m: "\n" * m[0].count("\n"), text)
    text = re.sub(r"(?i)</?(p|div|li|tr|h[1-6]|section|br|table)\b[^>]*>", "\n", text)
    import html

    yield from _paragraphs(path, html.unescape(re.sub(r"<[^>]+>", " ", text)))


_BY_SUFFIX: dict[str, Callable[[str, str], Iterator[Passage]]] = {
    **dict.fromkeys((".yaml", ".yml"), yaml_settings),
    **dict.fromkeys((".toml", ".ini", ".cfg", ".conf", ".env", ".properties"), ini_settings),
    **dict.fromkeys((".json", ".geojson"), json_settings),
    **dict.fromkeys((".log", ".jsonl", ".ndjson"), lines_of),
    **dict.fromkeys((".csv", ".tsv", ".tab"), _table_lines),
    **dict.fromkeys((".html", ".htm", ".xml"), _html),
}
