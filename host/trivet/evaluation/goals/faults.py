"""In what an outcome falls short of what was expected, in words. Nothing but the files is read; nothing is changed."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from trivet.evaluation.goals.answer import count_of_numbers, normal, numbers_in, place_of
from trivet.evaluation.goals.expectation import Expectation, FileExpectation
from trivet.evaluation.goals.tables import dig, table_of

MAX_CHARS = 2000
"""Of an answer; a longer one is a dump of everything."""


def faults_of_answer(expect: Expectation, answer: str) -> Iterator[str]:
    if expect.judges_the_answer and len(answer) > (MAX_CHARS if expect.max_chars is None else expect.max_chars):
        yield f"answer of {len(answer)} characters is a dump"
    for item in expect.answer_contains_all:
        if place_of(answer, item) < 0:
            yield f"answer lacks {item!r}"
    if expect.answer_contains_any is not None and place_of(answer, expect.answer_contains_any) < 0:
        yield f"answer has none of {expect.answer_contains_any!r}"
    if expect.answer_at_least is not None:
        least, items = expect.answer_at_least
        hits = sum(place_of(answer, item) >= 0 for item in items)
        if hits < least:
            yield f"answer has {hits} of the facts {items!r}, not {least}"
    for item in expect.answer_not_contains:
        if place_of(answer, item) >= 0:
            yield f"answer has {item!r}"
    if expect.answer_order is not None:
        places = [place_of(answer, item) for item in expect.answer_order]
        if min(places) < 0 or places != sorted(places):
            yield f"answer does not name {expect.answer_order!r} in this order"
    yield from _of_numbers(expect, answer)


def _of_numbers(expect: Expectation, answer: str) -> Iterator[str]:
    wanted = list(expect.answer_numbers_all)
    if expect.answer_number is not None:
        wanted.append((expect.answer_number, expect.tolerance))
    if not wanted:
        return
    values, count = numbers_in(answer), count_of_numbers(answer)
    if count > expect.max_numbers + len(wanted):
        yield f"answer states {count} numbers"
    for value, tolerance in wanted:
        choices = [(value, tolerance), *(expect.or_number if len(wanted) == 1 else ())]
        if not any(near(got, each, within, expect.sign) for got in values for each, within in choices):
            yield f"answer lacks the number {value:g} (tolerance {tolerance:g}), has {values[:12]}"


def faults_of_file(expect: FileExpectation, workspace: Path) -> list[str]:
    path, name = workspace / expect.file, expect.file
    if expect.absent:
        return [f"{name} is still there"] if path.exists() else []
    if not path.is_file():
        return [f"{name} was not written"]
    content = path.read_bytes()
    faults = []
    if expect.sha256 is not None and hashlib.sha256(content).hexdigest() != expect.sha256:
        faults.append(f"{name} has another content")
    try:
        text = content.decode(expect.encoding)
    except UnicodeDecodeError:
        return [*faults, f"{name} is not {expect.encoding}"]
    faults += _of_text(expect, text)
    try:
        faults += _of_table(expect, path, text)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:  # what was written may be anything
        faults.append(f"{name} cannot be read as asked: {type(error).__name__}: {error}")
    return faults


def _of_text(expect: FileExpectation, text: str) -> Iterator[str]:
    name = expect.file
    if expect.text is not None and normal(text) != normal(expect.text):
        yield f"{name} does not hold the text asked for"
    if expect.lines is not None and _lines(text.splitlines()) != _lines(expect.lines):
        yield f"{name} does not hold the lines asked for"
    for item in expect.contains:
        if place_of(text, item) < 0:
            yield f"{name} lacks {item!r}"
    for item in expect.not_contains:
        if place_of(text, item) >= 0:
            yield f"{name} has {item!r}"
    for value, tolerance in expect.numbers:
        if not any(near(got, value, tolerance) for got in numbers_in(text)):
            yield f"{name} lacks the number {value:g}"
    if expect.max_chars is not None and len(text) > expect.max_chars:
        yield f"{name} has {len(text)} characters"


def _of_table(expect: FileExpectation, path: Path, text: str) -> Iterator[str]:
    if not (expect.rows is not None or expect.columns is not None or expect.sum or expect.cells or expect.sorted
            or expect.json):  # fmt: skip
        return
    name = expect.file
    header, rows = table_of(path, text)
    if expect.rows is not None and len(rows) != expect.rows:
        yield f"{name} has {len(rows)} rows, not {expect.rows}"
    if expect.columns is not None and sorted(map(normal, header)) != sorted(map(normal, expect.columns)):
        yield f"{name} has columns {header}"
    for column, (value, tolerance) in expect.sum.items():
        total = sum(float(row[column]) for row in rows if row[column] not in ("", None))
        if not near(total, value, tolerance):
            yield f"{name}: {column} sums to {total:g}, not {value:g}"
    for cell in expect.cells:
        match = [row for row in rows if all(same(row[key], value) for key, value in cell.where.items())]
        if len(match) != 1 or not same(match[0][cell.column], cell.value, cell.tolerance):
            yield f"{name}: no row {cell.where} with {cell.column} = {cell.value}"
    if expect.sorted is not None:
        values = [_sortable(row[expect.sorted.column]) for row in rows]
        if values != sorted(values, reverse=expect.sorted.descending):
            yield f"{name} is not sorted by {expect.sorted.column}"
    for place, wanted, *within in expect.json:
        got = dig(json.loads(text), place)
        if not same(got, wanted, *within):
            yield f"{name}: {place} is {got!r}, not {wanted!r}"


def near(value: float, wanted: float, tolerance: float, sign: str = "exact") -> bool:
    if sign == "any":
        value, wanted = abs(value), abs(wanted)
    return abs(value - wanted) <= tolerance + 1e-9


def same(got: Any, wanted: Any, tolerance: float = 0.0) -> bool:
    """A number may be written as text, with thousands separators; texts are compared as `normal` has them."""
    if isinstance(wanted, bool) or wanted is None:
        return bool(got == wanted)
    if isinstance(wanted, int | float):
        value = as_number(got)
        return value is not None and near(value, wanted, tolerance)
    if isinstance(wanted, str):
        return normal(got) == normal(wanted)
    return bool(got == wanted)


def as_number(text: Any) -> float | None:
    try:
        return float(str(text).replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", str(text)) else text)
    except (TypeError, ValueError):
        return None


def _sortable(value: Any) -> Any:
    number = as_number(value)
    return value if number is None else number


def _lines(lines: list[str]) -> list[str]:
    return [normal(line) for line in lines if line.strip()]
