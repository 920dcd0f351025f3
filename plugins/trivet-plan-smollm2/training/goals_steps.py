"""Goals of several steps: comparisons, shares, figures that go on into arithmetic, two files."""

import re
from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, call, decorated, escaped, framed, mentioned, ref
from training.finishing import chosen, finish, summable
from training.goals_figure import figure_clause
from training.goals_row import row_phrase
from training.questions import about, ask, measure_noun, plural, split
from training.tables import Column, Table


def compare(table: Table, setting: Setting, rng: Random) -> Draft | None:
    cats = [c for c in table.having("cat") if len(c.values[: c.shown]) > 1 and isinstance(c.values[0], str)]
    if not cats:
        return None
    cat = rng.choice(cats)
    a, b = rng.sample(cat.values[: cat.shown], 2)
    numbers = table.having("num")
    conditions = chosen(table, setting, rng, (0, 0, 0, 1), (cat.name, *(c.name for c in numbers)))
    slots = about(table, conditions, rng) | {"cat": rng.choice(cat.field.nouns), "a": a, "b": b}
    if rng.random() < 0.5 and cat.field.nouns[0] == "bus":
        slots |= {"a": f"the {a}", "b": f"the {b}"}
    if numbers and rng.random() < 0.8:
        column = rng.choice(numbers)
        slots["noun"] = measure_noun(column, rng)
        function = rng.choice(["mean", "sum"]) if summable(column) else "mean"
        kind, text = ask("compare mean" if function == "mean" else "compare total", slots, rng)
        arguments: dict[str, Any] = {"function": function, "column": column.name}
        text = _figures(text, column, function, cat, a, b, rng)
    else:
        arguments = {"function": "count"}
        kind, text = ask("compare count", slots, rng)
    if conditions and slots["rows"] not in text:
        conditions = []
    plan = [
        call("table.compare", path=table.path, **arguments, by=cat.name, first=a, second=b, **cond.where(conditions))
    ]
    return finish(kind, text, plan, "compare", table, setting, rng)


def _figures(text: str, column: Column, function: str, cat: Column, a: str, b: str, rng: Random) -> str:
    unit = cond.unit_words(column.unit)
    if unit and rng.random() < 0.2 and text.endswith("?") and "how much" not in text:
        return text[:-1] + f", and by how many {unit}?" if "by" not in text.split(",")[-1] else text
    return text


def share(table: Table, setting: Setting, rng: Random) -> Draft | None:
    conditions = chosen(table, setting, rng, (1,))
    if len(conditions) != 1:
        return None
    rows, verb = split(table, conditions, rng)
    if not verb:
        return None
    kind, text = ask("share", {"rows": rows, "verb": verb, "pronoun": table.domain.pronoun}, rng)
    plan = [
        call("table.aggregate", path=table.path, function="count", **cond.where(conditions)),
        call("table.aggregate", path=table.path, function="count"),
        call("calculate.evaluate", expression="a / b * 100", values={"a": ref(1, "value"), "b": ref(2, "value")}),
    ]
    return finish(kind, text, plan, "multi-step", table, setting, rng, numbers=True)


def spread(table: Table, setting: Setting, rng: Random) -> Draft | None:
    numbers = table.having("num")
    if not numbers:
        return None
    column = rng.choice(numbers)
    conditions = chosen(table, setting, rng, (0, 0, 1), (column.name,))
    kind, text = ask("range", about(table, conditions, rng) | {"noun": measure_noun(column, rng)}, rng)
    plan = [
        call("table.aggregate", path=table.path, function=f, column=column.name, **cond.where(conditions))
        for f in ("max", "min")
    ]
    plan.append(call("calculate.evaluate", expression="a - b", values={"a": ref(1, "value"), "b": ref(2, "value")}))
    return finish(kind, text, plan, "multi-step", table, setting, rng, numbers=True)


THEN = (
    ("{n} times {x}", "a * {x}"), ("{n}, multiplied by {x}", "a * {x}"), ("{n}, divided by {x}", "a / {x}"), ("{n} plus {p}%", "a * (1 + {p}%)"),
    ("{n} with {p}% added", "a * (1 + {p}%)"), ("{n} after a discount of {p}%", "a * (1 - {p}%)"), ("{n} minus {p} percent", "a * (1 - {p}%)"),
    ("{p}% of {n}", "a * {p}%"), ("{p} percent of {n}", "a * {p}%"), ("half of {n}", "a / 2"), ("twice {n}", "a * 2"), ("{n}, split between {k} people", "a / {k}"),
    ("{n}, shared equally by {k} people", "a / {k}"), ("{n} less {x}", "a - {x}"), ("{n} increased by {p}%", "a * (1 + {p}%)"), ("{n} reduced by {p}%", "a * (1 - {p}%)"),
    ("{n} including {p}% VAT", "a * (1 + {p}%)"), ("a third of {n}", "a / 3"), ("a quarter of {n}", "a / 4"), ("{n} per month, if it is spread over {k} months", "a / {k}"),
)  # fmt: skip


MONEY = re.compile(r"VAT|discount|month|people")


def then_arithmetic(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """A figure, and something done with it."""
    if rng.random() < 0.35:
        return _each_times(table, setting, rng)
    made = figure_clause(table, setting, rng, only="n", functions=("sum", "sum", "mean", "max"))
    if not made:
        return None
    _, clause, plan = made
    column = next(c for c in table.columns if c.name == plan[0]["arguments"]["column"])
    money = column.unit == "eur"
    words, expression = rng.choice([t for t in THEN if money or not MONEY.search(t[0])])
    numbers = {
        "x": f"{rng.choice([rng.randint(2, 40), round(rng.uniform(0.1, 9), 2)])}",
        "p": str(rng.choice([3, 5, 7, 8, 10, 12, 15, 19, 20, 25, 30])),
        "k": str(rng.randint(2, 12)),
    }
    for key, value in numbers.items():
        words, expression = words.replace(f"{{{key}}}", value), expression.replace(f"{{{key}}}", value)
    text = words.replace("{n}", clause)
    plan = [*plan, call("calculate.evaluate", expression=expression, values={"a": ref(1, "value")})]
    return finish("n", text, plan, "multi-step", table, setting, rng, numbers=True)


def _each_times(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """Every row counts with the same price: count, then multiply."""
    conditions = chosen(table, setting, rng, (0, 1, 1))
    rows, verb = split(table, conditions, rng)
    x = rng.choice([f"{rng.randint(2, 90)}", f"{rng.uniform(1, 40):.2f}"])
    whole = row_phrase(rows, verb, table)
    text = rng.choice([
        f"If each of the {whole} costs us {x} euro, what do we pay in total?", f"We charge {x} euro for each of the {whole}. How much is that altogether?",
        f"What do we get if we take {x} euro for each of the {whole}?", f"Every one of the {whole} needs a label at {x} euro. What do all labels cost?",
        f"Suppose we spend {x} euro on each of the {whole}. What is the total?", f"How many minutes do we need for all {whole} at {x} minutes each?",
        f"Stickers cost {x} each, and each of the {whole} gets one. What is the bill?", f"{x} euro per head for all {whole}: how much is that?" if table.domain.pronoun == "who"
        else f"{x} euro for each of the {whole}: how much is that?"])  # fmt: skip
    plan = [call("table.aggregate", path=table.path, function="count", **cond.where(conditions)),
            call("calculate.evaluate", expression=f"a * {x}", values={"a": ref(1, "value")})]  # fmt: skip
    return Draft(goal=mentioned(text, "s", table.path, setting, rng, 0.7), plan=plan, kind="multi-step")


def ratio(table: Table, setting: Setting, rng: Random) -> Draft | None:
    numbers = [c for c in table.having("num") if summable(c) and c.field.kind not in ("rating", "age")]
    if len(numbers) < 2:
        return None
    a, b = rng.sample(numbers, 2)
    an, bn = measure_noun(a, rng), measure_noun(b, rng)
    if an == bn:
        return None
    text = rng.choice([f"the total {an} divided by the total {bn}", f"the ratio of total {an} to total {bn}", f"the overall {an} per {bn} (total {an} divided by total {bn})",
                       f"the sum of the {an} divided by the sum of the {bn}", f"total {an} over total {bn}", f"how much {an} there is per unit of {bn} (totals divided)"])  # fmt: skip
    plan = [call("table.aggregate", path=table.path, function="sum", column=c.name) for c in (a, b)]
    plan.append(call("calculate.evaluate", expression="a / b", values={"a": ref(1, "value"), "b": ref(2, "value")}))
    if rng.random() < 0.3:
        path = f"{rng.choice(['out', 'results', 'report', 'new'])}/{rng.choice(['ratio', 'rate', 'result', 'quotient'])}.txt"
        text = rng.choice(
            [
                f"Work out {text} and save it in {path}.",
                f"Calculate {text}, and write the result to {path}.",
                f"Put {text} into {path}.",
            ]
        )
        plan.append(call("files.write", path=path, text="{{s3#/value}}"))
        return finish("s", text, plan, "multi-step", table, setting, rng)
    return finish("n", text, plan, "multi-step", table, setting, rng, numbers=True)


AMOUNTS = (
    "stock",
    "quantity",
    "units",
    "pieces",
    "tickets sold",
    "number",
    "participants",
    "copies",
    "bottles",
    "sold",
    "boxes",
    "packs",
    "shares",
    "items",
    "sets",
)


def product(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """Row by row products need SQL."""
    prices = [c for c in table.having("num") if c.field.kind == "price"]
    amounts = [
        c
        for c in table.having("num")
        if c.field.kind in ("count", "value") and any(name.startswith(AMOUNTS) for name in c.field.names)
    ]
    if not prices or not amounts:
        return None
    price, amount = rng.choice(prices), rng.choice(amounts)
    pn, an = rng.choice(price.field.nouns), rng.choice(amount.field.nouns)
    text = rng.choice([f"the total of {pn} times {an} over all {table.domain.many}", f"the sum of {an} times {pn}", f"the total value of all {table.domain.many} ({an} times {pn})",
                       f"{an} multiplied by {pn}, added up over all {table.domain.many}", f"the total when {pn} and {an} are multiplied row by row",
                       f"the sum over all {table.domain.many} of {pn} × {an}"])  # fmt: skip
    query = f'SELECT SUM("{amount.name}" * "{price.name}") AS value FROM data'
    return finish(
        "n", text, [call("table.sql", query=query, paths=[table.path])], "multi-step", table, setting, rng, numbers=True
    )


def linked(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """Rows of one file whose partner in the other file meets a condition."""
    for other in setting.tables:
        link = next(
            (
                c
                for c in table.having("cat", "key2")
                if other.key and set(map(str, c.values)) & set(map(str, other.key.values))
            ),
            None,
        )
        if other is table or not link or not other.key:
            continue
        conditions = cond.some(other, rng, 1)
        if not conditions:
            return None
        rows, verb = split(other, conditions, rng)
        partner = row_phrase(rows, verb, other)
        templates = [
            t
            for t in link.field.phrases.get("is", ())
            if t.startswith("*") and t.endswith("{v}") and "the {v}" not in t
        ]
        template = rng.choice(templates or ["* whose " + link.field.nouns[0] + " is one of the {v}"])
        noun = template.replace("*", table.domain.many).replace("{v}", partner)
        first = call("table.select", path=other.path, columns=[other.key.name], **cond.where(conditions))
        among = {"column": link.name, "op": "in", "value": ref(1, "values/" + escaped(other.key.name))}
        numbers = list(table.having("num"))
        if numbers and rng.random() < 0.45:
            column = rng.choice(numbers)
            function = rng.choice(["mean", "sum"]) if summable(column) else "mean"
            kind, text = ask(
                function,
                {"noun": measure_noun(column, rng), "rows": noun, "the_rows": rng.choice(["the ", "all "]) + noun},
                rng,
            )
            second = call("table.aggregate", path=table.path, function=function, column=column.name, where=[among])
        elif table.key and rng.random() < 0.3:
            kind, text = ask("list np", {"rows": noun}, rng)
            second = call("table.select", path=table.path, columns=[table.key.name], where=[among])
        else:
            kind, text = ask("count", {"rows": noun}, rng)
            second = call("table.aggregate", path=table.path, function="count", where=[among])
        sentence = framed(text, kind, rng)
        if rng.random() < 0.7:
            what = rng.choice(conditions[0].column.field.nouns or (conditions[0].column.name,))
            sentence = sentence if sentence[-1] in ".?!" else sentence + "."
            sentence += " " + rng.choice([f"The {plural(what)} are in {other.path}, the {table.domain.many} in {table.path}.", f"{other.domain.many.capitalize()} are in {other.path}, {table.domain.many} in {table.path}.",
                                          f"({table.path} and {other.path})", f"Use {other.path} and {table.path}.", f"See {other.path} for the {other.domain.many}."])  # fmt: skip
        return Draft(goal=decorated(sentence, rng), plan=[first, second], kind="multi-step")
    return None


def joined(table: Table, setting: Setting, rng: Random) -> Draft | None:
    for other in setting.tables:
        link = next(
            (
                c
                for c in table.having("cat", "key2")
                if other.key and set(map(str, c.values)) & set(map(str, other.key.values))
            ),
            None,
        )
        if other is table or not link or not other.key:
            continue
        extra: dict[str, Any] = {} if other.key.name == link.name else {"other_on": other.key.name}
        join = call("table.join", path=table.path, other=other.path, on=link.name, **extra)
        word = link.name
        text = rng.choice([f"join {table.path} with {other.path} on {word}", f"combine {table.path} and {other.path} by {word}", f"merge {table.path} with {other.path} on {word}",
                           f"add the columns of {other.path} to {table.path} (matching on {word})", f"link each row of {table.path} to its row in {other.path} by {word}"])  # fmt: skip
        if rng.random() < 0.6:
            path = f"{rng.choice(['out', 'results', 'merged', 'new'])}/{rng.choice(['joined', 'merged', 'combined', 'all'])}.{rng.choice(['csv', 'json', 'tsv', 'parquet'])}"
            text = rng.choice(
                [
                    f"{text} and save the result as {path}",
                    f"{text} and write it to {path}",
                    f"{text}; the result goes into {path}",
                ]
            )
            return Draft(
                goal=framed(text, "i", rng),
                plan=[join, call("table.write", rows=ref(1, "rows"), path=path)],
                kind="multi-step",
            )
        return Draft(goal=framed(text, "i", rng), plan=[join], kind="multi-step")
    return None


def dimension_name(noun: str) -> str:
    return re.sub(r"\W+", "_", plural(noun))
