"""Goals that compare the groups of a table."""

from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, call
from training.finishing import HIGH, LOW, chosen, finish, summable
from training.questions import AVERAGE, about, ask, group_noun, measure_noun, plural
from training.tables import Table


def grouped(table: Table, setting: Setting, rng: Random) -> Draft | None:
    cats = table.having("cat", "flag") if rng.random() < 0.1 else table.having("cat")
    if not cats:
        return None
    cat = rng.choice(cats)
    conditions = chosen(table, setting, rng, (0, 0, 0, 1), (cat.name,))
    name = group_noun(cat, rng) if cat.role == "cat" else cat.name
    slots = about(table, conditions, rng) | {"cat": name, "catmany": plural(name)}
    slots["rows"] = slots["rows"] if conditions else table.domain.many
    numbers = table.having("num")
    if numbers and rng.random() < 0.58:
        column = rng.choice(numbers)
        function = rng.choice(["mean", "mean", "mean", "sum", "sum", "max", "min", "median"])
        if function == "sum" and not summable(column):
            function = "mean"
        conditions = [c for c in conditions if c.column.name != column.name]
        slots |= dict(about(table, conditions, rng).items()) | {
            "cat": name,
            "fn": rng.choice(AVERAGE[function]),
            "noun": measure_noun(column, rng),
        }
        kind, text = ask("group", slots, rng)
        text = _with_rows(text, slots["rows"], conditions)
        plan = [
            call(
                "table.aggregate",
                path=table.path,
                function=function,
                column=column.name,
                group_by=cat.name,
                **cond.where(conditions),
            )
        ]
    else:
        kind, text = ask("group count", slots, rng)
        text = _with_rows(text, slots["rows"], conditions)
        plan = [call("table.aggregate", path=table.path, function="count", group_by=cat.name, **cond.where(conditions))]
    return finish(
        kind,
        text,
        plan,
        "filter-group",
        table,
        setting,
        rng,
        numbers=plan[0]["arguments"]["function"] in ("mean", "median"),
    )


def _with_rows(text: str, rows: str, conditions: list[cond.Condition]) -> str:
    """A clause that left the conditioned rows out says them at its end."""
    if not conditions or rows.lower() in text.lower():
        return text
    bare, end = (text[:-1], text[-1]) if text[-1] in ".?" else (text, "")
    return f"{bare}, only for {rows}{end}"


def best_group(table: Table, setting: Setting, rng: Random) -> Draft | None:
    cats = table.having("cat")
    if not cats:
        return None
    cat = rng.choice(cats)
    name = group_noun(cat, rng)
    high = rng.random() < 0.72
    numbers = table.having("num")
    column = rng.choice(numbers) if numbers else None
    conditions = chosen(table, setting, rng, (0, 0, 1, 1), (cat.name, column.name if column else ""))
    slots = about(table, conditions, rng) | {"cat": name}
    limit: dict[str, Any] = {"descending": high, "limit": 1}
    if column and rng.random() < 0.6:
        function = rng.choice(["mean", "mean", "mean", "sum", "sum", "median", "max", "min"])
        if function == "sum" and not summable(column):
            function = "mean"
        if function in ("max", "min"):
            function, high = ("mean", high)
        slots |= {
            "noun": measure_noun(column, rng),
            "high": rng.choice(HIGH if high else LOW),
            "fn": rng.choice(AVERAGE[function][:4]),
        }
        adjectives = column.field.phrases.get("max" if high else "min", ())
        if adjectives:
            slots["super"] = rng.choice(adjectives)
        kind, text = ask(
            "best mean" if function == "mean" and rng.random() < 0.45 and "super" in slots else "best", slots, rng
        )
        limit["descending"] = high
        plan = [
            call(
                "table.aggregate",
                path=table.path,
                function=function,
                column=column.name,
                group_by=cat.name,
                **cond.where(conditions),
                **limit,
            )
        ]
    else:
        slots |= {"most": rng.choice(["most", "most", "most"] if high else ["fewest", "fewest", "least"]),
                  "most_n": rng.choice(["highest", "largest", "greatest"] if high else ["lowest", "smallest"]),
                  "most_o": "most often" if high else "least often", "most_c": "most common" if high else "least common"}  # fmt: skip
        kind, text = ask("best count", slots, rng)
        plan = [
            call(
                "table.aggregate",
                path=table.path,
                function="count",
                group_by=cat.name,
                **cond.where(conditions),
                **limit,
            )
        ]
    text = _with_rows(text, slots["rows"], conditions)
    return finish(kind, text, plan, "filter-group", table, setting, rng, numbers=False)


def top_groups(table: Table, setting: Setting, rng: Random) -> Draft | None:
    cats = table.having("cat")
    if not cats:
        return None
    cat = rng.choice(cats)
    n = rng.randint(2, 4)
    names = plural(group_noun(cat, rng))
    high = rng.random() < 0.75
    number = rng.choice([str(n), cond.NUMERALS[n]])
    rows = table.domain.many
    text = rng.choice([f"the {number} {names} with the {'most' if high else 'fewest'} {rows}", f"a list of the {number} {names} that have the {'most' if high else 'fewest'} {rows}",
                       f"the top {number} {names} by number of {rows}" if high else f"the {number} {names} with the smallest number of {rows}"])  # fmt: skip
    plan = [call("table.aggregate", path=table.path, function="count", group_by=cat.name, descending=high, limit=n)]
    numbers = [c for c in table.having("num") if summable(c)]
    if numbers and rng.random() < 0.5:
        column = rng.choice(numbers)
        function = rng.choice(["sum", "mean"])
        text = f"the {number} {names} with the {'highest' if high else 'lowest'} {rng.choice(AVERAGE[function][:4])} {measure_noun(column, rng)}"
        plan = [
            call(
                "table.aggregate",
                path=table.path,
                function=function,
                column=column.name,
                group_by=cat.name,
                descending=high,
                limit=n,
            )
        ]
    return finish("n", text, plan, "filter-group", table, setting, rng)
