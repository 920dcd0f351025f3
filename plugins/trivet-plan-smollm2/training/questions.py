"""Clauses of `wording/questions.txt`, filled."""

import re
from functools import cache
from random import Random

from training.conditions import Condition, row_phrase, spoken_rows
from training.domains import WORDING, sections
from training.drafts import upper_first
from training.tables import Column, Table

AVERAGE = {"mean": ("average", "average", "mean", "mean", "avg"), "sum": ("total", "total", "total", "overall", "summed"),
           "max": ("highest", "maximum", "max", "largest"), "min": ("lowest", "minimum", "min", "smallest"), "median": ("median",)}  # fmt: skip
SINGULAR_CLASH = re.compile(r"\b(that|who|which) (are|have|smoke|were)\b|\bs\*")


@cache
def questions() -> dict[str, list[tuple[str, str]]]:
    text = (WORDING / "questions.txt").read_text("utf-8")
    return {name: [(line[0], line[2:]) for line in lines] for name, lines in sections(text)}


def ask(intent: str, slots: dict[str, str], rng: Random, refuse: str = "") -> tuple[str, str]:
    """A filled clause and its kind; clauses with slots that are missing or empty are passed over."""
    slots = slots | {upper_first(key): upper_first(value) for key, value in slots.items() if value}
    while True:
        kind, clause = rng.choice(questions()[intent])
        wanted = re.findall(r"\{(\w+)\}", clause)
        if any(slots.get(name) is None for name in wanted) or (refuse and refuse in clause):
            continue
        clause = clause.removesuffix("*")
        text = re.sub(r"\{(\w+)\}", lambda match: slots[match[1]], clause)
        return kind, fewest(text, rng)


def fewest(text: str, rng: Random) -> str:
    """`the highest number of seats` may be said `the most seats`."""
    if rng.random() < 0.6 and " and " not in text:
        text = re.sub(r"\b(highest|largest|greatest|biggest|top) number of (?!different)", "most ", text)
        text = re.sub(
            r"\b(lowest|smallest|least) number of (?!different)", lambda m: rng.choice(["fewest ", "fewest "]), text
        )
    return text


def measure_noun(column: Column, rng: Random) -> str:
    noun = rng.choice(column.field.nouns)
    return f"number of {noun}" if column.field.kind == "count" else noun


def group_noun(column: Column, rng: Random) -> str:
    return rng.choice(column.field.nouns) if rng.random() < 0.9 else column.name


def plural(noun: str) -> str:
    head, of, tail = noun.partition(" of ")
    if of and head in ("kind", "type", "place", "country", "type of"):
        return f"{head}s of {tail}"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    if noun in ("species", "series", "shoes", "means"):
        return noun
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    return noun + "s"


def single(table: Table, conditions: list[Condition], rng: Random) -> str | None:
    """`carbon boat`, `boat built in 2014`: conditions on one thing, where English allows."""
    text = table.domain.one
    for condition in conditions:
        usable = [p for p in condition.phrases if "*" in p and not SINGULAR_CLASH.search(p)]
        if not usable:
            return None
        text = rng.choice(usable).replace("*", text)
    return text


def about(table: Table, conditions: list[Condition], rng: Random, stem: str = "") -> dict[str, str]:
    """Slots every clause about these rows may use."""
    rows = row_phrase(table, conditions, rng)
    place = rng.choice(table.domain.places) if table.domain.places and rng.random() < 0.8 else ""
    the = (
        rng.choice(["the ", "the ", "all ", "", "all the "])
        if not rows[0].isupper()
        else rng.choice(["the ", "all ", ""])
    )
    slots = {"rows": rows, "the_rows": the + rows, "one": table.domain.one, "pronoun": table.domain.pronoun,
             "stem": rng.choice(["table", "file", "list", "data"])}  # fmt: skip
    if place and not conditions:
        slots["place"] = place
    one = single(table, conditions, rng)
    if one:
        slots["cond"] = ""
        slots["one"] = one
    if conditions:
        del slots["one"]
        if one:
            slots |= {"one": one, "cond": ""}
    return slots


def split(table: Table, conditions: list[Condition], rng: Random) -> tuple[str, str]:
    """Rows and verb; the verb is "" when the conditions are all said by the noun phrase."""
    return spoken_rows(table, conditions, rng)
