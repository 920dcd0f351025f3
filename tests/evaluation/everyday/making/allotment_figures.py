"""Sums over rows that the goals of the allotment gardens need again and again."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tests.evaluation.goals.making.writing import Row


def total(rows: Iterable[Row], column: str, **where: Any) -> float:
    return float(sum(row[column] for row in rows if all(row[key] == value for key, value in where.items())))


def mean(rows: Iterable[Row], column: str, **where: Any) -> float:
    values = [row[column] for row in rows if all(row[key] == value for key, value in where.items())]
    return float(sum(values) / len(values))


def totals(rows: Iterable[Row], by: str, column: str) -> dict[str, float]:
    sums: dict[str, float] = defaultdict(float)
    for row in rows:
        sums[row[by]] += row[column]
    return dict(sums)


def ranked(figures: Mapping[str, float], least: float = 0) -> list[str]:
    """Highest first. Raises ValueError if the first two are not more than `least` apart: the goal would have two answers."""
    names = sorted(figures, key=lambda name: -figures[name])
    if figures[names[0]] - figures[names[1]] <= least:
        raise ValueError(f"{names[0]} and {names[1]} share the first place")
    return names


def each(figures: Mapping[str, float], tolerance: float = 0) -> dict[str, Any]:
    """Every name with its figure."""
    return {
        "answer_contains_all": list(figures),
        "answer_numbers_all": [[value, tolerance] for value in figures.values()],
    }


def either(*expectations: dict[str, Any]) -> dict[str, Any]:
    """A question back, no claim, or one of the readings."""
    return {"any_of": [{"asks": True}, {"not_achieved": True}, *expectations]}


def columns(rows: Sequence[Row]) -> list[str]:
    return list(rows[0])
