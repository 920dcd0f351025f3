"""Goals whose steps hand a value on: a looked-up price times a number, a total in another unit, days between looked-up dates."""

from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, call, decorated, escaped, framed, mentioned, ref
from training.finishing import finish, summable
from training.goals_calc import UNITS
from training.questions import measure_noun
from training.tables import Column, Table

FAMILIES = {"km": "length", "m": "length", "cm": "length", "mm": "length", "kg": "mass", "g": "mass", "tonnes": "mass", "minutes": "time", "hours": "time", "seconds": "time",
            "litres": "volume", "m/s": "speed", "km/h": "speed", "degrees": "temperature", "kWh": "energy", "kcal": "energy", "hectares": "area", "square metres": "area",
            "GB": "data", "MB": "data", "kW": "power", "hp": "power"}  # fmt: skip


def cell(step: int, column: str) -> dict[str, str]:
    """The value of a column in the first row of an earlier step."""
    return ref(step, "rows/0/" + escaped(column))


def look(table: Table, key: Column, value: Any, target: Column) -> dict[str, Any]:
    return call(
        "table.select", path=table.path, columns=[target.name], where=[{"column": key.name, "op": "=", "value": value}]
    )


def order_cost(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """What some pieces of one or two listed things cost."""
    prices = [c for c in table.having("num") if c.field.kind in ("price", "rent") and c.field.phrases.get("maxv") != ()]
    key = next(iter(table.having("key")), None)
    if not prices or key is None or key.field.content == "PERSON" or len(key.values) < 2:
        return None
    price = rng.choice(prices)
    a, b = rng.sample(key.values, 2)
    n, m = rng.randint(2, 24), rng.randint(2, 12)
    said = rng.choice([str(n), cond.NUMERALS[n] if n <= 12 else str(n)])
    noun = rng.choice(price.field.nouns)
    if rng.random() < 0.5:
        text = rng.choice([f"What do {said} of {a} cost?", f"How much are {said} x {a}?", f"What do I pay for {n} times {a}?", f"total for {n} x {a}", f"I'd like {said} of {a}. What will that cost?", f"price of {n} pieces of {a}",
                           f"We need {n} of {a}; what is the total?", f"Work out the {noun} of {a} times {n}.", f"{n} times the {noun} of {a}?", f"what would {n} of {a} come to"])  # fmt: skip
        plan = [
            look(table, key, a, price),
            call("calculate.evaluate", expression=f"{n} * a", values={"a": cell(1, price.name)}),
        ]
    else:
        text = rng.choice([f"What do {n} of {a} and {m} of {b} cost together?", f"{n} x {a} and {m} x {b}: total?", f"How much are {n} {a} plus {m} {b}?", f"I order {n} of {a} and {m} of {b}. What is the bill?",
                           f"work out what {n} times {a} and {m} times {b} cost", f"Add up {n} of {a} and {m} of {b}."])  # fmt: skip
        plan = [look(table, key, a, price), look(table, key, b, price),
                call("calculate.evaluate", expression=f"{n} * a + {m} * b", values={"a": cell(1, price.name), "b": cell(2, price.name)})]  # fmt: skip
    sentence = mentioned(text, "s", table.path, setting, rng, 0.85)
    return Draft(goal=decorated(sentence, rng), plan=plan, kind="multi-step")


def gap(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """How far apart two named things are in a number."""
    key = next(iter(table.having("key")), None)
    numbers = table.having("num")
    if key is None or not numbers or len(key.values) < 2:
        return None
    column = rng.choice(numbers)
    a, b = rng.sample(key.values, 2)
    noun = measure_noun(column, rng)
    text = rng.choice([f"the difference in {noun} between {a} and {b}", f"the difference between the {noun} of {a} and that of {b}", f"the {noun} of {a} minus the {noun} of {b}", f"the {noun} of {a} and {b} together",
                       f"the sum of the {noun} of {a} and {b}"])  # fmt: skip
    sign = "+" if "together" in text or text.startswith("the sum") else "-"
    plan = [
        look(table, key, a, column),
        look(table, key, b, column),
        call(
            "calculate.evaluate",
            expression=f"a {sign} b",
            values={"a": cell(1, column.name), "b": cell(2, column.name)},
        ),
    ]
    return finish("n", text, plan, "multi-step", table, setting, rng)


def in_unit(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """A figure of a column, converted, perhaps saved."""
    numbers = [c for c in table.having("num") if c.unit in FAMILIES]
    if not numbers:
        return None
    column = rng.choice(numbers)
    family = UNITS[FAMILIES[column.unit]]
    unit = "celsius" if column.unit == "degrees" else column.unit
    others = [
        name
        for names in family.values()
        for name in names
        if unit not in names and column.unit not in names and not name.startswith("in ")
    ]
    to = rng.choice([o for o in others if "Celsius" not in o and o != "°C"])
    function, word = rng.choice(
        [("mean", "average"), ("max", "highest"), ("min", "lowest")]
        + ([("sum", "total"), ("sum", "total")] if summable(column) else [])
    )
    noun = measure_noun(column, rng)
    rows = table.domain.many
    plan = [
        call("table.aggregate", path=table.path, function=function, column=column.name),
        {"tool": "calculate.convert", "arguments": {"value": ref(1, "value"), "unit": unit, "to": to}},
    ]
    n = rng.choice(
        [
            f"the {word} {noun} of the {rows} in {to}",
            f"the {word} {noun} in {to}",
            f"the {word} {noun} of all {rows}, converted to {to}",
            f"the {word} {noun} ({column.unit}) of the {rows}, expressed in {to}",
        ]
    )
    if rng.random() < 0.35:
        path = f"{rng.choice(['out', 'results', 'notes', 'report'])}/{rng.choice(['figure', 'converted', 'value', function])}.txt"
        text = rng.choice(
            [
                f"Save {n} to {path}.",
                f"Work out {n} and write it to {path}.",
                f"Put {n} into {path}.",
                f"Work out the {word} {noun}, turn it into {to} and save it in {path}.",
            ]
        )
        return finish(
            "s", text, [*plan, call("files.write", path=path, text="{{s2#/value}}")], "multi-step", table, setting, rng
        )
    return finish("n", n, plan, "multi-step", table, setting, rng, numbers=True)


def day_of(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """Weekday of, days between or time after dates that must be looked up."""
    dates, keys = table.having("date"), table.having("key", "id")
    if not dates or not keys:
        return None
    key, column = keys[0], rng.choice(dates)
    a, b = rng.sample(key.values, 2)
    noun = rng.choice(column.field.nouns or (column.name,))
    form = rng.random()
    of = f"{table.domain.one} {a}" if key.role == "id" else str(a)
    if form < 0.35:
        text = rng.choice(
            [
                f"Which weekday is the {noun} of {of}?",
                f"On what day of the week is the {noun} of {of}?",
                f"weekday of the {noun} of {of}",
                f"What day of the week was the {noun} of {of}?",
            ]
        )
        plan = [look(table, key, a, column), {"tool": "calculate.weekday", "arguments": {"day": cell(1, column.name)}}]
    elif form < 0.7 or len(dates) < 2:
        n, unit = rng.choice([7, 10, 14, 30, 60, 90]), "days"
        if rng.random() < 0.5:
            n, unit = rng.randint(2, 18), rng.choice(["weeks", "months", "years"])
        text = rng.choice(
            [
                f"What date is {n} {unit} after the {noun} of {of}?",
                f"The {noun} of {of} plus {n} {unit}: which date?",
                f"{n} {unit} after the {noun} of {of}?",
                f"Add {n} {unit} to the {noun} of {of}.",
            ]
        )
        plan = [
            look(table, key, a, column),
            {"tool": "calculate.add_to_date", "arguments": {"start": cell(1, column.name), "amount": n, "unit": unit}},
        ]
    else:
        second = next(d for d in dates if d is not column)
        other = rng.choice(second.field.nouns or (second.name,))
        text = rng.choice(
            [
                f"How many days are there between the {noun} and the {other} of {of}?",
                f"days from the {noun} to the {other} of {of}",
                f"For {of}, how many days lie between {noun} and {other}?",
            ]
        )
        where = [{"column": key.name, "op": "=", "value": a}]
        plan = [call("table.select", path=table.path, columns=[column.name, second.name], where=where),
                {"tool": "calculate.days_between", "arguments": {"start": cell(1, column.name), "end": cell(1, second.name)}}]  # fmt: skip
    if form < 0.12:
        text = rng.choice(
            [
                f"How many days lie between the {noun} of {a} and that of {b}?",
                f"days between the {noun} of {a} and of {b}",
            ]
        )
        plan = [
            look(table, key, a, column),
            look(table, key, b, column),
            {
                "tool": "calculate.days_between",
                "arguments": {"start": cell(1, column.name), "end": cell(2, column.name)},
            },
        ]
    return finish("s", text, plan, "multi-step", table, setting, rng)


def balance(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """How many more rows meet the one condition than the other."""
    flags = table.having("flag")
    if not flags:
        return None
    column = rng.choice(flags)
    yes, no = (cond.flagged(column, rng, yes=value) for value in (True, False))
    first, second = (next((p for p in c.phrases if "*" not in p), "") for c in (yes, no))
    if not first or not second:
        return None
    rows, pronoun = table.domain.many, table.domain.pronoun
    text = rng.choice(
        [
            f"how many more {rows} {first} than {second}",
            f"the number of {rows} {pronoun} {first} minus the number {pronoun} {second}",
        ]
    )
    plan = [call("table.aggregate", path=table.path, function="count", **cond.where([c])) for c in (yes, no)]
    plan.append(call("calculate.evaluate", expression="a - b", values={"a": ref(1, "value"), "b": ref(2, "value")}))
    return finish("w" if text.startswith("how") else "n", text, plan, "multi-step", table, setting, rng)


def computed_and_saved(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """A figure, arithmetic on it, and a file."""
    numbers = [c for c in table.having("num") if summable(c)]
    if not numbers:
        return None
    column = rng.choice(numbers)
    x = rng.choice([str(rng.randint(2, 30)), f"{rng.uniform(0.1, 4):.2f}"])
    noun = measure_noun(column, rng)
    what, expression = rng.choice(
        [
            (f"the total {noun} times {x}", f"a * {x}"),
            (f"the total {noun} divided by {x}", f"a / {x}"),
            (f"{x}% of the total {noun}", f"a * {x}%"),
            (f"the total {noun} plus {x} percent", f"a * (1 + {x}%)"),
        ]
    )
    path = f"{rng.choice(['out', 'results', 'notes', 'report', 'new'])}/{rng.choice(['total', 'share', 'sum', 'amount', 'computed'])}.txt"
    text = rng.choice(
        [
            f"save {what} to {path}",
            f"work out {what} and write it to {path}",
            f"compute {what} and put the result into {path}",
            f"store {what} in {path}",
        ]
    )
    plan = [call("table.aggregate", path=table.path, function="sum", column=column.name), call("calculate.evaluate", expression=expression, values={"a": ref(1, "value")}),
            call("files.write", path=path, text="{{s2#/value}}")]  # fmt: skip
    return Draft(
        goal=decorated(mentioned(framed(text, "i", rng), "i", table.path, setting, rng), rng),
        plan=plan,
        kind="multi-step",
    )
