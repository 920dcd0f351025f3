"""Conditions on rows: from what people say to SQL."""

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import msgspec

from trivet_sdk.formats import Column as ColumnName
from trivet_table.numerals import shown
from trivet_table.table import nearest_name

Operator: TypeAlias = Literal["=", "!=", "<", "<=", ">", ">=", "contains", "in"]
Scalar: TypeAlias = str | int | float | bool | None


class Condition(msgspec.Struct, frozen=True):
    """A test of one column; a date column compared with `2014` or `2014-03` means that year or month."""

    column: ColumnName
    op: Operator = "="
    """`!=` keeps rows whose cell is empty."""
    value: str | int | float | bool | list[Any] | dict[str, Any] | None = None
    """Texts are compared without regard to case and surrounding space; null or an empty text means an empty cell."""

    def __str__(self) -> str:
        value = self.value
        if isinstance(value, (list, dict)):
            items = [said(item) for item in items_of(value, self.column)]
            return f"{self.column} in {', '.join(items[:5])}{f' and {len(items) - 5} more' if len(items) > 5 else ''}"
        return f"{self.column} {self.op} {said(value)}"


def said(value: Scalar) -> str:
    """A value in a sentence."""
    if value is None or value == "":
        return "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return shown(value) if isinstance(value, float) else str(value)


def items_of(value: Any, column: str) -> list[Scalar]:
    """The scalars to compare with: of a list, of the rows of an earlier step, of its whole value."""
    if isinstance(value, Mapping):
        if isinstance(value.get("rows"), list):
            return items_of(value["rows"], column)
        value = [value]
    if not isinstance(value, list):
        return [value]
    items: list[Scalar] = []
    for item in value:
        if isinstance(item, Mapping):
            name = nearest_name(column, map(str, item)) or next(iter(item), None)
            item = item.get(name) if name is not None else None
        items.append(item if isinstance(item, (str, int, float, bool)) or item is None else str(item))
    return list(dict.fromkeys(items))
