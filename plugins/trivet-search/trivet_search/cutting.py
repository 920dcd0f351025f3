"""A document cut into passages: paragraphs under their headings, blocks of code, rows of a table."""

import re
from collections.abc import Iterator

from trivet_search.document import Document, Passage

FULL = 700
"""Characters from which on a passage takes no further paragraph."""
LONGEST = 1000
"""Characters of a passage; MiniLM reads 256 tokens, which is about as much."""

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
_UNDERLINE = re.compile(r"={3,}|-{3,}")
_DEFINITION = re.compile(
    r"(?P<indent>\s*)(?:(?:export|default|pub(?:\([^)]*\))?|async|static|public|private|protected|abstract|final)\s+)*"
    r"(?:def|class|function|fn|func|struct|interface|trait|impl|enum|module|namespace)\s+(?:\([^)]*\)\s*)?(?P<name>[\w.:<>]+)"
)
_SENTENCE_END = re.compile(r"[.!?。！？；]['”’\")]*\s*|\s+")


def passages_of(document: Document) -> Iterator[Passage]:
    """In order; together they hold every character of the text but blank lines and headings that stand alone."""
    table_head = ""
    titles: list[tuple[int, str]] = []
    block: _Block | None = None
    lines = document.text.splitlines(keepends=True)
    is_fenced = is_title = False
    offset = 0
    for number, line in enumerate(lines):
        start, offset = offset, offset + len(line)
        stripped = line.strip()
        if stripped.startswith(("```", "~~~")):
            is_fenced = not is_fenced
        title = document.headings.get(number) or (None if is_fenced else _title(document.form, lines, number))
        if document.form == "table" and not table_head and stripped:
            table_head = stripped[:200]
        title_before, is_title = is_title, title is not None
        if title is not None:
            if block is not None:
                yield from block.passages(document, _path(titles))
                block = None
            titles = [pair for pair in titles if pair[0] < title[0]] + [title]
            if document.form != "code":
                continue
        if document.form == "markdown" and number and _UNDERLINE.fullmatch(stripped) and title_before:
            continue
        is_full = block is not None and block.size >= FULL
        if block is not None and (
            (not stripped and is_full)
            or (document.form == "table" and is_full)
            or (document.unit == "page" and document.place(number) != document.place(number - 1))
            or block.size + len(line) > LONGEST
        ):
            yield from block.passages(document, _path(titles) or table_head)
            block = None
        if stripped:
            if block is None:
                block = _Block(start, number)
            block.extend(offset, number)
    if block is not None:
        yield from block.passages(document, _path(titles) or table_head)


def _path(titles: list[tuple[int, str]]) -> str:
    return " > ".join(title for _, title in titles)


def _title(form: str, lines: list[str], number: int) -> tuple[int, str] | None:
    line = lines[number].rstrip("\r\n")
    if form == "code":
        match = _DEFINITION.match(line)
        return (len(match["indent"].expandtabs(4)), match["name"]) if match else None
    if form != "markdown":
        return None
    if match := _HEADING.fullmatch(line.strip()):
        return len(match[1]), match[2].strip("*_ ")
    below = lines[number + 1].strip() if number + 1 < len(lines) else ""
    if line.strip() and len(line) < 90 and "|" not in line and _UNDERLINE.fullmatch(below):
        return (1 if below[0] == "=" else 2), line.strip()
    return None


class _Block:
    """Lines that are to stay together."""

    def __init__(self, start: int, number: int) -> None:
        self._start = self._end = start
        self._first = self._last = number

    @property
    def size(self) -> int:
        return self._end - self._start

    def extend(self, end: int, number: int) -> None:
        self._end, self._last = end, number

    def passages(self, document: Document, heading: str) -> Iterator[Passage]:
        """One, or several where a single line is longer than a passage may be."""
        start, line = self._start, self._first
        while start < self._end:
            end = self._end if self._end - start <= LONGEST else _seam(document.text, start, start + LONGEST)
            text = document.text[start:end]
            trimmed = text.strip()
            if trimmed:
                first = start + len(text) - len(text.lstrip())
                last = line + document.text.count("\n", start, first + len(trimmed))
                yield Passage(
                    start=first,
                    end=first + len(trimmed),
                    line=document.place(min(line, self._last)),
                    end_line=document.place(min(last, self._last)),
                    heading=heading,
                    text=trimmed,
                )
            line += document.text.count("\n", start, end)
            start = end


def _seam(text: str, start: int, end: int) -> int:
    """Where to cut at the latest at `end`: after a sentence, else at a space, else right there."""
    window = text[start:end]
    seams = [match.end() for match in _SENTENCE_END.finditer(window) if match.end() > LONGEST // 2]
    whole = [seam for seam in seams if window[:seam].rstrip()[-1:] in ".!?。！？；"]
    return start + (whole or seams or [len(window)])[-1]
