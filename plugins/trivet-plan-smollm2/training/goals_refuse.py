"""Goals that must be asked about (something is missing or ambiguous) or declined (nothing offered can do it)."""

from functools import cache
from random import Random

from training.domains import WORDING, Field, domains, sections
from training.drafts import Draft, Setting, call, decorated, framed, mentioned, named
from training.people import full_name
from training.questions import AVERAGE, plural

CITIES = "Oslo Lisbon Prague Dublin Lyon Turin Ghent Malmo Graz Split Riga Basel Porto Leeds".split()
COUNTRIES = "France Kenya Chile Norway Japan Peru Finland Ghana".split()
WORDS = "offers report summer data prices menu plan team roof harbour".split()
WHICH_FILE = (
    "Sort it by {c}.", "sort it", "Sort the table.", "Convert the file to {F}.", "convert it to {F}", "How many rows does it have?", "How many rows are there in the table?", "Show me the first rows.", "Count the rows.", "count them",
    "What columns does the table have?", "What is the average?", "Delete the duplicates and save it.", "Save it as {F}.", "Make a {F} file of it.", "Show the table.", "Describe the data.", "Open the file.",
    "Filter it and save the result.", "Export the table.", "Can you sort the list?", "Give me the total.", "Which one is the largest?", "Turn it into {F}, please.", "How many entries are there?", "Please order it by {c}.",
    "order by {c}", "Group it.", "show the last five rows", "put it in order", "Do the same with the other file.", "What's the total amount in the file?", "Save the list as {F}.", "Make a copy of the file in {F} format.",
)  # fmt: skip
WHICH_COLUMN = (
    "Sort {f}.", "sort {f} please", "What is the average in {f}?", "average of {f}", "Put {f} in the right order.", "What's the total of {f}?", "Group {f}.", "sum up {f}", "What is the maximum in {f}?", "Sort {f} in descending order.",
    "Which row in {f} is the best?", "Order the rows of {f}.", "Add up the column in {f}.", "Calculate the mean for {f}.", "Give me the median of {f}.", "min and max of {f}", "Filter {f}.", "Show the top 5 of {f}.", "Find the largest in {f}.",
    "Compare the two groups in {f}.", "Which one is the highest in {f}?", "Sort {f} and save it to out/sorted.csv.", "Split {f} into groups.",
)  # fmt: skip
WHICH_VALUE = (
    "Show me the {rows} above the limit in {f}.", "Filter {f} by {c}.", "filter the {rows} by {c}", "Which {rows} are too high?", "Only keep the {rows} after the deadline.", "How many {rows} are above the threshold?",
    "List the {rows} of the person I mentioned.", "Count the {rows} with that {c}.", "Show the {rows} with a certain {c}.", "Give me the {rows} within the usual range.", "Show {rows} for the selected {c}.", "Which {rows} are over the limit?",
)  # fmt: skip
WHICH_FORMAT = (
    "Convert {f}.",
    "convert {f} please",
    "Convert {f} to another format.",
    "Export {f} to a different format.",
    "Change the format of {f}.",
    "Save {f} in another format.",
    "Turn {f} into something else.",
    "I need {f} in the other format.",
)


@cache
def refusals() -> tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]:
    return tuple(
        (tuple(words.split()), tuple(lines)) for words, lines in sections((WORDING / "refusals.txt").read_text("utf-8"))
    )


def outside(setting: Setting, rng: Random) -> Draft:
    """Needs a tool that is not offered."""
    absent, goals = rng.choice(refusals())
    text = (
        rng.choice(goals)
        .replace("{person}", rng.choice([full_name(rng), full_name(rng).split(" ")[0]]))
        .replace("{city}", rng.choice(CITIES))
        .replace("{country}", rng.choice(COUNTRIES))
    )
    text = (
        text.replace("{word}", rng.choice(WORDS))
        .replace("{n}", str(rng.randint(2, 20)))
        .replace("{hour}", rng.choice(["7 pm", "18:30", "noon", "half past six"]))
    )
    return Draft(goal=decorated(text, rng), plan=[call("none")], kind="impossible", absent=absent)


def missing_column(setting: Setting, rng: Random) -> Draft | None:
    """Asks a table for something that it does not hold; near misses are the rule."""
    if not setting.tables:
        return None
    table = rng.choice(setting.tables)
    known = {
        word
        for t in setting.tables
        for c in t.columns
        for name in (*c.field.names, *c.field.nouns, c.name)
        for word in name.lower().split()
    }
    own = [f for f in table.domain.fields if not any(c.field is f for c in table.columns)]
    foreign = [f for d in rng.sample(domains(), 3) for f in d.fields]
    usable = [
        f
        for f in (own if own and rng.random() < 0.6 else foreign)
        if f.nouns and not _known(f, known) and f.role in ("num", "attr", "cat", "date")
    ]
    if not usable:
        return None
    field = rng.choice(usable)
    noun = rng.choice(field.nouns)
    if field.kind == "count":
        noun = f"number of {noun}"
    rows = table.domain.many
    key = table.key
    forms = [f"which {table.domain.one} has the highest {noun}"] if field.role == "num" else []
    if key and not isinstance(key.values[0], int):
        forms += [f"{rng.choice(['the', 'the exact'])} {noun} of {rng.choice(key.values)}"] * 2
    if field.role == "num":
        fn = rng.choice(AVERAGE[rng.choice(["mean", "sum", "max", "median"])])
        forms += [f"the {fn} {noun} of the {rows}", f"the {fn} {noun}", f"the {fn} {noun} of all {rows}"]
        cats = table.having("cat")
        if cats:
            forms.append(f"the {fn} {noun} per {cats[0].field.nouns[0]}")
    elif field.role == "cat":
        forms += [
            f"how many {rows} there are per {noun}",
            f"the number of {rows} for each {noun}",
            f"how many different {plural(noun)} there are",
        ]
    if not forms:
        return None
    text = rng.choice(forms)
    kind = "w" if text.startswith(("how", "which")) else "n"
    has_text = any(c["kind"] == "text" for c in setting.others)
    sentence = mentioned(framed(text, kind, rng), kind, table.path, setting, rng, 1.0 if has_text else 0.75)
    return Draft(goal=decorated(sentence, rng), plan=[call("none")], kind="impossible")


CLUSTERS = tuple(
    frozenset(line.split())
    for line in """place city town location site venue country region area zone district neighbourhood branch room building house address where destination office
price cost amount fee total value eur bill rent salary pay sum fine
date day when since month time year season start
duration minutes time length hours seconds period runtime
kind type category genre class species sort group section cat topic breed make brand model
size area sqm square floor
name title person who customer client member player student patient
rating score stars mark grade points result level quality difficulty
weight mass kg load
quantity stock number count units pieces items amount
manager boss supervisor leader coach trainer teacher tutor keeper caretaker agent broker contact doctor owner assignee director author writer artist band skipper referee
distance km mileage length route
status state condition mood
temperature temp high low degrees
supplier vendor maker manufacturer company brand
phone telephone mobile contact email mail
visitors spectators attendance guests passengers participants crowd crew people persons""".splitlines()
)


def words_of(field: Field) -> set[str]:
    return {w for name in (*field.names, *field.nouns) for w in name.lower().split()}


def _known(field: Field, known: set[str]) -> bool:
    """A column of the setting could be meant by one of the field's words."""
    small = {"of", "the", "number", "no", "in", "per", "is", "has", "to", "by"}
    for cluster in CLUSTERS:
        if cluster & words_of(field):
            known = known | cluster if known & cluster else known
    words = {w for name in (*field.names, *field.nouns) for w in name.lower().split()} - small
    return any(w in known or w.rstrip("s") in known or w + "s" in known for w in words)


def missing_file(setting: Setting, rng: Random) -> Draft:
    """Names a file that is not there."""
    domain = rng.choice([d for d in domains() if not any(t.domain.many == d.many for t in setting.tables)])
    stem = rng.choice(domain.stems)
    path = f"{stem}.{rng.choice(['csv', 'xlsx', 'json', 'tsv', 'md', 'pdf', 'docx'])}"
    text = rng.choice([f"How many rows does {path} have?", f"Summarise {path}.", f"Convert {path} to out/{domain.many.replace(' ', '_')}.json.", f"What is in {path}?", f"How many {domain.many} are in {path}?", f"Sort {path} by date.",
                       f"count the {domain.many} in {path}", f"Show me {path}.", f"What is the first line of {path}?", f"Read {path} and tell me who wrote it.", f"average per group in {path}"])  # fmt: skip
    if path in setting.paths or path.rpartition("/")[2] in {p.rpartition("/")[2] for p in setting.paths}:
        return missing_file(setting, rng)
    return Draft(goal=text, plan=[call("none")], kind="impossible")


def other_topic(setting: Setting, rng: Random) -> Draft | None:
    """A question about rows that no file speaks of."""
    if any(c["kind"] == "text" for c in setting.others):
        return None
    domain = rng.choice([d for d in domains() if not any(t.domain.many == d.many for t in setting.tables)])
    words = {
        w
        for t in setting.tables
        for w in (
            t.domain.many,
            t.domain.one,
            t.path.lower(),
            *(n for c in t.columns for n in (c.name.lower(), *c.field.nouns)),
        )
    }
    if any(domain.one in w or domain.many in w for w in words):
        return None
    numbers = [f for f in domain.fields if f.role == "num"]
    text, kind = rng.choice(
        [
            (f"how many {domain.many} are there", "w"),
            (f"the number of {domain.many}", "n"),
            (f"list all {domain.many}", "i"),
        ]
    )
    if numbers and rng.random() < 0.5:
        field = rng.choice(numbers)
        noun = ("number of " if field.kind == "count" else "") + field.nouns[0]
        text, kind = rng.choice(
            [
                (f"the average {noun} of the {domain.many}", "n"),
                (f"the {domain.one} with the highest {noun}", "n"),
                (f"the total {noun} of all {domain.many}", "n"),
            ]
        )
    return Draft(goal=decorated(framed(text, kind, rng), rng), plan=[call("none")], kind="impossible")


def ambiguous(setting: Setting, rng: Random) -> Draft | None:
    if not setting.tables:
        return None
    table = rng.choice(setting.tables)
    f = named(table.path, setting, rng)
    form = rng.random()
    numbers = table.having("num")
    if form < 0.5:
        if len(setting.tables) + sum(c["kind"] == "log" for c in setting.others) < 2:
            return None
        column = rng.choice(["date", "name", "price", "size", "age", "time", "amount"])
        text = (
            rng.choice(WHICH_FILE).replace("{c}", column).replace("{F}", rng.choice(["JSON", "CSV", "Parquet", "TSV"]))
        )
        if "{" in text:
            return None
        return Draft(
            goal=text if rng.random() < 0.7 else decorated(text, rng),
            plan=[call("ask", question="which file")],
            kind="ambiguous",
        )
    if form < 0.75 and len(numbers) > 1:
        return Draft(
            goal=rng.choice(WHICH_COLUMN).replace("{f}", f),
            plan=[call("ask", question="which column")],
            kind="ambiguous",
        )
    if form < 0.88:
        text = rng.choice(WHICH_FORMAT).replace("{f}", f)
        return Draft(goal=text, plan=[call("ask", question="which format")], kind="ambiguous")
    cats = table.having("cat")
    if not cats:
        return None
    text = (
        rng.choice(WHICH_VALUE)
        .replace("{f}", f)
        .replace("{rows}", table.domain.many)
        .replace("{c}", cats[0].field.nouns[0])
    )
    if "{" in text or (len(setting.tables) > 1 and table.domain.many not in text):
        return None
    return Draft(goal=text, plan=[call("ask", question="which value")], kind="ambiguous")


def no_tool(setting: Setting, rng: Random) -> Draft | None:
    """An ordinary goal whose tool is not among those offered."""
    if not setting.tables:
        return None
    table = rng.choice(setting.tables)
    rows = table.domain.many
    text = rng.choice(
        [
            f"How many {rows} are there in {table.path}?",
            f"Count the {rows} in {table.path}.",
            f"How many {rows} do we have?",
        ]
    )
    return Draft(goal=text, plan=[call("none")], kind="impossible", absent=("table", "files"))


def empty_card(rng: Random) -> dict[str, object]:
    """A table file without content."""
    stem = rng.choice(
        ["september", "upload", "new", "import_7", "todo", "untitled", "week_12", "temp", "export_b", "march"]
    )
    return {
        "path": f"{rng.choice(['', 'uploads/', 'inbox/'])}{stem}.{rng.choice(['csv', 'tsv', 'json'])}",
        "kind": "table",
        "rows": 0,
        "columns": [],
    }


def empty_file(setting: Setting, rng: Random) -> Draft | None:
    """Asks the file without content for figures."""
    empty = [card for card in setting.others if card["kind"] == "table"]
    if not empty:
        return None
    path = empty[0]["path"]
    word = rng.choice(["value", "price", "amount", "temperature", "score", "age", "weight"])
    fn = rng.choice(["average", "mean", "total", "highest", "median", "lowest"])
    text = rng.choice([f"What is the {fn} {word} in {path}?", f"{fn} {word} {path}", f"Sort {path} by {word}.", f"Give me the {fn} of {word} in {path}.", f"Which row of {path} has the highest {word}?",
                       f"What is the {fn} of the {word} column in {path}?", f"From {path}: {fn} {word} per month?", f"Save the rows of {path} with a {word} over 10 to out/rows.csv."])  # fmt: skip
    return Draft(goal=text, plan=[call("none")], kind="impossible")
