"""Conditions on rows, and how English says them."""

from datetime import date
from random import Random
from typing import Any

import msgspec

from training.tables import Column, Table

MONTHS = "January February March April May June July August September October November December".split()
NUMERALS = "zero one two three four five six seven eight nine ten eleven twelve".split()
UNITS = {
    "eur": ("{} euro", "{} euros", "€{}", "{} EUR", "{}€"), "kg": ("{} kg", "{} kilos", "{}kg", "{} kilograms"),
    "g": ("{} g", "{} grams", "{}g"), "km": ("{} km", "{} kilometres", "{} kilometers", "{}km"), "m": ("{} m", "{} metres", "{} meters"),
    "cm": ("{} cm", "{} centimetres", "{}cm"), "mm": ("{} mm", "{} millimetres", "{}mm"), "minutes": ("{} minutes", "{} min"),
    "hours": ("{} hours", "{} h"), "seconds": ("{} seconds", "{} s"), "degrees": ("{} degrees", "{}°C", "{} °C"),
    "percent": ("{}%", "{} percent", "{} per cent"), "years": ("{}", "{} years"), "days": ("{} days",),
    "points": ("{}", "{} points"), "kWh": ("{} kWh", "{}kWh"), "litres": ("{} litres", "{} liters", "{} l"),
    "stars": ("{}", "{} stars"), "square metres": ("{} square metres", "{} m²", "{} sqm"), "m/s": ("{} m/s", "{}"),
    "km/h": ("{} km/h", "{} kph"), "kcal": ("{} kcal", "{} calories"), "volts": ("{} volts", "{} V"), "GB": ("{} GB", "{} gigabytes"),
    "MB": ("{} MB", "{} megabytes"), "ms": ("{} ms", "{} milliseconds"), "hp": ("{} hp", "{} horsepower"),
}  # fmt: skip
SYMBOLS = {"=": "gives", ">": "gt", "<": "lt", ">=": "ge", "<=": "le"}


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    column: Column
    op: str
    value: Any
    phrases: tuple[str, ...]
    """Each either has a `*` where the row noun stands, or begins with a plural verb."""

    def as_argument(self) -> dict[str, Any]:
        return {"column": self.column.name, "op": self.op, "value": self.value}


def article(noun: str) -> str:
    first = noun.split()[0]
    spelled = first.isupper() and len(first) < 4
    return "an" if (first[0] in "AEFHILMNORSX" if spelled else first[0].lower() in "aeio" or (first.startswith(("un", "ur"))
                    and not first.startswith("uni"))) else "a"  # fmt: skip


def number_words(value: int | float, unit: str, rng: Random) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    if isinstance(value, int) and abs(value) >= 10000 and rng.random() < 0.4:
        text = f"{value:,}"
    if isinstance(value, int) and 0 <= value <= 12 and rng.random() < 0.4:
        text = NUMERALS[value]
        return text if not unit or unit in ("points", "years") else f"{text} {unit_words(unit)}"
    if unit and rng.random() < 0.65:
        return rng.choice(UNITS.get(unit, ("{} " + unit,))).format(text)
    return text


def unit_words(unit: str) -> str:
    spoken = {"eur": "euros", "km": "kilometres", "kg": "kilos", "m": "metres", "cm": "centimetres", "mm": "millimetres",
              "g": "grams", "kcal": "calories", "GB": "gigabytes", "MB": "megabytes", "ms": "milliseconds"}  # fmt: skip
    return spoken.get(unit, unit)


def threshold(column: Column, rng: Random) -> float:
    """A round number inside the column's range."""
    low, high = min(column.values), max(column.values)
    raw = low + (high - low) * rng.uniform(0.15, 0.85)
    span = high - low
    step = next((s for s in (1000, 500, 100, 50, 10, 5, 1, 0.5, 0.1) if span / s >= 6), 0.1)
    value = round(raw / step) * step
    if column.type == "integer":
        return int(max(low, value)) if step >= 1 else int(raw)
    rounded = round(value, 2)
    return int(rounded) if rounded == int(rounded) else rounded


def numeric(column: Column, rng: Random) -> Condition | None:
    op = rng.choices([">", "<", ">=", "<=", "="], [36, 32, 14, 12, 6])[0]
    value = threshold(column, rng)
    if column.field.kind == "count":
        return _counted(column, op, int(value), rng)
    if op == "=":
        value = rng.choice(column.values)
        phrases = [f"* with {article(n)} {n} of {{x}}" for n in column.field.nouns] + [
            f"have {article(n)} {n} of exactly {{x}}" for n in column.field.nouns
        ]
    else:
        key = SYMBOLS[op]
        phrases = list(column.field.phrases.get(key, ())) * 2
        words = {
            "gt": ("above {x}", "over {x}", "of more than {x}", "greater than {x}"),
            "lt": ("below {x}", "under {x}", "of less than {x}", "smaller than {x}"),
            "ge": ("of at least {x}", "of {x} or more"),
            "le": ("of at most {x}", "of {x} or less"),
        }[key]
        noun = rng.choice(column.field.nouns)
        phrases += [
            f"* with {article(noun)} {noun} {rng.choice(words)}",
            f"have {article(noun)} {noun} {rng.choice(words)}",
        ]
        phrases += [
            f"* whose {noun} is {rng.choice(words).removeprefix('of ')}",
            f"* where the {noun} is {rng.choice(words).removeprefix('of ')}",
        ]
        if rng.random() < 0.12:
            phrases = [f"* with {column.name} {op} {{x}}", f"* where {column.name} {op} {{x}}"]
    x = number_words(value, column.unit, rng)
    if column.field.kind in ("age", "rating", "score") and column.unit in ("years", "stars", "points"):
        x = number_words(value, "", rng)
    return Condition(column=column, op=op, value=value, phrases=tuple(p.replace("{x}", x) for p in phrases))


def _counted(column: Column, op: str, value: int, rng: Random) -> Condition:
    value = max(value, 1)
    noun = rng.choice(column.field.nouns)
    x = number_words(value, "", rng)
    much = {">": ("more than {x} {n}", "over {x} {n}"), "<": ("fewer than {x} {n}", "less than {x} {n}", "under {x} {n}"),
            ">=": ("at least {x} {n}", "{x} or more {n}"), "<=": ("at most {x} {n}", "no more than {x} {n}"),
            "=": ("exactly {x} {n}", "{x} {n}")}[op]  # fmt: skip
    if value == 1 and op == "=":
        value, x = 2, rng.choice(["2", "two"])
    spoken = [m.replace("{x}", x).replace("{n}", noun) for m in much]
    return Condition(column=column, op=op, value=value,
                     phrases=tuple(f"* with {s}" for s in spoken) * 2 + tuple(f"have {s}" for s in spoken))  # fmt: skip


def categorical(column: Column, rng: Random) -> Condition | None:
    value = rng.choice(column.values)
    return category(column, value, rng)


def category(column: Column, value: Any, rng: Random, op: str = "=") -> Condition:
    noun = rng.choice(column.field.nouns or (column.name,))
    written = str(value)
    spoken = column.spoken.get(written, ())
    phrases = []
    for template in column.field.phrases.get("is", ()) * 3:
        if template.startswith("=") and "*" in template:
            continue
        template = template.removeprefix("= ").removeprefix("=")
        plural = spoken[0] if spoken and spoken[0] and not spoken[1:] else ""
        if "{v}s" in template:
            template = template.replace("{v}s", plural or written + "s")
        if template.startswith("{v} *") and len(spoken) > 1 and spoken[0]:
            template = template.replace("{v}", spoken[0])
        phrases.append(template.replace("{v}", written))
    if len(spoken) > 1 and spoken[1]:
        phrases += [f"* when {spoken[1]}", f"* on which {spoken[1]}"] * 2
    if op == "!=":
        phrases = [
            f"* whose {noun} is not {written}",
            f"* with a {noun} other than {written}",
            f"* where {noun} is not {written}",
        ]
        verbs = [p for p in column.field.phrases.get("is", ()) if p.startswith("= are ")]
        phrases += [
            v.removeprefix("= ").replace("are ", "are not ", 1).replace("{v}", written)
            for v in verbs
            if "{v}s" not in v
        ]
    elif rng.random() < 0.25 or not phrases:
        phrases = [f"* with {noun} {written}", f"* whose {noun} is {written}", f"* where {noun} is {written}",
                   f"* with {column.name} = {written}", f"* where {column.name} is {written}"]  # fmt: skip
    return Condition(column=column, op=op, value=value, phrases=tuple(phrases))


def flagged(column: Column, rng: Random, yes: bool | None = None) -> Condition:
    yes = rng.random() < 0.5 if yes is None else yes
    true = next(v for v in column.values if v in (True, 1, "yes", "Y", "x", "true"))
    false = next(v for v in column.values if v != true)
    return Condition(
        column=column, op="=", value=true if yes else false, phrases=column.field.phrases["yes" if yes else "no"]
    )


def spoken_day(day: str, rng: Random) -> str:
    when = date.fromisoformat(day)
    month = MONTHS[when.month - 1]
    forms = [day, f"{when.day} {month} {when.year}", f"{month} {when.day}, {when.year}", f"{when.day}.{when.month}.{when.year}",
             f"{_ordinal(when.day)} {month} {when.year}", f"{when.day} {month[:3]} {when.year}", f"the {_ordinal(when.day)} of {month} {when.year}",
             f"{month} {_ordinal(when.day)} {when.year}", f"{when.year}/{when.month:02d}/{when.day:02d}"]  # fmt: skip
    return rng.choice(forms)


def _ordinal(day: int) -> str:
    suffix = "th" if 10 < day < 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def spoken_month(period: str, rng: Random) -> str:
    year, month = period.split("-")
    name = MONTHS[int(month) - 1]
    return rng.choice(
        [f"{name} {year}", f"{name} {year}", f"{name} {year}", f"{name[:3]} {year}", f"{name} of {year}", period]
    )


def dated(column: Column, rng: Random) -> list[Condition]:
    """One condition, or two for a range."""
    day = str(rng.choice(column.values))
    period: int | str
    if column.role == "year":
        period, spoken = int(day), day
    else:
        values = [day[:4], day[:4], day[:7], day[:7], day]
        period = chosen = rng.choice(values)
        spoken = {4: lambda: chosen, 7: lambda: spoken_month(chosen, rng), 10: lambda: spoken_day(chosen, rng)}[
            len(chosen)
        ]()
    when = column.field.phrases.get("when", ())
    bare = [p.replace("{t:bare}", spoken) for p in when if "{t:bare}" in p]
    when = tuple(p for p in when if "{t:bare}" not in p) or ("* with a date {t}",)
    kind = rng.random()
    on = "on" if isinstance(period, str) and len(period) == 10 else "in"
    if kind < 0.62 or (isinstance(period, str) and len(period) == 10 and kind < 0.8):
        into = [f"{on} {spoken}"] * 4 + ([f"during {spoken}", f"in the year {spoken}"] if spoken.isdigit() else [])
        phrases = [p.replace("{t}", rng.choice(into)) for p in when] + bare
        return [Condition(column=column, op="=", value=period, phrases=tuple(phrases))]
    if kind < 0.9 or column.role == "date":
        op, words = rng.choice(
            [
                (">", ["after"]),
                ("<", ["before"]),
                (">=", ["since", "in or after"] if on == "in" else ["since", "on or after"]),
            ]
        )
        return [Condition(column=column, op=op, value=period,
                          phrases=tuple(p.replace("{t}", f"{rng.choice(words)} {spoken}") for p in when))]  # fmt: skip
    first, last = sorted(rng.sample(column.values, 2)) if len(column.values) > 1 else (period, period)
    t = rng.choice([f"between {first} and {last}", f"from {first} to {last}"])
    return [
        Condition(column=column, op=">=", value=first, phrases=tuple(p.replace("{t}", t) for p in when)),
        Condition(column=column, op="<=", value=last, phrases=("",)),
    ]


def some(table: Table, rng: Random, count: int, without: tuple[str, ...] = ()) -> list[Condition]:
    """Up to `count` conditions on different columns."""
    usable = [c for c in table.having("cat", "num", "flag", "date", "year") if c.name not in without]
    rng.shuffle(usable)
    found = list[Condition]()
    for column in sorted(usable[: count + 1], key=lambda c: c.role == "num")[:count]:
        match column.role:
            case "cat" if rng.random() < 0.08:
                found.append(category(column, rng.choice(column.values), rng, "!="))
            case "cat":
                found += [c for c in [categorical(column, rng)] if c]
            case "num":
                found += [c for c in [numeric(column, rng)] if c]
            case "flag":
                found.append(flagged(column, rng))
            case _:
                found += dated(column, rng)
    return found


def where(conditions: list[Condition]) -> dict[str, Any]:
    return {"where": [c.as_argument() for c in conditions]} if conditions else {}


def spoken_rows(table: Table, conditions: list[Condition], rng: Random, noun: str = "") -> tuple[str, str]:
    """The rows that meet the conditions, as (noun phrase, plural verb phrase or "")."""
    rows = noun or table.domain.many
    verbs = list[str]()
    picked = [(c, rng.choice(c.phrases)) for c in conditions]
    spoken = sorted((p for _, p in picked if p), key=lambda p: not p.startswith("*"))
    fronted = 0
    for phrase in sorted(spoken, key=lambda p: 0 if p.endswith("*") else 1 if "*" in p else 2):
        if "*" not in phrase:
            verbs.append(phrase)
        elif phrase.endswith("*") and fronted:
            verbs.append("are " + phrase.removesuffix(" *"))
        else:
            fronted += phrase.endswith("*")
            rows = phrase.replace("*", rows)
    return rows, " and ".join(verbs)


def row_phrase(table: Table, conditions: list[Condition], rng: Random, noun: str = "") -> str:
    rows, verb = spoken_rows(table, conditions, rng, noun)
    return f"{rows} {table.domain.pronoun} {verb}" if verb else rows
