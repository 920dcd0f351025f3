"""What a column of texts really holds: numbers, dates, truth values, or text."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal, TypeAlias

import msgspec

from trivet_table.dates import Order, order_of
from trivet_table.numerals import CONTINENTAL, PLAIN_INTEGER, PLAIN_NUMBER, notation_of

Type: TypeAlias = Literal["integer", "number", "text", "date", "datetime", "boolean"]
Cell: TypeAlias = str | int | float | bool | None

MISSING = frozenset("na n/a #n/a nan null none nil - -- — – ? . missing".split())
"""Words, in lower case, that stand for no value where a column otherwise holds numbers, dates or truth values."""

_TRUTH = {"true": True, "false": False}
_PROBE = 200  # values looked at before the whole column is


class Typed(msgspec.Struct, frozen=True):
    """A column ready for the database.

    `values` are ints, floats, bools, texts, dates or datetimes; `shown` are the original texts of dates, which results
    repeat as the file writes them, and None for every other type.
    """

    name: str
    type: Type
    values: Sequence[Any]
    shown: Sequence[str | None] | None = None
    order: Order = Order()
    used_missing: frozenset[str] = frozenset()
    """Which words stood for a missing value."""


def typed(name: str, cells: Sequence[Cell], *, prefers_comma: bool = False) -> Typed:
    """Find the narrowest type that every cell fits; a column that fits none stays text.

    Cells that are texts already known to be texts (JSON strings) are only tried as dates: `"007"` keeps its zeros.
    """
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds and str not in kinds:
        return _native(name, cells, kinds)
    if kinds - {str}:
        cells = [None if cell is None else cell if isinstance(cell, str) else _as_text(cell) for cell in cells]
    texts: list[str | None] = [cell.strip() or None if isinstance(cell, str) else None for cell in cells]
    return _from_texts(name, texts, prefers_comma=prefers_comma)


def json_typed(name: str, cells: Sequence[Cell]) -> Typed:
    """Like `typed`, for cells that carry their own types: a string of digits stays a string."""
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds and str not in kinds:
        return _native(name, cells, kinds)
    texts = [None if cell is None else cell if isinstance(cell, str) else _as_text(cell) for cell in cells]
    if kinds == {str}:
        stripped = [text.strip() or None if text is not None else None for text in texts]
        return _dates(name, stripped) or Typed(name, "text", texts)
    return Typed(name, "text", texts)


def _native(name: str, cells: Sequence[Cell], kinds: set[type]) -> Typed:
    if kinds == {bool}:
        return Typed(name, "boolean", cells)
    if kinds == {int} and all(abs(cell) < 2**63 for cell in cells if isinstance(cell, int)):
        return Typed(name, "integer", cells)
    if kinds <= {int, float}:
        return Typed(name, "number", [None if cell is None else float(cell) for cell in cells])
    return Typed(name, "text", [None if cell is None else _as_text(cell) for cell in cells])


def _as_text(cell: Any) -> str:
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def _from_texts(name: str, texts: Sequence[str | None], *, prefers_comma: bool) -> Typed:
    distinct = {text for text in texts if text is not None}
    values = {text for text in distinct if text.casefold() not in MISSING}
    missing = frozenset(distinct - values)
    if not values:
        return Typed(name, "text", texts)
    probe = sorted(values)[:_PROBE]
    if all(map(PLAIN_INTEGER.fullmatch, probe)) and all(map(PLAIN_INTEGER.fullmatch, values)):
        return Typed(name, "integer", _mapped(texts, values, int), used_missing=missing)
    if (
        all(map(PLAIN_NUMBER.fullmatch, probe))
        and all(map(PLAIN_NUMBER.fullmatch, values))
        and not (prefers_comma and notation_of(values, prefers_comma=True) == CONTINENTAL)  # `1.234` is a thousand
    ):
        return Typed(name, "number", _mapped(texts, values, float), used_missing=missing)
    if {value.casefold() for value in probe} <= set(_TRUTH):
        return Typed(name, "boolean", _mapped(texts, values, lambda v: _TRUTH[v.casefold()]), used_missing=missing)
    if notation_of(probe, prefers_comma=prefers_comma) and (
        notation := notation_of(values, prefers_comma=prefers_comma)
    ):
        numbers = {value: notation.read(value) for value in values}
        if all(isinstance(number, int) for number in numbers.values()):
            return Typed(name, "integer", [numbers.get(text or "") for text in texts], used_missing=missing)
        floats = {value: float(number) for value, number in numbers.items() if number is not None}
        return Typed(name, "number", [floats.get(text or "") for text in texts], used_missing=missing)
    return _dates(name, texts) or Typed(name, "text", texts)


def _dates(name: str, texts: Sequence[str | None]) -> Typed | None:
    distinct = {text for text in texts if text is not None}
    values = {text for text in distinct if text.casefold() not in MISSING}
    if not values or order_of(sorted(values)[:_PROBE]) is None or (order := order_of(values)) is None:
        return None
    moments = {value: order.read(value) for value in values}
    is_day = not any(hasattr(moment, "hour") for moment in moments.values())
    shown = [text if text in values else None for text in texts]
    return Typed(
        name,
        "date" if is_day else "datetime",
        [moments.get(text or "") for text in texts],
        shown,
        order,
        frozenset(distinct - values),
    )


def _mapped(texts: Iterable[str | None], values: set[str], convert: Callable[[str], Any]) -> list[Any]:
    table = {value: convert(value) for value in values}
    return [table.get(text) if text is not None else None for text in texts]


def without_proven_missing(columns: Sequence[Typed]) -> list[Typed]:
    """Where `NA` stands for a missing number, it stands for a missing text in the same file, too."""
    proven = frozenset[str]().union(*(column.used_missing for column in columns if column.type != "text"))
    if not proven:
        return list(columns)
    return [
        msgspec.structs.replace(column, values=[None if value in proven else value for value in column.values])
        if column.type == "text"
        else column
        for column in columns
    ]
