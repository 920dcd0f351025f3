"""Third-party tools that exist nowhere: signatures with other names each time, and goals that need them."""

import re
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

import msgspec

from training.catalogue import SLOT, Argument, Invention, Wording, by_name
from training.drafts import Draft, Setting, decorated
from training.tables import Table
from training.values import Value, drawn, schema_of

EXAMPLES = 3
_BESIDE = re.compile(r"[\s]\{(\w+)\}(?=[ .?!,]|$)")
"""A slot between spaces, where a number may be a word."""


class Offered(msgspec.Struct):
    """A tool under the names of one context."""

    invention: Invention
    spec: dict[str, Any]
    names: dict[str, str]
    """The arguments' names here."""
    shown: tuple[int, ...] = ()
    """Numbers of the wordings that its manifest's examples were made from; goals use the others."""

    @property
    def name(self) -> str:
        return str(self.spec["name"])

    def wordings(self, *, chinese: bool = False) -> list[Wording]:
        if chinese:
            return list(self.invention.chinese)
        return [wording for number, wording in enumerate(self.invention.wordings) if number not in self.shown]


def offered(invention: Invention, rng: Random, taken: set[str], *, native: bool = True) -> Offered:
    """The tool under a random one of its names, none of which is in `taken`; with examples, as a manifest has them."""
    spaces, verbs = by_name()[invention.domain].namespaces, (invention.name, *invention.names)
    while True:
        verb = rng.choice(verbs)
        if not native and rng.random() < 0.3:
            verb = re.sub(r"_(\w)", lambda match: match[1].upper(), verb)
        name = f"{rng.choice(spaces)}.{verb}"
        if name not in taken:
            break
    names = {a.name: a.name if rng.random() < 0.5 else rng.choice((a.name, *a.names)) for a in invention.arguments}
    shown = tuple(sorted(rng.sample(range(len(invention.wordings)), EXAMPLES)))
    properties = {names[a.name]: _property(a, names[a.name], native, rng) for a in invention.arguments}
    spec = {
        "name": name,
        "summary": rng.choice(invention.summaries),
        "parameters": {
            "type": "object",
            "properties": properties,
            "required": [names[a.name] for a in invention.required],
        },
        "effect": invention.effect,
        "examples": [example for n in shown if (example := _example(invention, invention.wordings[n], rng))],
    }
    return Offered(invention, spec, names, shown)


def _property(argument: Argument, name: str, native: bool, rng: Random) -> dict[str, Any]:
    schema = schema_of(argument.kind, native=native)
    if not native:
        words = re.sub(r"[_-]+", " ", name)
        schema["description"] = (
            rng.choice(("The {}", "{}", "Which {} is meant", "{} (text)")).format(words).capitalize()
        )
        if schema.get("format") == "date":
            schema["description"] += ", as YYYY-MM-DD"
    return schema


def _example(invention: Invention, wording: Wording, rng: Random) -> str:
    values = values_for(invention, wording, None, rng)
    return filled(invention, wording, values, rng)[0] if values is not None else ""


def values_for(
    invention: Invention,
    wording: Wording,
    setting: Setting | None,
    rng: Random,
    given: Mapping[str, Value] | None = None,
) -> dict[str, Value] | None:
    """A value for each of the wording's slots, two of a kind not the same; None where the workspace has none."""
    found: dict[str, Value] = dict(given or {})
    table = rng.choice(setting.tables) if setting and setting.tables else None
    free = {match[1] for match in _BESIDE.finditer(" " + wording.text)}
    for name in SLOT.findall(wording.text):
        if name in found:
            continue
        kind = invention.argument(name).kind
        for _ in range(8):
            value = _of_workspace(kind, invention, setting, table, rng) or drawn(
                kind, rng, chinese=wording.is_chinese, in_words=name in free
            )
            if value is None:
                return None
            if all(value.said != other.said for other in found.values()):
                break
        else:
            return None
        found[name] = value
    return found


def _of_workspace(
    kind: str, invention: Invention, setting: Setting | None, table: Table | None, rng: Random
) -> Value | None:
    if kind == "FILE" and setting and setting.paths:
        is_of_table = any(argument.kind.startswith("COL") for argument in invention.arguments)
        path = table.path if table and is_of_table else rng.choice(setting.paths)
        return Value(path, path)
    if kind in ("COLCAT", "COLNUM") and table:
        columns = table.having("cat" if kind == "COLCAT" else "num")
        name = rng.choice(columns).name if columns else ""
        return Value(name, name) if name else None
    return None


def filled(
    invention: Invention, wording: Wording, values: Mapping[str, Value], rng: Random, keep: float = 0.5
) -> tuple[str, dict[str, Any]]:
    """The goal, and the tool's arguments by their first names. Each of the `[parts]` stays with the chance `keep`."""

    def part(match: re.Match[str]) -> str:
        return match[1] if rng.random() < keep else ""

    text = re.sub(r"\[([^]]*)\]", part, wording.text)
    arguments: dict[str, Any] = {}
    for name, value in wording.implied:
        arguments[name] = value == "true" if invention.argument(name).kind == "BOOL" else value
    for name in SLOT.findall(text):
        arguments.setdefault(name, values[name].value)
    text = SLOT.sub(lambda match: values[match[1]].said, text)
    return text, arguments


def called(tool: Offered, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """A step of a plan, its arguments under their names here, in the schema's order."""
    order = [argument.name for argument in tool.invention.arguments if argument.name in arguments]
    return {"tool": tool.name, "arguments": {tool.names[name]: arguments[name] for name in order}}


def goal(tool: Offered, setting: Setting, rng: Random) -> Draft | None:
    """One of the tool's wordings, filled."""
    wording = rng.choice(tool.wordings())
    values = values_for(tool.invention, wording, setting, rng)
    if values is None:
        return None
    text, arguments = filled(tool.invention, wording, values, rng)
    if rng.random() < 0.25 and not text.startswith(tuple(str(value) for value in arguments.values())):
        text = text[0].upper() + text[1:]
    elif rng.random() < 0.1 and text[-1] not in '.?!"':
        text = rng.choice(["please ", "Please ", "hey, ", "can you "]) + text if text[0].islower() else text
    return Draft(
        goal=decorated(text, rng) if rng.random() < 0.5 else text,
        plan=[called(tool, arguments)],
        kind="third-party",
        kept=said(values.values()),
        extra_tools=(tool.spec,),
    )


def said(values: Sequence[Value] | Any) -> tuple[str, ...]:
    return tuple(value.said for value in values)
