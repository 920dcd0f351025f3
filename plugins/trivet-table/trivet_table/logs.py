"""Plain logs as tables: columns time, level, source and message; web access logs bring more."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from trivet_table.columns import Cell
from trivet_table.delimited import NotATable
from trivet_table.log_lines import json_entries, with_own_levels, with_pairs, with_years
from trivet_table.records import Records, records_of

_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|ERR|FATAL|CRITICAL|CRIT|ALERT|EMERG|SEVERE|FINE|PANIC)"
_TIME = (
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?)?(?:Z| ?[+-]\d{2}:?\d{2})?"
    r"|\d{1,2}[./]\d{1,2}[./]\d{4} \d{1,2}:\d{2}(?::\d{2})?|\d{2}:\d{2}:\d{2}(?:[.,]\d+)?)"
)
_SOURCE = r"[\w][\w./@-]*(?:\[\w+\])?"

SHAPES = (
    # 2024-08-05T05:16:20 INFO siren: ok      and      2024-08-05 05:16:20,123 [main] WARN org.App - slow
    re.compile(
        rf"\[?(?P<time>{_TIME})\]?[\s|,]+(?:\[(?P<thread>[^\]]+)\]\s+)?[\[<(]?(?P<level>{_LEVEL})[\])>]?[:\s|-]+"
        rf"(?:\[?(?P<source>{_SOURCE})\]?\s*(?::|\||\s-\s|(?<=\]))\s*)?(?P<message>.*)",
        re.IGNORECASE,
    ),
    # 2024-08-05 05:16:20 siren ERROR no answer      and      … - siren - ERROR - no answer
    re.compile(
        rf"\[?(?P<time>{_TIME})\]?[\s|-]+\[?(?P<source>{_SOURCE})\]?[\s|:-]+\[?(?P<level>{_LEVEL})\]?[:\s|-]+(?P<message>.*)",
        re.IGNORECASE,
    ),
    # Aug  5 05:16:20 host sshd[312]: message
    re.compile(
        r"(?P<time>[A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2}) (?P<host>\S+) "
        r"(?P<source>[^\s:\[]+)(?:\[(?P<pid>\d+)\])?: "
        rf"(?:\[?(?P<level>{_LEVEL})\]?:? )?(?P<message>.*)"
    ),
    # [Sun Dec 04 04:47:44 2005] [error] [client 1.2.3.4] message
    re.compile(
        r"\[(?P<time>[A-Z][a-z]{2} [A-Z][a-z]{2} {1,2}\d{1,2} \d{2}:\d{2}:\d{2}(?:\.\d+)? \d{4})\] "
        r"\[(?:(?P<source>\w+):)?(?P<level>\w+)\] (?P<message>.*)"
    ),
    # ERROR [siren] message      and      ERROR 2024-08-05 05:16:20 siren: message
    re.compile(
        rf"[\[<]?(?P<level>{_LEVEL})[\]>]?[:\s]+(?:\[?(?P<time>{_TIME})\]?[\s:]+)?"
        rf"(?:\[(?P<source>[^\]]+)\]:?\s*|(?P<source2>{_SOURCE}):\s+)?(?P<message>.*)"
    ),
    # 2024-08-05 05:16:20 message
    re.compile(rf"\[?(?P<time>{_TIME})\]?[\s:|-]+(?:(?P<source>{_SOURCE}):\s+)?(?P<message>.*)"),
)
_OTHER = re.compile(
    rf"\[?(?P<time>{_TIME})\]?[\s|,]+(?:[\[<(]?(?P<level>[A-Z]{{3,12}})[\])>]?[:\s|-]+)?(?:(?P<source>{_SOURCE}):\s+)?(?P<message>.*)"
)
"""An entry of a log of another shape: it begins with a time, so it is none of the lines that go on with the one before."""
ACCESS = re.compile(
    r"(?P<source>\S+) \S+ (?P<user>\S+) \[(?P<time>[^\]]+)\] "
    r'"(?P<message>(?P<method>[A-Z]+) (?P<path>\S+)[^"]*|[^"]*)" '
    r'(?P<status>\d{3}) (?P<size>\d+|-)(?: "(?P<referrer>[^"]*)" "(?P<agent>[^"]*)")?.*'
)
_ENOUGH = 0.7
_CLOCKS = ("%d/%b/%Y:%H:%M:%S %z", "%d/%b/%Y:%H:%M:%S", "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S.%f %Y")
_SAME_LEVEL = {"WARN": "WARNING", "ERR": "ERROR", "CRIT": "CRITICAL"}


def read_log(text: str, today: date | None = None) -> Records:
    """One row a log entry; lines that continue an entry (a stack trace) are added to its message. Raises NotATable.

    The word for a level is kept as the file has it, in upper case, save that WARN, ERR and CRIT are spelled out.
    """
    lines = text.splitlines()
    if not any(line.strip() for line in lines):
        raise NotATable("is empty: it has no rows")
    if (entries := json_entries(lines)) is not None:
        return records_of([{**entry, **_level_of(entry)} for entry in entries])
    shape = _shape_of(lines)
    if shape is None:
        raise NotATable("is no log of a known shape: its lines do not begin with a time or a level")
    rows: list[dict[str, Cell]] = []
    for line in lines:
        match = shape.fullmatch(line.strip()) if line[:1].strip() else None
        match = match or (None if shape is ACCESS else _OTHER.fullmatch(line.rstrip()))
        if match:
            rows.append(_entry(match, is_access=shape is ACCESS))
        elif line.strip() and rows:
            rows[-1]["message"] = f"{rows[-1]['message']}\n{line.strip()}"
    if shape is SHAPES[-1]:
        with_own_levels(rows)
    with_pairs(rows)
    note = with_years(rows, today or date.today())
    names = [name for name in rows[0] if any(row.get(name) is not None for row in rows) or name in _ALWAYS]
    return Records({name: [row.get(name) for row in rows] for name in names}, len(rows), (note,) if note else ())


def looks_like_log(text: str) -> bool:
    lines = text[:20_000].splitlines()
    return _shape_of(lines) is not None or json_entries(lines[:20]) is not None


def _level_of(entry: Mapping[str, Any]) -> dict[str, str]:
    level = entry.get("level")
    return {"level": _SAME_LEVEL.get(level.upper(), level.upper())} if isinstance(level, str) else {}


_ALWAYS = ("time", "level", "source", "message")


def _shape_of(lines: list[str]) -> re.Pattern[str] | None:
    """The first shape that most lines have; indented lines are continuations and do not count."""
    sample = [line.strip() for line in lines[:500] if line[:1].strip()]
    if not sample:
        return None
    shares = [(sum(map(bool, map(shape.fullmatch, sample))) / len(sample), shape) for shape in (ACCESS, *SHAPES)]
    *telling, (plain_share, plain) = (
        shares  # a line of a level that nobody knows is still an entry, so that few may fail
    )
    best = max(share for share, _ in telling)
    found = next((shape for share, shape in telling if share >= max(_ENOUGH, best - 0.02)), None)
    return found or (plain if plain_share >= _ENOUGH else None)


def _entry(match: re.Match[str], *, is_access: bool) -> dict[str, Cell]:
    found = match.groupdict()
    entry: dict[str, Cell] = dict.fromkeys(_ALWAYS)
    entry |= {"time": _clock(found["time"]), "source": found.get("source") or found.get("source2")}
    entry["message"] = found["message"].strip()
    if is_access:
        status = int(found["status"])
        entry["level"] = "ERROR" if status >= 500 else "WARNING" if status >= 400 else "INFO"
        entry |= {"method": found["method"], "path": found["path"], "status": status}
        entry["size"] = int(found["size"]) if found["size"].isdigit() else None
        return entry
    if level := found.get("level"):
        entry["level"] = _SAME_LEVEL.get(level.upper(), level.upper())
    for name in ("host", "pid", "thread"):
        if name in found:
            entry[name] = found[name]
    return entry


def _clock(text: str | None) -> str | None:
    """ISO form for the web servers' own notations; anything else as it stands."""
    for pattern in _CLOCKS:
        try:
            return datetime.strptime(text or "", pattern).replace(tzinfo=None).isoformat()
        except ValueError:
            continue
    return text
