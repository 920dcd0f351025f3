"""Goals that one table answers: counts, figures, groups, extremes, lookups and lists."""

from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, call, decorated, framed, mentioned, named
from training.questions import AVERAGE, about, ask, group_noun, measure_noun, plural, single, split
from training.tables import Column, Table

MANY = (0, 1, 1, 1, 2)
NONE_OR_ONE = (0, 0, 0, 1, 1)
HIGH, LOW = ("highest", "highest", "highest", "largest", "greatest"), ("lowest", "lowest", "lowest", "smallest")


def finish(
    kind: str, text: str, plan: list[dict[str, Any]], label: str, table: Table, setting: Setting, rng: Random, numbers: bool = False,
    chance: float = 0.78, place: bool = True,
) -> Draft:  # fmt: skip
    """Frame, file name and decoration."""
    sentence = framed(text, kind, rng)
    if place:
        sentence = mentioned(sentence, kind, table.path, setting, rng, 1.0 if _alike(table, setting) else chance)
    return Draft(goal=decorated(sentence, rng, numbers), plan=plan, kind=label)


def _alike(table: Table, setting: Setting) -> bool:
    """Another table of the setting could be meant as well."""
    return any(
        other is not table
        and (
            other.domain.many == table.domain.many or {c.name for c in other.columns} & {c.name for c in table.columns}
        )
        for other in setting.tables
    )


def chosen(
    table: Table, setting: Setting, rng: Random, counts: tuple[int, ...], without: tuple[str, ...] = ()
) -> list[cond.Condition]:
    return cond.some(table, rng, rng.choice(counts), without)


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


def summable(column: Column) -> bool:
    never = (
        "temperature",
        "rating",
        "age",
        "height",
        "altitude",
        "speed",
        "percent",
        "humidity",
        "wind",
        "width",
        "depth",
        "value",
        "latency",
    )
    return column.field.kind not in never or bool(column.field.phrases.get("sum"))


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


def spoken_key(key: Column, value: Any, rng: Random) -> tuple[str, Any]:
    """How the goal says a name, and what the plan says."""
    text = str(value)
    shown = value in key.values[: key.shown]
    if key.field.content == "PERSON" and ", " in text and shown and rng.random() < 0.6:
        last, first = text.split(", ")
        return f"{first} {last}", value
    return text, value


def lookup(table: Table, setting: Setting, rng: Random) -> Draft | None:
    keys = table.having("key", "id")
    if not keys:
        return None
    key = rng.choice(keys)
    targets = [c for c in table.columns if c is not key and c.role not in ("text", "id") and c.name != key.name]
    if not targets:
        return None
    target = rng.choice(targets)
    value = rng.choice(key.values)
    it, literal = spoken_key(key, value, rng)
    op = "="
    if key.field.content == "PERSON" and " " in str(value) and rng.random() < 0.06:
        it = literal = str(value).replace(",", "").split(" ")[0]
        op = "contains"
    where = [{"column": key.name, "op": op, "value": literal}]
    plan = [call("table.select", path=table.path, columns=[target.name], where=where)]
    if key.role == "id" and rng.random() < 0.5 and not it.isdigit():
        said = f"{table.domain.one} {it}"
    elif it.isdigit():
        said = f"{table.domain.one} {rng.choice(['', 'number ', 'no. ', '#'])}{it}"
    else:
        said = it if rng.random() < 0.85 or key.field.content == "PERSON" else f'"{it}"'
    own = target.field.phrases.get("one", ())
    if own and rng.random() < 0.55:
        kind, text = "q", rng.choice(own).replace("{}", said)
    elif target.role == "flag":
        kind, text = "q", _yes_or_no(said, target.field.phrases["yes"], rng)
        if not text:
            return None
    else:
        nouns = target.field.nouns or (target.name,)
        noun = rng.choice(nouns) if rng.random() < 0.92 else target.name
        if target.field.kind == "count":
            noun = f"number of {noun}"
            if rng.random() < 0.6:
                kind, text = "q", f"how many {rng.choice(target.field.nouns)} does {said} have"
                return finish(kind, text, plan, "lookup", table, setting, rng, chance=0.6)
        kind, text = ask("lookup", {"target": noun, "it": said, "one": table.domain.one if said == it else None}, rng)  # type: ignore[dict-item]
    return finish(kind, text, plan, "lookup", table, setting, rng, chance=0.6)


def _yes_or_no(it: str, phrases: tuple[str, ...], rng: Random) -> str:
    usable = [p for p in phrases if "*" not in p and not p.startswith("I ") and "their" not in p]
    if not usable:
        return ""
    verb, _, rest = rng.choice(usable).partition(" ")
    if verb == "are" and rest.endswith("s"):
        return ""
    if verb == "are":
        return f"is {it} {rest}"
    if verb == "have" and not rest.startswith(("a ", "an ", "no ", "lunch", "school")):
        return f"has {it} {rest}"
    if verb == "were":
        return f"was {it} {rest}"
    return f"does {it} {verb} {rest}".strip()


def result_columns(table: Table, *more: Column) -> dict[str, list[str]]:
    key = table.key
    return {"columns": list(dict.fromkeys(c.name for c in (key, *more)))} if key else {}


def top_one(table: Table, setting: Setting, rng: Random) -> Draft | None:
    numbers = table.having("num")
    if not numbers:
        return None
    column = rng.choice(numbers)
    high = rng.random() < 0.65
    conditions = chosen(table, setting, rng, NONE_OR_ONE, (column.name,))
    slots = about(table, conditions, rng)
    if "cond" not in slots:
        return None
    slots |= {"noun": measure_noun(column, rng), "high": rng.choice(HIGH if high else LOW)}
    slots["the_rows"] = "the " + slots["rows"]
    adjectives, verbs = (
        column.field.phrases.get("max" if high else "min", ()),
        column.field.phrases.get("maxv" if high else "minv", ()),
    )
    if adjectives:
        slots["super"] = rng.choice(adjectives)
        if verbs:
            slots["verb1"] = rng.choice(verbs)
    kind, text = ask("top one", slots, rng)
    plan = [call("table.select", path=table.path, **result_columns(table, column), **cond.where(conditions), sort_by=column.name,
                 **({"descending": True} if high else {}), limit=1)]  # fmt: skip
    return finish(kind, text, plan, "lookup", table, setting, rng)


def top_date(table: Table, setting: Setting, rng: Random) -> Draft | None:
    dates = table.having("date", "year")
    if not dates or not table.key:
        return None
    column = rng.choice(dates)
    when = [p for p in column.field.phrases.get("when", ()) if "{t}" in p and "*" not in p]
    if not when:
        return None
    verb = rng.choice(when).replace(" {t}", "").strip()
    late = rng.random() < 0.5
    word = rng.choice(["last", "most recently", "latest"] if late else ["first", "earliest"])
    one, rows = table.domain.one, table.domain.many
    singular = verb.replace("were ", "was ", 1).replace("are ", "is ", 1)
    if (verb.split()[0] not in ("were", "are") and not verb.split()[0].endswith("ed")) or " and " in verb:
        return None
    text = rng.choice([f"which {one} {singular} {word}", f"which of the {rows} {singular} {word}"])
    plan = [call("table.select", path=table.path, **result_columns(table, column), sort_by=column.name,
                 **({"descending": True} if late else {}), limit=1)]  # fmt: skip
    return finish("w", text, plan, "lookup", table, setting, rng)


def top_n(table: Table, setting: Setting, rng: Random) -> Draft | None:
    made = top_parts(table, setting, rng)
    if not made:
        return None
    slots, select, high = made
    kind, text = ask("top n", slots, rng, refuse="" if high else "*")
    return finish(kind, text, [select], "list", table, setting, rng)


def top_parts(
    table: Table, setting: Setting, rng: Random, whole: bool = False
) -> tuple[dict[str, str], dict[str, Any], bool] | None:
    numbers = table.having("num")
    if not numbers:
        return None
    column = rng.choice(numbers)
    high = rng.random() < 0.7
    n = rng.choice([2, 3, 3, 4, 5, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20])
    conditions = chosen(table, setting, rng, (0, 0, 0, 1), (column.name,))
    slots = about(table, conditions, rng) | {
        "noun": measure_noun(column, rng),
        "high": rng.choice(HIGH[:4] if high else LOW),
    }
    slots["n"] = cond.NUMERALS[n] if n <= 12 and rng.random() < 0.4 else str(n)
    adjectives = column.field.phrases.get("max" if high else "min", ())
    if adjectives:
        slots["super"] = rng.choice(adjectives)
    select = call("table.select", path=table.path, **({} if whole else result_columns(table, column)), **cond.where(conditions), sort_by=column.name,
                  **({"descending": True} if high else {}), limit=n)  # fmt: skip
    return slots, select, high


def listed(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """Rows that meet conditions, by name or with columns that the goal names."""
    conditions = chosen(table, setting, rng, (1, 1, 1, 2))
    if not conditions:
        return None
    rows, verb = split(table, conditions, rng)
    if rng.random() < 0.4:
        columns = rng.sample(table.columns, min(len(table.columns), rng.randint(1, 3)))
        whole = row_phrase(rows, verb, table)
        cols = said_columns(columns, rng)
        text = rng.choice([f"the {cols} of the {whole}", f"the {cols} of all {whole}", f"the {cols} for the {whole}", f"a list of the {whole}: {cols}",
                           f"the {whole}, but only {cols}"])  # fmt: skip
        plan = [call("table.select", path=table.path, columns=[c.name for c in columns], **cond.where(conditions))]
        kind, text = (
            ("i", rng.choice(["list ", "show me ", "show ", "give me ", "find "]) + text)
            if rng.random() < 0.6
            else ("n", text)
        )
        return finish(kind, text, plan, "list", table, setting, rng)
    slots = about(table, conditions, rng)
    slots["pronoun"] = table.domain.pronoun
    columns_asked: dict[str, Any] = result_columns(table)
    if verb:
        kind, text = ask("list", slots | {"rows": rows, "verb": verb}, rng)
    else:
        kind, text = ask("list np", slots | {"rows": rows}, rng)
    plan = [call("table.select", path=table.path, **columns_asked, **cond.where(conditions))]
    return finish(kind, text, plan, "list", table, setting, rng)


def row_phrase(rows: str, verb: str, table: Table) -> str:
    return f"{rows} {table.domain.pronoun} {verb}" if verb else rows


def said_columns(columns: list[Column], rng: Random) -> str:
    """Column names as people list them: raw names, or their nouns."""
    raw = rng.random() < 0.55
    names = [c.name if raw or not c.field.nouns else rng.choice(c.field.nouns) for c in columns]
    return join(names, rng)


def join(names: list[str], rng: Random) -> str:
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])}{rng.choice([' and ', ' and ', ' and ', ', '])}{names[-1]}"


def direction(column: Column, descending: bool, rng: Random, needed: bool = False) -> str:
    if column.role in ("date", "year"):
        options = [", newest first", ", latest first", " in descending order", " (most recent first)", ", starting with the most recent"] if descending else [
            ", oldest first", ", earliest first", " in ascending order", "", "", " chronologically" if column.role == "date" else ""]  # fmt: skip
    elif column.role == "num":
        options = [", highest first", ", largest first", " in descending order", " descending", " from high to low", ", descending", " (high to low)",
                   ", biggest first", " from largest to smallest", " in decreasing order", " desc", ", starting with the highest"] if descending else [
                  ", lowest first", " in ascending order", "", "", " ascending", " from low to high", ", smallest first", " (low to high)", " in increasing order", " asc"]  # fmt: skip
    else:
        options = [" in reverse alphabetical order", " from Z to A", " descending", ", descending"] if descending else [
            " alphabetically", "", "", "", " from A to Z", " in alphabetical order", " (A to Z)", " ascending"]  # fmt: skip
    return rng.choice([o for o in options if o] if needed else options)


def sorting(table: Table, setting: Setting, rng: Random) -> Draft | None:
    columns = table.having("num", "date", "year", "key")
    if not columns:
        return None
    column = rng.choice(columns)
    descending = rng.random() < 0.45
    conditions = chosen(table, setting, rng, (0, 0, 0, 1), (column.name,))
    slots = about(table, conditions, rng)
    noun = column.name if rng.random() < 0.35 or not column.field.nouns else measure_noun(column, rng)
    slots |= {"noun": noun, "dir": direction(column, descending, rng, needed=descending)}
    kind, text = ask("sort", slots, rng, refuse="rank" if not slots["dir"] else "")
    if descending and "{dir}" not in text and slots["dir"] not in text:
        text += slots["dir"]
    plan = [
        call(
            "table.select",
            path=table.path,
            **cond.where(conditions),
            sort_by=column.name,
            **({"descending": True} if descending else {}),
        )
    ]
    return finish(kind, text, plan, "list", table, setting, rng)


def describe(table: Table, setting: Setting, rng: Random) -> Draft | None:
    kind, text = ask("describe", {"f": named(table.path, setting, rng)}, rng)
    return Draft(goal=framed(text, kind, rng), plan=[call("table.describe", path=table.path)], kind="list")
