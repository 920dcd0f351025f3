"""What kind of thing a file is, told from its suffix and first bytes."""

import re
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

Kind: TypeAlias = Literal["table", "text", "log", "data", "image", "archive", "binary"]

HEAD = 2048
"""Bytes of a file that `kind_of` wants to see."""

_TABLES = frozenset([".csv", ".tsv", ".tab", ".parquet", ".jsonl", ".ndjson", ".xlsx", ".xlsm"])
_DATA = frozenset([".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".env", ".properties", ".xml", ".lock"])
_IMAGES = frozenset([".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".svg", ".ico", ".heic"])
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz")
_BINARY = (
    b"%PDF-", b"\x7fELF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"OggS", b"fLaC", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!", b"PK\x03\x04", b"PK\x05\x06", b"SQLite format 3", b"\0asm", b"wOFF", b"PAR1",
)  # fmt: skip
"""How files begin that hold no text, whatever their names say, and that may have no NUL where one looks for it."""
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 27})
_LOG_LINE = re.compile(
    r"\[?(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d|(?:INFO|ERROR|WARN)\b)"
)
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(path: str, head: bytes) -> Kind:
    """`table` is what the table tools read, `data` is settings and the like, `text` is prose."""
    suffix = PurePosixPath(path).suffix.casefold()
    if suffix in _IMAGES:
        return "image"
    if suffix in _TABLES:
        return "table"
    if path.casefold().endswith(_ARCHIVES):
        return "archive"
    if _is_binary(head):
        return "binary"
    if suffix == ".log":
        return "log"
    if suffix in (".json", ".geojson"):
        return "table" if re.match(rb"\s*\[\s*\{", head) or re.search(rb'"\s*:\s*\[\s*\{', head) else "data"
    if suffix in _DATA:
        return "table" if _has_records(suffix, head) else "data"
    if suffix in (".txt", ".dat"):
        text = head.decode("utf-8", "replace")
        return "log" if _looks_like_log(text) else "table" if _looks_like_table(text) else "text"
    return "text"


def _has_records(suffix: str, head: bytes) -> bool:
    """Whether it is a list of records: `[[room]]` again and again in TOML, `- name: …` in YAML."""
    text = head.decode("utf-8", "replace")
    if suffix == ".toml":
        names = re.findall(r"(?m)^\[\[\s*([^\]]+?)\s*\]\]", text)
        return len(names) > 1 and len(set(names)) == 1 and not re.search(r"(?m)^\[[^\[]", text)
    if suffix not in (".yaml", ".yml"):
        return False
    body = re.sub(r"(?m)^(?:\s*#.*|---.*|\s*)\n", "", text)
    first = re.match(r"(?:[^\s#:-][^\n:]*:\s*\n)?(?P<indent> *)- [^\s-][^\n:]*:", body)
    if first is None or len(re.findall(rf"(?m)^{first['indent']}- ", body)) < 2:
        return False
    return not re.search(r"(?m)^[^\s#-][^\n]*:", body[first.end() :])  # no other key beside the list


def _is_binary(head: bytes) -> bool:
    """By its first bytes; else by NULs, which only UTF-16 and UTF-32 have, or by more control characters than any text has."""
    if head.startswith(_BINARY):
        return True
    if head.startswith(_UTF16):
        return False
    if b"\0" in head:
        return not _is_utf16(head)
    return len(head.translate(None, _CONTROL)) < 0.95 * len(head)


def _is_utf16(head: bytes) -> bool:
    """Without a mark: NULs in every other byte and nowhere else."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return len(head) >= 8 and min(even, odd) == 0 and max(even, odd) > 0.4 * len(head) / 2


def _looks_like_log(text: str) -> bool:
    lines = [line for line in text.splitlines()[:6] if line.strip()]
    return len(lines) > 2 and sum(bool(_LOG_LINE.match(line)) for line in lines) >= len(lines) - 1


def _looks_like_table(text: str) -> bool:
    """At least four lines with the same number of tabs, or of at least two semicolons or bars."""
    lines = [line for line in text.splitlines()[:-1] if line.strip()][:10]
    counts = [{line.count(mark) for line in lines} for mark in "\t;|"]
    return len(lines) > 3 and any(
        len(count) == 1 and min(count) > (mark != "\t") for mark, count in zip("\t;|", counts, strict=True)
    )
