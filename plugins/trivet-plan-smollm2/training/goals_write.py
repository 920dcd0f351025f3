"""Goals that leave a file: filtered, sorted or grouped tables, single figures, conversions."""

from random import Random

from training import conditions as cond
from training.drafts import Draft, Setting, call, decorated, framed, mentioned, named, ref
from training.finishing import HIGH, LOW, chosen, summable
from training.goals_figure import figure_clause
from training.goals_row import direction, join, row_phrase, top_parts
from training.questions import AVERAGE, about, ask, group_noun, measure_noun, plural, split
from training.tables import Table

FORMATS = {"csv": ("CSV", "csv"), "tsv": ("TSV", "tab-separated text", "tsv"), "json": ("JSON", "json"), "jsonl": ("JSON Lines", "JSONL", "jsonl"),
           "parquet": ("Parquet", "parquet"), "md": ("Markdown", "markdown")}  # fmt: skip
OUT = ("out", "results", "output", "reports", "exports", "export", "new", "tmp", "done", "reports/2024", "share", "lists", "for_anna", "final", "build",
       "summary", "target", "selected", "tables/new", "work", "Results", "for print", "july", "public")  # fmt: skip
STEMS = ("list", "result", "selection", "filtered", "subset", "extract", "overview", "report", "table", "output", "copy", "short", "todo", "picked",
         "check", "mailing", "new_list", "draft", "part1", "export", "shortlist", "answer", "view", "final")  # fmt: skip


def new_path(
    rng: Random,
    stems: tuple[str, ...],
    suffixes: tuple[str, ...] = ("csv", "csv", "csv", "csv", "json", "tsv", "jsonl", "parquet", "md"),
) -> str:
    stem = rng.choice(stems if rng.random() < 0.6 else STEMS).replace("/", "_").replace(" ", "_").lower()
    folder = rng.choice(OUT) + "/" if rng.random() < 0.62 else ""
    return f"{folder}{stem}.{rng.choice(suffixes)}"


def topical(table: Table, conditions: list[cond.Condition], rng: Random) -> tuple[str, ...]:
    """Stems that speak of the rows: unpaid, cheap_products, weather_rain."""
    many = table.domain.many.replace(" ", "_")
    stems = [many, f"{many}_{rng.choice(STEMS)}", f"my_{many}"]
    for condition in conditions:
        value = str(condition.value)
        if (
            condition.op == "="
            and value.replace(" ", "").isalnum()
            and not value.isdigit()
            and len(value) < 16
            and value.lower() not in ("yes", "no", "true", "false", "y", "n", "x", "ok")
        ):
            stems += [value, f"{value}_{many}", f"{many}_{value}", f"{value}-{many}"]
        else:
            stems += [f"{many}_{condition.column.name}", f"selected_{many}"]
    return tuple("".join(c for c in s if c.isalnum() or c in "_- ") for s in stems)


def placed(path: str, rng: Random) -> dict[str, str]:
    return {"path": path, "to": rng.choice([f"to {path}", f"to {path}", f"in {path}", f"as {path}", f"under {path}", f"to a file {path}", f"to the file {path}"]),
            "into": rng.choice([f"into {path}", f"into {path}", f"in {path}", f"in the file {path}", f"into a file called {path}", f"into a new file {path}"]),
            "in": rng.choice([f"in {path}", f"as {path}", f"in a file {path}"])}  # fmt: skip


def save_list(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """Filter, perhaps choose columns and sort, then write."""
    conditions = chosen(table, setting, rng, (1, 1, 1, 2))
    if not conditions:
        return None
    path = new_path(rng, topical(table, conditions, rng))
    rows, verb = split(table, conditions, rng)
    slots = placed(path, rng) | {"rows": row_phrase(rows, verb, table)}
    columns, sort = [], {}
    wishes = list[str]()
    if rng.random() < 0.5:
        columns = rng.sample(table.columns, min(len(table.columns), rng.randint(1, 3)))
        if rng.random() < 0.7:
            columns.sort(key=table.columns.index)
        names = join([c.name for c in columns], rng)
        wishes.append(rng.choice([f"columns {names}", f"only {names}", f"with {names}", f"just the columns {names}", f"only the columns {names}"]
                      if len(columns) > 1 else [f"column {names}", f"only {names}", f"just the column {names}"]))  # fmt: skip
    sortable = table.having("num", "date", "year", "key")
    if sortable and rng.random() < 0.4:
        column = rng.choice([c for c in columns if c in sortable] or sortable)
        descending = rng.random() < 0.4
        noun = column.name if rng.random() < 0.6 or not column.field.nouns else measure_noun(column, rng)
        wishes.append(
            rng.choice(["sorted by ", "ordered by ", "sort by "])
            + noun
            + direction(column, descending, rng, needed=descending)
        )
        sort = {"sort_by": column.name} | ({"descending": True} if descending else {})
    kind, text = ask("save list", slots, rng)
    select = call("table.select", path=table.path, columns=[c.name for c in columns], **cond.where(conditions), **sort)
    plan = [select, call("table.write", rows=ref(1, "rows"), path=path)]
    sentence = _located(framed(text, kind, rng), kind, table, setting, rng, path)
    if wishes:
        wish = ", ".join(wishes)
        form = rng.random()
        bare = sentence.rstrip(".?!")
        if form < 0.45:
            sentence = f"{bare} ({wish})."
        elif form < 0.7:
            sentence = f"{bare}, {wish}."
        else:
            sentence = f"{bare}. {wish[0].upper()}{wish[1:]}."
    return Draft(goal=decorated(sentence, rng), plan=plan, kind="write-file")


def _located(sentence: str, kind: str, table: Table, setting: Setting, rng: Random, path: str) -> str:
    """Mention the source without mixing it up with the target."""
    if rng.random() < 0.3 and len(setting.tables) == 1:
        return sentence
    name = named(table.path, setting, rng)
    form = rng.random()
    if form < 0.45:
        return f"{rng.choice(['From', 'In', 'Using', 'Take', 'Open', 'With'])} {name}{rng.choice([', ', ': '])}{sentence[0].lower()}{sentence[1:]}" if (
            sentence.split(" ")[0].rstrip(".,:") in LEADS) else f"{name[0].upper()}{name[1:]}: {sentence}"  # fmt: skip
    end = rng.choice([f"The source is {name}.", f"The data is in {name}.", f"Source: {name}", f"They are in {name}.", f"Use {name}.", f"Take them from {name}.",
                      f"(source: {name})", f"(from {name})"])  # fmt: skip
    return f"{sentence if sentence[-1:] in '.?!' else sentence + '.'} {end}"


LEADS = frozenset(
    """Save Put Write Export Store Collect Copy Extract Make Create Filter Find Pick List Keep Generate Produce Dump Sort Order
    Rank Arrange Please Can Could Would Compute Work Group Count Calculate Determine Note Convert Turn""".split()
)


def save_sorted(table: Table, setting: Setting, rng: Random) -> Draft | None:
    sortable = table.having("num", "date", "year", "key")
    if not sortable:
        return None
    column = rng.choice(sortable)
    descending = rng.random() < 0.45
    conditions = chosen(table, setting, rng, (0, 0, 0, 1), (column.name,))
    path = new_path(
        rng, (f"{table.domain.many}_sorted", "sorted", f"sorted_{table.domain.many}", f"by_{column.name}", "ranking")
    )
    path = "".join(c for c in path if c.isalnum() or c in "_-./ ")
    noun = column.name if rng.random() < 0.4 or not column.field.nouns else measure_noun(column, rng)
    way = direction(column, descending, rng, needed=descending)
    slots = about(table, conditions, rng) | placed(path, rng) | {"noun": noun, "dir": way}
    kind, text = ask("save sorted", slots, rng, refuse="rank" if not way else "")
    rows = slots["rows"]
    if conditions and rows not in text and rows[0].upper() + rows[1:] not in text:
        return None
    select = call(
        "table.select",
        path=table.path,
        **cond.where(conditions),
        sort_by=column.name,
        **({"descending": True} if descending else {}),
    )
    plan = [select, call("table.write", rows=ref(1, "rows"), path=path)]
    return Draft(
        goal=decorated(_located(framed(text, kind, rng), kind, table, setting, rng, path), rng),
        plan=plan,
        kind="write-file",
    )


def save_top(table: Table, setting: Setting, rng: Random) -> Draft | None:
    made = top_parts(table, setting, rng, whole=True)
    if not made:
        return None
    slots, select, high = made
    path = new_path(rng, (f"top_{table.domain.many}", "top", "best", f"top{slots['n']}", f"{table.domain.many}_top"))
    kind, text = ask("save top", slots | placed(path, rng), rng, refuse="" if high else "*")
    plan = [select, call("table.write", rows=ref(1, "rows"), path=path)]
    return Draft(
        goal=decorated(_located(framed(text, kind, rng), kind, table, setting, rng, path), rng),
        plan=plan,
        kind="write-file",
    )


def save_group(table: Table, setting: Setting, rng: Random) -> Draft | None:
    cats, numbers = table.having("cat"), table.having("num")
    if not cats:
        return None
    cat = rng.choice(cats)
    name = group_noun(cat, rng)
    stem = "".join(c for c in name.replace(" ", "_") if c.isalnum() or c == "_")
    slots = about(table, [], rng) | {"cat": name, "catmany": plural(name)}
    if numbers and rng.random() < 0.65:
        column = rng.choice(numbers)
        function = rng.choice(["mean", "mean", "sum", "max", "min", "median"])
        if function == "sum" and not summable(column):
            function = "mean"
        path = new_path(rng, (f"by_{stem}", f"{function}_by_{stem}", f"per_{stem}", f"{stem}_{function}", stem))
        high = "highest"
        slots |= placed(path, rng) | {"fn": rng.choice(AVERAGE[function][:4]), "noun": measure_noun(column, rng)}
        if function in ("mean", "sum", "median"):
            slots["high"] = high
        kind, text = ask("save group", slots, rng)
        first = call("table.aggregate", path=table.path, function=function, column=column.name, group_by=cat.name)
    else:
        path = new_path(rng, (f"by_{stem}", f"count_by_{stem}", f"per_{stem}", f"{stem}_counts", stem, "counts"))
        kind, text = ask("save group count", slots | placed(path, rng), rng)
        first = call("table.aggregate", path=table.path, function="count", group_by=cat.name)
    plan = [first, call("table.write", rows=ref(1, "rows"), path=path)]
    return Draft(
        goal=decorated(_located(framed(text, kind, rng), kind, table, setting, rng, path), rng),
        plan=plan,
        kind="write-file",
    )


def save_figure(table: Table, setting: Setting, rng: Random) -> Draft | None:
    if rng.random() < 0.3:
        conditions = chosen(table, setting, rng, (0, 1, 1))
        rows, verb = split(table, conditions, rng)
        text = f"the number of {row_phrase(rows, verb, table)}"
        plan = [call("table.aggregate", path=table.path, function="count", **cond.where(conditions))]
    else:
        made = figure_clause(table, setting, rng, only="n")
        if not made:
            return None
        _, text, plan = made
    path = new_path(
        rng, ("total", "average", "number", "figure", "mean", "sum", "count", "answer"), ("txt", "txt", "txt", "md")
    )
    kind, text = ask("save figure", placed(path, rng) | {"n": text}, rng)
    plan = [*plan, call("files.write", path=path, text="{{s1#/value}}")]
    return Draft(
        goal=decorated(_located(framed(text, kind, rng), kind, table, setting, rng, path), rng, numbers=True),
        plan=plan,
        kind="write-file",
    )


def convert(table: Table, setting: Setting, rng: Random) -> Draft | None:
    suffix = rng.choice([s for s in FORMATS if not table.path.endswith("." + s)])
    stem = table.path.rpartition("/")[2].rpartition(".")[0].replace(" ", "_")
    path = new_path(
        rng, (stem, stem, stem, f"{stem}_copy", table.domain.many.replace(" ", "_"))[: rng.randint(2, 5)], (suffix,)
    )
    slots = {"f": named(table.path, setting, rng), "path": path, "format": rng.choice(FORMATS[suffix])}
    kind, text = ask("convert", slots, rng)
    if slots["format"] not in text and path not in text:
        return None
    return Draft(
        goal=decorated(framed(text, kind, rng), rng),
        plan=[call("table.convert", path=table.path, to=path)],
        kind="convert",
    )


def convert_beside(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """No new name is given: the file keeps its name and changes its suffix."""
    suffix = rng.choice([s for s in FORMATS if not table.path.endswith("." + s)])
    slots = {"f": named(table.path, setting, rng), "format": FORMATS[suffix][0]}
    kind, text = ask("convert no name", slots, rng)
    to = table.path.rpartition(".")[0] + "." + suffix
    return Draft(
        goal=decorated(framed(text, kind, rng), rng),
        plan=[call("table.convert", path=table.path, to=to)],
        kind="convert",
    )


def best_and_save(table: Table, setting: Setting, rng: Random) -> Draft | None:
    """The whole group table is wanted, the question asks for its head."""
    cats, numbers = table.having("cat"), table.having("num")
    if not cats or not numbers:
        return None
    cat, column = rng.choice(cats), rng.choice(numbers)
    high = rng.random() < 0.75
    slots = about(table, [], rng) | {
        "cat": group_noun(cat, rng),
        "noun": measure_noun(column, rng),
        "high": rng.choice(HIGH if high else LOW),
        "fn": rng.choice(AVERAGE["mean"]),
    }
    adjectives = column.field.phrases.get("max" if high else "min", ())
    if adjectives:
        slots["super"] = rng.choice(adjectives)
    kind, text = ask("best mean" if adjectives and rng.random() < 0.6 else "best", slots, rng)
    path = new_path(rng, ("means", "averages", "ranking", "by_group", column.name.split(" ")[0].split("(")[0]))
    sentence = mentioned(framed(text, kind, rng), kind, table.path, setting, rng)
    sentence = sentence if sentence[-1:] in ".?!" else sentence + "."
    to = rng.choice([f"Save the table to {path}", f"Save the table to {path}.", f"Write the table to {path}.", f"Put the table in {path}, please.", f"Also save all the averages to {path}.",
                     f"Save the full list in {path}.", f"Please write the whole ranking to {path}."])  # fmt: skip
    plan = [call("table.aggregate", path=table.path, function="mean", column=column.name, group_by=cat.name, **({} if high else {"descending": False})),
            call("table.write", rows=ref(1, "rows"), path=path)]  # fmt: skip
    return Draft(goal=f"{sentence} {to}", plan=plan, kind="write-file")
