"""Figures that stand in the messages of a log: the longest, the sum, the mean of `exposure 120s done`.

The messages that a description shows are taken for patterns: their words, and one number beside a word of the goal.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import shape_of
from trivet_plan_smollm2.tables.reader import Reader
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.similarity import STOP, stem
from trivet_plan_smollm2.words.spans import Spans, is_chinese
from trivet_plan_smollm2.words.units import UNITS

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_SQL = {"sum": "sum", "mean": "avg", "median": "median", "max": "max", "min": "min"}
_ADDED = r"add up|adds? up to|sum up|total|totals|sum|altogether|in total"


class Figure(msgspec.Struct, frozen=True):
    """A number in messages: the text right before and behind it, up to a blank, and all words of the message."""

    before: str
    behind: str
    words: frozenset[str]

    @property
    def own(self) -> frozenset[str]:
        """Stems beside it, the unit in one spelling."""
        near = re.findall(r"[^\W\d_]+", f"{self.before} {self.behind}".lower())
        return frozenset(stem(word) for word in near) | frozenset(UNITS[word] for word in near if word in UNITS)


def of_messages(goal: Spans, card: FileCard, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """One query, where every word of the goal is an operation, a value of a column, or a word of these messages."""
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    message = next((column for column in card.columns if column.name == "message"), None)
    if asker is None or message is None or is_chinese(goal.goal):
        return ()
    reader = Reader(goal, card)
    reader.conditions(reader.values(), "")
    function = _function(reader)
    if not function:
        return ()
    said = {word.stem for word in reader.words if not word.is_heard and word.text.lower() not in STOP | lexicon.GENERIC}
    said |= {UNITS[word.text.lower()] for word in reader.words if word.text.lower() in UNITS}
    every = _figures(message.examples)
    figures = [figure for figure in every if figure.own & said] or [figure for figure in every if figure.words & said]
    if not figures and reader.where and len({(figure.before, figure.behind) for figure in every}) == 1:
        figures = every  # `highest battery`, of a source that is called so, in a log of which all figures are volts
    best = max((len(figure.words & said) + len(figure.own & said) for figure in figures), default=0)
    meant = {
        (figure.before, figure.behind): figure
        for figure in figures
        if len(figure.words & said) + len(figure.own & said) == best
    }
    if len(meant) != 1:
        return ()
    figure = next(iter(meant.values()))
    for word in reader.words:
        if word.stem in figure.words | figure.own or UNITS.get(word.text.lower(), "-") in figure.own:
            word.is_heard = True
    shapes = {shape_of(word.lower()) for each in message.examples for word in re.findall(r"[\w-]+", str(each))}
    held = [word for word in reader.left("", function) if shape_of(word.lower()) in shapes and re.search(r"\d", word)]
    if len(held) < len([*reader.left("", function)]) or not all(sql_test(test) for test in reader.where):
        return ()
    form = f"{_sql_form(figure.before)}(-?\\d+(?:\\.\\d+)?){_sql_form(figure.behind)}"
    number = f"TRY_CAST(regexp_extract(message, '{form}', 1) AS DOUBLE)"
    where = [f"regexp_matches(message, '{form}')", *map(sql_test, reader.where)]
    where += [f"regexp_matches(lower(message), '\\b{_sql_form(word.lower())}\\b')" for word in held]
    name = f"{function} of {(figure.before.strip(' :=') or figure.behind.strip())}".replace('"', "")
    query = f'SELECT {_SQL[function]}({number}) AS "{name}" FROM data WHERE {" AND ".join(where)}'
    return (Call(tool=asker.name, arguments={"query": query, "paths": [card.path]}),)


def _function(reader: Reader) -> str:
    highest, lowest = reader.heard(lexicon.HIGHEST), reader.heard(lexicon.LOWEST)
    added = reader.heard(_ADDED)
    named = [name for name, words in lexicon.FUNCTIONS if reader.heard(words) and name != "sum"]
    found = {*named, *(["sum"] if added else []), *(["max"] if highest else []), *(["min"] if lowest else [])}
    return found.pop() if len(found) == 1 else ""


def _figures(messages: Sequence[object]) -> list[Figure]:
    found = []
    for message in map(str, messages):
        words = frozenset(stem(word) for word in re.findall(r"[^\W\d_]+", message.lower()))
        for match in _NUMBER.finditer(message):
            before = re.search(r"[^\W\d_]*[\s:=]*$", message[: match.start()])
            behind = re.match(r"\s?[^\W\d_%]*", message[match.end() :])
            if before is None or behind is None or re.search(r"[^\W\d]-?$", message[: match.start()]):
                continue  # `fridge-2` is a name
            unit = behind[0].rstrip()
            is_unit = not unit.startswith(" ") or len(unit) < 5 or unit.strip().lower() in UNITS
            found.append(Figure(before[0], unit if is_unit else "", words))
    return found


def _sql_form(text: str) -> str:
    return re.sub(r"([.^$*+?()\[\]{}|\\])", r"\\\1", text).replace("'", "''")


def sql_test(test: Mapping[str, Any]) -> str:
    """A condition on texts in SQL; empty for another one."""
    values = test["value"] if isinstance(test["value"], list) else [test["value"]]
    name = str(test["column"]).replace('"', "")
    if not all(isinstance(value, str) for value in values) or test["op"] not in ("=", "!=", "in", "contains"):
        return ""
    texts = ["'" + value.replace("'", "''") + "'" for value in values]
    if test["op"] == "contains":
        return f'contains(lower("{name}"), lower({texts[0]}))'
    return f'"{name}" {"NOT IN" if test["op"] == "!=" else "IN"} ({", ".join(texts)})'
