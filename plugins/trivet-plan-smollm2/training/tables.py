"""A concrete table: a file of one domain with chosen columns, names in one style, and values."""

import re
from datetime import date, timedelta
from random import Random
from typing import Any

import msgspec

from training.domains import Domain, Field, listed
from training.people import coded, contact, person

SHORT = {
    "square metres": "m2", "metres": "m", "minutes": "min", "hours": "h", "seconds": "s", "degrees": "c", "percent": "pct",
    "years": "years", "light years": "ly", "earth masses": "earths", "volts": "v", "litres": "l", "points": "pts",
    "stars": "stars", "hectares": "ha",
}  # fmt: skip
FLAGS = {"yes/no": ("yes", "no"), "true/false": (True, False), "Y/N": ("Y", "N"), "1/0": (1, 0), "x": ("x", "")}
SUFFIXES = ("csv", "csv", "csv", "csv", "tsv", "json", "jsonl", "parquet")


class Column(msgspec.Struct, kw_only=True):
    field: Field
    name: str
    type: str
    unit: str = ""
    values: list[Any] = []
    """Values that occur in the file, the shown ones first."""
    shown: int = 0
    spoken: dict[str, tuple[str, ...]] = {}
    """How a category's value may be said: an adjective or a plural, then a clause."""

    @property
    def role(self) -> str:
        return self.field.role

    def card(self) -> dict[str, Any]:
        """The column as the planner is shown it."""
        card: dict[str, Any] = {"name": self.name, "type": self.type}
        if self.type in ("integer", "number", "date", "datetime"):
            card |= {"examples": self.values[:2], "min": min(self.values), "max": max(self.values)}
        else:
            card["examples"] = self.values[: self.shown]
        card["distinct"] = len(set(self.values)) + (40 if self.role in ("key", "key2", "id", "attr") else 0)
        return card


class Table(msgspec.Struct, kw_only=True):
    domain: Domain
    path: str
    rows: int
    columns: list[Column]

    def card(self) -> dict[str, Any]:
        return {"path": self.path, "kind": "table", "rows": self.rows, "columns": [c.card() for c in self.columns]}

    def having(self, *roles: str) -> list[Column]:
        return [column for column in self.columns if column.role in roles]

    @property
    def key(self) -> Column | None:
        """The column that names a row."""
        return next(iter(self.having("key") or self.having("id")), None)


def restyle(words: str, style: str) -> str:
    parts = re.split(r"[ -]", words)
    match style:
        case "snake":
            return "_".join(parts).lower()
        case "camel":
            return parts[0].lower() + "".join(part.capitalize() for part in parts[1:])
        case "title":
            return " ".join(parts)[0].upper() + " ".join(parts)[1:]
        case "caps":
            return " ".join(part[0].upper() + part[1:] for part in parts)
        case "pascal":
            return "".join(part[0].upper() + part[1:] for part in parts)
        case "kebab":
            return "-".join(parts)
        case "upper":
            return "_".join(parts).upper()
    return " ".join(parts)


def table(domain: Domain, rng: Random) -> Table:
    style = rng.choices(
        ["snake", "title", "camel", "words", "caps", "pascal", "kebab", "upper"], [50, 14, 10, 8, 6, 4, 3, 5]
    )[0]
    wanted = min(len(domain.fields), rng.randint(4, 8))
    keys = [field for field in domain.fields if field.role == "key"]
    chosen = keys[:1] + rng.sample([f for f in domain.fields if f not in keys], wanted - len(keys[:1]))
    chosen.sort(key=domain.fields.index)
    taken = set[str]()
    columns = []
    people = rng.choice(["full", "full", "initial", "reversed", "full"])
    for field in chosen:
        column = _column(field, style, people, rng)
        if column.name.lower() not in taken:
            taken.add(column.name.lower())
            columns.append(column)
    if rng.random() < 0.1:
        rng.shuffle(columns)
    return Table(domain=domain, path=path(domain.stems, rng), rows=rng.choice(ROWS), columns=columns)


ROWS = (12, 18, 24, 31, 40, 56, 73, 96, 120, 180, 240, 365, 512, 900, 1461, 5000, 20000, 50000)


def path(stems: tuple[str, ...], rng: Random) -> str:
    stem = rng.choice(stems)
    kind = rng.random()
    if kind < 0.3 and "/" not in stem:
        stem = f"{rng.choice(FOLDERS)}/{stem}"
    if rng.random() < 0.15:
        stem += rng.choice(
            ["_2023", "_2024", "-2024", " 2024", "_export", "_v2", "_final", "_q3", "_may", "-new", " (1)"]
        )
    if rng.random() < 0.1:
        folder, slash, name = stem.rpartition("/")
        stem = folder + slash + name.capitalize()
    if rng.random() < 0.6:
        stem = stem.replace(" ", rng.choice("_-"))
    return f"{stem}.{rng.choice(SUFFIXES)}"


FOLDERS = (
    "data",
    "lists",
    "exports",
    "uploads",
    "tables",
    "archive",
    "raw",
    "shared",
    "documents",
    "2024",
    "office",
    "backup/old",
)


def _column(field: Field, style: str, people: str, rng: Random) -> Column:
    words = field.names[0] if rng.random() < 0.55 else rng.choice(field.names)
    unit = _unit(field)
    name = restyle(words, style)
    if unit and rng.random() < 0.3 and not words.endswith((unit, SHORT.get(unit, unit))):
        short = SHORT.get(unit, unit)
        name = f"{name} ({short})" if " " in name or style in ("title", "caps") else restyle(f"{words} {short}", style)
    column = Column(field=field, name=name, type="text", unit=unit)
    match field.role:
        case "num":
            _numbers(column, rng)
        case "cat":
            _categories(column, rng)
        case "flag":
            yes, no = FLAGS[field.content] if rng.random() < 0.6 else rng.choice(list(FLAGS.values())[:4])
            column.values, column.shown = [yes, no], 2
            rng.shuffle(column.values)
            column.type = "boolean" if isinstance(yes, bool) else "integer" if isinstance(yes, int) else "text"
        case "date":
            _dates(column, rng)
        case "year":
            low, high = (int(part) for part in field.content.split("-"))
            column.values, column.type = sorted({rng.randint(low, high) for _ in range(12)}), "integer"
        case _:
            _texts(column, people, rng)
    return column


def _unit(field: Field) -> str:
    return field.content.partition(" ")[2].strip() if field.role == "num" else ""


def limits(content: str) -> tuple[float, float, int]:
    low, high = content.split("..") if ".." in content else content.split("-", 1)
    return float(low), float(high), max(len(part.partition(".")[2]) for part in (low, high))


def _numbers(column: Column, rng: Random) -> None:
    low, high, places = limits(column.field.content.partition(" ")[0])
    raw = [low + (high - low) * (rng.random() ** 1.4) for _ in range(24)]
    column.values = sorted({round(value, places) if places else int(value) for value in raw})
    rng.shuffle(column.values)
    column.type = "number" if places else "integer"


def _categories(column: Column, rng: Random) -> None:
    for entry in listed(column.field.content, ","):
        value, *spoken = entry.split("~")
        column.spoken[value] = tuple(spoken)
    written = list(column.spoken)
    if len(written) > 3 and rng.random() < 0.4:
        written = rng.sample(written, rng.randint(3, len(written)))
    rng.shuffle(written)
    column.values = [int(v) if v.isdigit() and all(w.isdigit() for w in written) else v for v in written]
    if isinstance(column.values[0], int):
        column.type = "integer"
    elif rng.random() < 0.1 and all(v.islower() for v in written):
        column.values = [v.capitalize() for v in written]
        column.spoken = {v.capitalize(): s for v, s in column.spoken.items()}
    column.shown = len(written) if rng.random() < 0.8 else max(2, len(written) - 1)


def _dates(column: Column, rng: Random) -> None:
    first, last = (int(part) for part in column.field.content.split(".."))
    start = date(first, 1, 1) + timedelta(days=rng.randrange(0, 60))
    span = (date(last, 12, 31) - start).days
    column.values = sorted((start + timedelta(days=rng.randrange(span))).isoformat() for _ in range(16))
    column.type = "date"


def _texts(column: Column, people: str, rng: Random) -> None:
    content = column.field.content
    if content == "PERSON":
        column.values = list(dict.fromkeys(person(rng, people) for _ in range(14)))
    elif "#" in content:
        column.values = list(dict.fromkeys(coded(content, rng) for _ in range(14)))
        if content.strip("#") == "":
            column.values, column.type = [int(v) for v in column.values], "integer"
    elif content.isupper() and "," not in content:
        column.values = list(dict.fromkeys(contact(content, rng) for _ in range(10)))
    else:
        column.values = list(listed(content, ","))
        rng.shuffle(column.values)
    column.shown = min(len(column.values), rng.randint(3, 5))


def twin(first: Table, rng: Random) -> Table:
    """The same table of another year, branch or state: only the file's name tells the two apart."""
    stem, _, suffix = first.path.rpartition(".")
    ending = rng.choice(
        ["_2022", "_2021", "_old", "-north", "_copy", "_archive", "_import", "_before", "_b", " backup"]
    )
    return msgspec.structs.replace(first, path=f"{stem}{ending}.{suffix}", rows=rng.choice(ROWS))
