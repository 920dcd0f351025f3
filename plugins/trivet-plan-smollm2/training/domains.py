"""What tables can be about: read from `wording/tables/*.txt` and `wording/measures.txt`, whose formats are described in README.md."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

WORDING = Path(__file__).parent / "wording"
PHRASES = ("max", "min", "gt", "lt", "ge", "le", "how", "one", "sum", "maxv", "minv", "sumq")


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """A column that tables of a domain may have."""

    role: str
    """`key`, `key2`, `id`, `attr`, `text`, `cat`, `num`, `flag`, `date` or `year`."""
    names: tuple[str, ...]
    content: str
    """What the values are: a list, a kind, a range; its form depends on the role."""
    nouns: tuple[str, ...]
    phrases: Mapping[str, tuple[str, ...]] = {}
    kind: str = ""


class Domain(msgspec.Struct, frozen=True, kw_only=True):
    one: str
    many: str
    pronoun: str
    places: tuple[str, ...]
    stems: tuple[str, ...]
    fields: tuple[Field, ...]


def listed(text: str, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(separator) if part.strip())


def sections(text: str) -> Iterator[tuple[str, list[str]]]:
    """`[name]` headers and the lines below each; lines that begin with `#` are remarks."""
    name, lines = "", list[str]()
    for line in text.splitlines():
        if line.startswith("[") and line.rstrip().endswith("]") and "{" not in line:
            if name:
                yield name, lines
            name, lines = line.strip()[1:-1], []
        elif line.strip() and not line.startswith("# "):
            lines.append(line)
    if name:
        yield name, lines


@cache
def measures() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    found = {}
    for name, lines in sections((WORDING / "measures.txt").read_text("utf-8")):
        phrases = dict[str, tuple[str, ...]]()
        for line in lines:
            key, _, rest = line.partition(" ")
            phrases[key] = listed(rest, "," if key in ("nouns", "max", "min") else ";")
        found[name] = phrases
    return found


@cache
def domains() -> tuple[Domain, ...]:
    return tuple(
        _domain(block.splitlines())
        for path in sorted((WORDING / "tables").glob("*.txt"))
        for block in ("\n" + path.read_text("utf-8")).split("\n## ")[1:]
    )


def _domain(lines: list[str]) -> Domain:
    _, nouns, pronoun, places, stems = (part.strip() for part in lines[0].split("|"))
    one, many = nouns.split("/")
    fields = tuple(_field(line) for line in lines[1:] if line.strip() and not line.startswith("#"))
    return Domain(
        one=one, many=many, pronoun=pronoun, places=listed(places, ";"), stems=listed(stems, ","), fields=fields
    )


def _field(line: str) -> Field:
    head, _, rest = line.partition(" : ")
    role, _, names = head.partition(" ")
    parts = [part.strip() for part in rest.split(" | ")]
    phrases = dict[str, tuple[str, ...]]()
    plain = list[str]()
    for part in parts[1:]:
        key, _, value = part.partition(":")
        if key in (*PHRASES, "noun") and value:
            phrases[key] = () if value.strip() == "-" else listed(value, ";")
        else:
            plain.append(part)
    content, kind = parts[0], ""
    nouns = list(listed(plain[0], ";")) if plain else []
    if role == "num":
        kind, _, content = content.partition(" ")
        if kind == "count":
            nouns = nouns or [listed(names, "/")[0]]
        else:
            nouns += [noun for noun in measures()[kind]["nouns"] if not nouns]
            phrases = {**{key: value for key, value in measures()[kind].items() if key != "nouns"}, **phrases}
    elif role == "cat":
        phrases["is"] = listed(plain[1], ";") if len(plain) > 1 else ()
    elif role == "flag":
        phrases["yes"], phrases["no"] = listed(plain[0], ";"), listed(plain[1], ";")
        nouns = []
    elif role in ("date", "year"):
        phrases["when"], nouns = listed(plain[0], ";") if plain else (), list(phrases.get("noun", ()))
    return Field(role=role, names=listed(names, "/"), content=content, nouns=tuple(nouns), phrases=phrases, kind=kind)
