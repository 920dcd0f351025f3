"""What the arguments of invented tools hold, and how goals say it: read from `wording/values.toml`."""

import tomllib
from functools import cache
from random import Random
from typing import Any

import msgspec

from training import people
from training.conditions import NUMERALS, spoken_day
from training.domains import WORDING


class Value(msgspec.Struct, frozen=True):
    said: str
    """As in the goal."""
    value: Any
    """As in the plan."""


class Kind(msgspec.Struct, frozen=True):
    values: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()
    vague: tuple[str, ...] = ()
    again: tuple[str, ...] = ()


@cache
def kinds() -> dict[str, Kind]:
    table = tomllib.loads((WORDING / "values.toml").read_text("utf-8"))
    return {name: msgspec.convert(entry, Kind) for name, entry in table.items() if name != "codes"}


@cache
def codes() -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((WORDING / "values.toml").read_text("utf-8"))["codes"]
    return found


def kind_of(kind: str) -> Kind:
    return kinds().get(kind.partition(":")[0], Kind())


def drawn(kind: str, rng: Random, *, chinese: bool = False, in_words: bool = False) -> Value | None:
    """A value of the kind; None for a kind that needs a workspace, and for Chinese where it has no Chinese values.

    `in_words`: small numbers may be spoken as words.
    """
    head, _, rest = kind.partition(":")
    match head:
        case "INT":
            low, high = rest.split("-")
            number = rng.randint(int(low), int(high))
            is_word = in_words and 2 <= number <= 12 and rng.random() < 0.3
            return Value(NUMERALS[number] if is_word else str(number), number)
        case "NUM":
            low, high = rest.split("-")
            figure = round(rng.uniform(float(low), float(high)), 1)
            return Value(str(figure), figure)
        case "ENUM":
            option = rng.choice(rest.split(","))
            return None if chinese else Value(option, option)
        case "DATE" | "DATE2":
            year, month, day = rng.randint(2024, 2027), rng.randint(1, 12), rng.randint(1, 28)
            written = f"{year}-{month:02d}-{day:02d}"
            return Value(f"{year}年{month}月{day}日" if chinese else spoken_day(written, rng), written)
        case "PERSON" | "PERSON2" if not chinese:
            name = people.full_name(rng) if rng.random() < 0.6 else rng.choice(people.FIRST)
            return Value(name, name)
        case "PHONE" | "PLATE":
            text = people.contact(head, rng)
            return Value(text, text)
    if head in codes():
        text = people.coded(codes()[head], rng)
        return Value(text, text)
    options = kind_of(head).chinese if chinese else kind_of(head).values
    if not options:
        return None
    text = rng.choice(options)
    return Value(text, text)


def exchangeable(kind: str, other: str, rng: Random) -> tuple[Value, Value] | None:
    """Two different values, each of which either argument could hold."""
    pool = tuple(dict.fromkeys((*kind_of(kind).values, *kind_of(other).values)))
    if len(pool) > 1:
        first, second = rng.sample(pool, 2)
        one, two = Value(first, first), Value(second, second)
    else:
        drawn_one, drawn_two = drawn(kind, rng), drawn(other, rng)
        if drawn_one is None or drawn_two is None:
            return None
        one, two = drawn_one, drawn_two
    is_clear = one.said not in two.said and two.said not in one.said  # `release` is a part of `release-2.1`
    return (one, two) if is_clear else None


def schema_of(kind: str, *, native: bool) -> dict[str, Any]:
    """The JSON Schema of an argument: with trivet's formats if `native`, else as people write who know none of them."""
    head, _, rest = kind.partition(":")
    match head:
        case "INT":
            return {"type": "integer"}
        case "NUM":
            return {"type": "number"}
        case "BOOL":
            return {"type": "boolean"}
        case "ENUM":
            return {"type": "string", "enum": rest.split(",")}
        case "DATE" | "DATE2":
            return {"type": "string", "format": "date"}
        case "FILE":
            return {"type": "string", "format": "workspace-path"}
        case "COLCAT" | "COLNUM":
            return {"type": "string", "format": "column"}
    return {"type": "string", "format": "span"} if native else {"type": "string"}
