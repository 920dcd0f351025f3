"""The invented tools by domain, read from `tools/*.toml`; README.md describes the files. Held domains are never trained on."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).with_name("tools")
SLOT = re.compile(r"\{(\w+)\}")


class Argument(msgspec.Struct, frozen=True):
    name: str
    kind: str
    """Of values.py; `INT:2-30`, `ENUM:on,off`."""
    names: tuple[str, ...] = ()
    """What else it may be called."""
    optional: bool = False
    takes: str = ""
    """The kind of an earlier result that fits as well."""


class Result(msgspec.Struct, frozen=True):
    kind: str
    said: tuple[str, ...]
    """What a later part of a goal calls it."""


class Wording(msgspec.Struct, frozen=True):
    text: str
    """With `{slots}`; what stands in `[brackets]` may be left out."""
    implied: tuple[tuple[str, str], ...] = ()
    """Arguments that the wording itself decides, in its own words."""
    is_chinese: bool = False


class Invention(msgspec.Struct, frozen=True):
    """A tool with all the names it may go by."""

    domain: str
    name: str
    names: tuple[str, ...]
    summaries: tuple[str, ...]
    arguments: tuple[Argument, ...]
    wordings: tuple[Wording, ...]
    chinese: tuple[Wording, ...]
    effect: str = "effectful"
    roles: tuple[str, ...] = ()
    """Two arguments whose values could stand at each other's place."""
    gives: Result | None = None

    @property
    def required(self) -> tuple[Argument, ...]:
        return tuple(argument for argument in self.arguments if not argument.optional)

    def argument(self, name: str) -> Argument:
        return next(argument for argument in self.arguments if argument.name == name)


class Domain(msgspec.Struct, frozen=True):
    name: str
    namespaces: tuple[str, ...]
    kin: frozenset[str]
    """Domains whose tools could serve some of the same goals."""
    is_held: bool
    tools: tuple[Invention, ...]


@cache
def domains(*, held: bool) -> tuple[Domain, ...]:
    """Those to train on, or the held ones, by name."""
    return tuple(domain for domain in _read() if domain.is_held == held)


@cache
def inventions(*, held: bool = False) -> tuple[Invention, ...]:
    return tuple(tool for domain in domains(held=held) for tool in domain.tools)


@cache
def by_name() -> dict[str, Domain]:
    return {domain.name: domain for domain in _read()}


def are_kin(first: str, second: str) -> bool:
    return first == second or second in by_name()[first].kin or first in by_name()[second].kin


@cache
def _read() -> tuple[Domain, ...]:
    return tuple(_domain(path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted(FOLDER.glob("*.toml")))


def _domain(name: str, table: dict[str, Any]) -> Domain:
    tools = tuple(_invention(name, tool, entry) for tool, entry in table["tools"].items())
    kin = frozenset(table.get("kin", ()))
    return Domain(name, tuple(table["namespaces"]), kin, bool(table.get("held", False)), tools)


def _invention(domain: str, name: str, entry: dict[str, Any]) -> Invention:
    """Raises ValueError where a wording does not give what the tool requires, or a role is no argument."""
    arguments = tuple(msgspec.convert({"name": key, **value}, Argument) for key, value in entry["arguments"].items())
    wordings = tuple(_wording(line) for line in entry["wordings"].split("\n") if line)
    chinese = tuple(_wording(line, is_chinese=True) for line in entry.get("chinese", "").split("\n") if line)
    known = {argument.name for argument in arguments}
    if set(entry.get("roles", ())) - known:
        raise ValueError(f"{domain}.{name}: its roles {entry['roles']} are no arguments")
    for wording in (*wordings, *chinese):
        slots, always = set(SLOT.findall(wording.text)), re.sub(r"\[[^]]*\]", "", wording.text)
        implied = {name for name, _ in wording.implied}
        given = {*SLOT.findall(always), *implied}
        lacking = {argument.name for argument in arguments if not argument.optional} - given
        if lacking or slots - known or implied - known:
            raise ValueError(f"{domain}.{name}: '{wording.text}' has {sorted(slots)}, lacks {sorted(lacking)}")
    return Invention(
        domain=domain,
        name=name,
        names=tuple(entry["names"]),
        summaries=tuple(entry["summaries"]),
        arguments=arguments,
        wordings=wordings,
        chinese=chinese,
        effect=entry.get("effect", "effectful"),
        roles=tuple(entry.get("roles", ())),
        gives=msgspec.convert(entry["gives"], Result) if "gives" in entry else None,
    )


def _wording(line: str, *, is_chinese: bool = False) -> Wording:
    text, _, implied = line.partition(" => ")
    pairs = tuple((part.partition("=")[0], part.partition("=")[2]) for part in implied.split())
    return Wording(text, pairs, is_chinese)
