"""Goals that rows of a table answer: lookups, extremes, lists."""

from random import Random
from typing import Any

from training import conditions as cond
from training.drafts import Draft, Setting, call, framed, named
from training.finishing import HIGH, LOW, NONE_OR_ONE, chosen, finish
from training.questions import about, ask, measure_noun, split
from training.tables import Column, Table


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
