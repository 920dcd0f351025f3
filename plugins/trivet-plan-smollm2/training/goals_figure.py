"""Goals that one figure of a table answers: counts, sums, means, extremes."""

from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, call
from training.finishing import MANY, NONE_OR_ONE, chosen, finish, summable
from training.questions import AVERAGE, about, ask, measure_noun, plural, single, split
from training.tables import Column, Table


def count(table: Table, setting: Setting, rng: Random) -> Draft | None:
    conditions = chosen(table, setting, rng, MANY)
    plan = [call("table.aggregate", path=table.path, function="count", **cond.where(conditions))]
    if not conditions and rng.random() < 0.3:
        kind, text = ask("count rows", {}, rng)
        return finish(kind, text, plan, "count", table, setting, rng, chance=1.0)
    rows, verb = split(table, conditions, rng)
    slots = about(table, conditions, rng)
    if verb:
        kind, text = ask("count verb", slots | {"rows": rows, "verb": verb}, rng)
    else:
        kind, text = ask("count", slots, rng)
    return finish(kind, text, plan, "count", table, setting, rng)


def distinct(table: Table, setting: Setting, rng: Random) -> Draft | None:
    columns = table.having("cat", "key", "key2")
    if not columns:
        return None
    column = rng.choice(columns)
    conditions = chosen(table, setting, rng, NONE_OR_ONE, (column.name,))
    nouns = plural(rng.choice(column.field.nouns or (column.name,)))
    slots = about(table, conditions, rng) | {"catmany": nouns}
    if rng.random() < 0.35:
        plan = [call("table.select", path=table.path, columns=[column.name], distinct=True)]
        slots = about(table, [], rng) | {"catmany": nouns}
        kind, text = ask("distinct list", slots, rng)
        return finish(kind, text, plan, "list", table, setting, rng)
    kind, text = ask("distinct", slots, rng)
    if conditions and slots["rows"] not in text:
        text += f" among the {slots['rows']}"
    plan = [call("table.aggregate", path=table.path, function="distinct", column=column.name, **cond.where(conditions))]
    return finish(kind, text, plan, "count", table, setting, rng)


def figure(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """sum, mean, min, max or median of a number."""
    made = figure_clause(table, setting, rng)
    if not made:
        return None
    kind, text, plan = made
    named = "column" in kind
    return finish(kind[0], text, plan, "aggregate", table, setting, rng, numbers=plan[0]["arguments"]["function"] in ("mean", "median"),
                  chance=0.95 if named else 0.75)  # fmt: skip


def figure_clause(table: Table, setting: Setting, rng: Random, only: str = "", counts: tuple[int, ...] = NONE_OR_ONE,
                  functions: tuple[str, ...] = ("mean", "mean", "mean", "sum", "sum", "max", "min", "median"),
                  ) -> tuple[str, str, list[dict[str, Any]]] | None:  # fmt: skip
    """Kind, clause and plan; `only` restricts the kinds of clause."""
    numbers = table.having("num")
    if not numbers:
        return None
    column = rng.choice(numbers)
    function = rng.choice(functions)
    if function == "sum" and not summable(column):
        function = "mean"
    conditions = chosen(table, setting, rng, counts, (column.name,))
    plan = [call("table.aggregate", path=table.path, function=function, column=column.name, **cond.where(conditions))]
    slots = about(table, conditions, rng) | {"noun": measure_noun(column, rng)}
    if not only and not conditions and rng.random() < 0.16:
        kind, text = ask(
            "column",
            {
                "fn": rng.choice(AVERAGE[function] + (("sum", "sum") if function == "sum" else ())),
                "column": column.name,
            },
            rng,
        )
        return kind + " column", text, plan
    special = _special(column, function, slots["rows"], table, conditions, rng) if not only else []
    if special and rng.random() < 0.4:
        return *rng.choice(special), plan
    supers = extremes(column)
    for name, adjectives in supers.items():
        if "cond" in slots and adjectives:
            slots[name] = rng.choice(adjectives)
    if slots.get("the_rows", "").startswith("all ") and column.field.kind == "count":
        slots["the_rows"] = "the " + slots["rows"]
    for _ in range(60):
        kind, text = ask(function, slots, rng)
        if not only or kind == only:
            return kind, text, plan
    return None


def extremes(column: Column) -> dict[str, tuple[str, ...]]:
    return {name: column.field.phrases.get(name, ()) for name in ("max", "min")}


def _special(
    column: Column, function: str, rows: str, table: Table, conditions: list[cond.Condition], rng: Random
) -> list[tuple[str, str]]:
    """Questions of the column's own: how heavy, how much do they cost."""
    phrases = column.field.phrases
    the = rng.choice(["the ", "", "our "]) if conditions == [] else rng.choice(["the ", ""])
    unit = cond.unit_words(column.unit)
    noun = rng.choice(column.field.nouns)
    found = list[tuple[str, str]]()
    match function:
        case "mean":
            found = [("q", f"{h.replace('{}', the + rows)} on average") for h in phrases.get("how", ())]
            found += [("q", f"on average, {h.replace('{}', the + rows)}") for h in phrases.get("how", ())]
            if column.field.kind == "count":
                found = [("q", f"how many {noun} do {the}{rows} have on average"), ("w", f"how many {noun} {the}{rows} have on average"),
                         ("n", f"the average number of {noun} per {table.domain.one}" if not conditions else f"the average number of {noun} of {rows}")]  # fmt: skip
        case "sum":
            found = [
                ("q", s.replace("{}", the + rows).replace("{u}", unit))
                for s in phrases.get("sum", ())
                if unit or "{u}" not in s
            ]
            if not conditions:
                found += [("q", s) for s in phrases.get("sumq", ())] * 2
                if unit and column.field.kind in ("distance", "weight", "energy", "volume"):
                    found.append(("n", f"the total {unit} of all {rows}"))
            if column.field.kind == "count":
                found = [("q", f"how many {noun} do {the}{rows} have in total"), ("q", f"how many {noun} do {the}{rows} have altogether"),
                         ("w", f"how many {noun} there are in total over all {rows}"), ("n", f"the total number of {noun} of all {rows}")]  # fmt: skip
        case "max" | "min":
            one = single(table, conditions, rng)
            if one:
                found = [
                    ("q", o.replace("{}", f"the {adjective} {one}"))
                    for o in phrases.get("one", ())
                    for adjective in phrases.get(function, ())
                ]
    return found
