"""What lines of a log have in common beyond its shape: a word of their own for the level, a clock without a year, JSON."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from trivet_table.columns import Cell

_OWN_LEVEL = re.compile(
    r"(?:\[(?P<source>[^\]]{1,40})\][\s:|-]*)?(?P<level>[A-Z]{3,12})(?![\w.:])[\s:|-]*(?P<message>.*)", re.DOTALL
)
_FEW = 8
"""Words that a log has for levels, at most."""
_PAIR = re.compile(r'(?<!\S)([A-Za-z_][\w.-]{0,40})=("[^"]*"|[^\s,;]+)')
_PAIRS = 12
"""Columns of such pairs, at most."""
_MONTHS = {name: place for place, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}
_YEARLESS = re.compile(r"(?P<month>[A-Z][a-z]{2}) {1,2}(?P<day>\d{1,2}) (?P<clock>\d{2}:\d{2}:\d{2})")
_KEYS = {
    "time": ("ts", "timestamp", "@timestamp", "datetime"), "level": ("lvl", "severity", "loglevel", "log_level"),
    "message": ("msg", "event", "text"), "source": ("logger", "component"),
}  # fmt: skip


def with_own_levels(rows: Sequence[dict[str, Cell]]) -> None:
    """`[belt] STOP stone caught`, where every message begins so and few words stand there: the word is the level."""
    if any(row.get("level") for row in rows):
        return
    found = [_OWN_LEVEL.fullmatch(str(row.get("message") or "")) for row in rows]
    levels = {match["level"] for match in found if match}
    if None in found or len(levels) > min(_FEW, max(2, len(rows) // 2)):
        return
    for row, match in zip(rows, found, strict=True):
        assert match is not None
        row["level"], row["message"] = match["level"], match["message"].strip()
        row["source"] = match["source"] or row.get("source")


def with_years(rows: Sequence[dict[str, Cell]], today: date) -> str:
    """Gives times without a year the newest one that puts none of them into the future, as readers of system logs do, and a
    year less before each turn of the year. Returns a note that says so; empty if the times have years or are none."""
    found = [_YEARLESS.fullmatch(str(row.get("time") or "")) for row in rows]
    days = [(_MONTHS.get(match["month"], 0), int(match["day"])) for match in found if match]
    if len(days) != len(rows) or not days or any(not month for month, _ in days):
        return ""
    year = today.year if days[-1] <= (today.month, today.day) else today.year - 1
    later = (13, 0)
    for row, match in zip(reversed(rows), reversed(found), strict=True):
        assert match is not None
        month, day = _MONTHS[match["month"]], int(match["day"])
        if month > later[0]:
            year -= 1
        later = (month, day)
        row["time"] = f"{year}-{month:02}-{day:02} {match['clock']}"
    return f"the log tells no year; {year} was taken for its first entry"


def with_pairs(rows: Sequence[dict[str, Cell]]) -> None:
    """`status=OK ms=998` in the messages of most entries: a column each, as in logfmt. The messages stay as they are."""
    pairs = [{key: value.strip('"') for key, value in _PAIR.findall(str(row.get("message") or ""))} for row in rows]
    if 2 * sum(map(bool, pairs)) < len(rows):
        return
    times = Counter(key for each in pairs for key in each)
    kept = [key for key, count in times.most_common(_PAIRS) if count > 1 and not any(key in row for row in rows)]
    for row, each in zip(rows, pairs, strict=True):
        row.update({key: _figure(each.get(key)) for key in kept})


def _figure(text: str | None) -> Cell:
    return (
        float(text)
        if text is not None and re.fullmatch(r"-?\d{1,15}\.\d{1,15}", text)
        else (int(text) if text is not None and re.fullmatch(r"-?(?:0|[1-9]\d{0,15})", text) else text)
    )


def json_entries(lines: Sequence[str]) -> list[dict[str, Any]] | None:
    """The records of a log that has one as JSON in each line, under the names that other logs have; None for another log."""
    filled = [line for line in lines if line.strip()]
    if not filled or not all(line.lstrip().startswith("{") for line in filled[:20]):
        return None
    entries: list[dict[str, Any]] = []
    for line in filled:
        try:
            entry = msgspec.json.decode(line)
        except (msgspec.DecodeError, RecursionError):
            entry = None
        if not isinstance(entry, Mapping):
            if len(filled) > 1 and line is filled[-1]:
                break  # the writer was interrupted
            return None
        names = {other: name for name, others in _KEYS.items() if name not in entry for other in others}
        entries.append({names.get(str(key), str(key)): value for key, value in entry.items()})
    return entries
