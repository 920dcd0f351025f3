"""A goal as a line of goals.jsonl. All of this suite are held back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, number, words

__all__ = ["ASKS", "NEVER", "asks_or", "calendar_day", "clock_time", "goal", "groups", "most", "number", "words"]


def goal(id: str, group: str, text: str, expect: dict[str, Any], attach: tuple[str, ...] = ()) -> dict[str, Any]:
    """`id` begins with the workspace's folder, as in `choir/altos`."""
    line: dict[str, Any] = {"id": id, "class": group, "goal": text, "workspace": id.partition("/")[0]}
    if attach:
        line["attach"] = list(attach)
    return {**line, "expect": expect, "split": "held"}


def asks_or(*readings: dict[str, Any]) -> dict[str, Any]:
    """For what can be read in several ways: it asks, or states one of these readings."""
    return {"any_of": [*ASKS["any_of"], *readings]}


def groups(
    values: Mapping[str, float], tolerance: float = 0.0, names: Mapping[str, list[str]] | None = None
) -> dict[str, Any]:
    """Each group is named, with its value. `names` are other names of a group."""
    return {
        "answer_contains_all": [[each, *names[each]] if names else each for each in values],
        "answer_numbers_all": [[value, tolerance] for value in values.values()],
    }


def most(values: Mapping[str, float]) -> tuple[str, float]:
    """The greatest and its value. Raises ValueError if two are equal, for then the goal has no one answer."""
    (first, value), (_, second) = sorted(values.items(), key=lambda pair: -pair[1])[:2]
    if value == second:
        raise ValueError(f"two of {sorted(values)} have the most")
    return first, value


def calendar_day(day: date) -> list[str]:
    """The ways in which people write a day."""
    ending = "th" if 10 < day.day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th")
    month, short = f"{day:%B}", f"{day:%b}"
    ways = [
        *(f"{day.day}{end} {name}" for name in (month, short, f"of {month}") for end in ("", ".", ending)),
        *(f"{name} {day.day}{end}" for name in (month, short) for end in ("", ending)),
        *(f"{day:%Y}{mark}{day:%m}{mark}{day:%d}" for mark in "-/."),
        *(f"{day:%d}{mark}{day:%m}{mark}{day:%Y}" for mark in "-/."),
        *(f"{day.day}{mark}{day.month}{mark}{day.year}" for mark in "-/."),
        f"{day.month}/{day.day}/{day.year}",
        f"{day.month}月{day.day}日",
        f"{day.month}月{day.day}号",
    ]
    return list(dict.fromkeys(ways))


def clock_time(hour: int, minute: int) -> list[str]:
    """The ways in which people write a time of the day."""
    half, part = (hour - 1) % 12 + 1, "am" if hour < 12 else "pm"
    ways = [
        *(f"{hour:02}{mark}{minute:02}" for mark in ":.h"),
        f"{hour}:{minute:02}",
        *(f"{half}{mark}{minute:02}{end}" for mark in ":." for end in (f" {part}", part, f" {part[0]}.m.", " in the morning" if hour < 12 else " in the afternoon")),
    ]  # fmt: skip
    return list(dict.fromkeys(ways))
