"""The grammar a plan must follow: for this goal, these tools and these files, nothing else can be written.

Every value comes from somewhere: paths and columns from the workspace, strings from stretches of the goal, numbers and
dates from the goal, refs from earlier calls. A grammar makes output valid, not wise; wisdom is the adapter's part.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trivet_plan_smollm2.grounding import mentioned, new_paths
from trivet_plan_smollm2.prompt import Column, FileCard, ToolCard
from trivet_plan_smollm2.schemas import (
    Schema,
    Unavailable,
    accepts_rows,
    any_of,
    choice,
    condition,
    ref_schema,
    resolved,
    uses_columns,
)
from trivet_plan_smollm2.words.bounds import ops_said
from trivet_plan_smollm2.words.cues import says_each
from trivet_plan_smollm2.words.measures import meant
from trivet_plan_smollm2.words.similarity import STOP, stem_words
from trivet_plan_smollm2.words.spans import Spans, arithmetic, has_cjk, stretches

COMPACT = {"whitespace_flexible": False, "item_separator": ",", "key_separator": ":"}
QUESTIONS = ("which file", "which column", "which value", "which format")
FLAGS = frozenset("yes no true false y n t f 1 0 ja nein oui non si on off 是 否 有 无".split())
"""Values that are compared with although nobody says them: "has not paid" is `paid = no`."""


class Grammar:
    """Builds the Lark text; one instance per goal and set of cards."""

    def __init__(
        self, goal: Spans, tools: Sequence[ToolCard], files: Sequence[FileCard], listing: Sequence[str]
    ) -> None:
        self.goal, self.tools, self.files, self.listing = goal, tools, files, listing
        self.new_paths = list(new_paths(goal, listing))
        self.stretches = [text for text in stretches(goal.goal) if is_telling(text)]
        self.strings = list(dict.fromkeys([*goal.quoted, *self.stretches]))
        saves_table = bool(self.new_paths) and re.search(r"\btable\b|表格", goal.goal, re.IGNORECASE) is not None
        self.wants_table = saves_table or says_each(goal.goal)
        self.ops = ops_said(goal.goal)
        self.numbers = [int(number) if number == int(number) else number for number in goal.numbers]

    def lark(self, calls: int = 4, first: str | None = None, may_decline: bool = True) -> str:
        """Lark text for up to `calls` calls; `first` fixes the first call's tool."""
        rules = []
        names: list[str] = []
        for place in range(1, calls + 1):
            options = []
            for number, tool in enumerate(self.tools):
                if place == 1 and first is not None and tool.name != first:
                    continue
                for variant, schema in enumerate(self.calls_of(tool, place)):
                    rule = f"j{place}_{number}_{variant}"
                    rules.append(f"{rule}: %json {json.dumps({**schema, 'x-guidance': COMPACT}, ensure_ascii=False)}")
                    options.append(f"{json.dumps(tool.name + ' ')} {rule}")
            if place == 1 and may_decline and first is None:
                options.append('"none {}"')
                options += [
                    json.dumps("ask " + json.dumps({"question": text}, separators=(",", ":"))) for text in QUESTIONS
                ]
            if not options:
                break
            rules.append(f"c{place}: " + " | ".join(options))
            names.append(f"c{place}")
        if not names:
            raise Unavailable("no tool can be called")
        chain = ""
        for name in reversed(names):
            chain = f'{name} ("\\n" {chain})?' if chain else name
        return "\n".join([f"start: {chain}", *rules])

    def calls_of(self, tool: ToolCard, place: int) -> list[Schema]:
        """One schema for each file the call may be about; one alone for tools without a file; none if unavailable."""
        properties = {
            name: resolved(schema, tool.parameters) for name, schema in tool.parameters.get("properties", {}).items()
        }
        required = set(tool.parameters.get("required", ()))
        path = next((name for name, schema in properties.items() if schema.get("format") == "workspace-path"), None)
        wants_table = any(uses_columns(schema) for schema in properties.values())
        cards: list[FileCard | None] = [None]
        if path is not None:
            cards = [card for card in self.files if card.columns or not wants_table]
            if path not in required:  # a search goes through everything, unless the goal names the file
                named = mentioned(self.goal, self.listing)
                cards = [None, *(card for card in cards if card and card.path in named)]
        if place > 1 and wants_table and path in required:
            union = tuple({column.name: column for card in self.files for column in card.columns}.values())
            cards.append(FileCard(path="", columns=union))
        schemas = []
        for card in cards:
            try:
                schemas.append(self.call_schema(tool, properties, required, path, card, place))
            except Unavailable:
                continue
        return schemas

    def call_schema(
        self,
        tool: ToolCard,
        properties: Mapping[str, Schema],
        required: set[str],
        path: str | None,
        card: FileCard | None,
        place: int,
    ) -> Schema:
        narrowed: dict[str, Schema] = {}
        for name, schema in properties.items():
            try:
                if name == path:
                    if card is None:
                        continue
                    narrowed[name] = {"const": card.path} if card.path else ref_schema(place, ["rows"])
                else:
                    narrowed[name] = self.argument(name, schema, card, place)
            except Unavailable:
                if name in required:
                    raise
        must = [name for name in narrowed if name in required or (name == path and card is not None)]
        return {"type": "object", "properties": narrowed, "required": must, "additionalProperties": False}

    def argument(self, name: str, schema: Schema, card: FileCard | None, place: int) -> Schema:
        """The values that this argument may take here. Raises Unavailable if there are none."""
        if "enum" in schema or "const" in schema:
            return {key: schema[key] for key in ("enum", "const") if key in schema}
        format, kind = schema.get("format"), schema.get("type")
        if format == "workspace-path":
            return choice([other.path for other in self.files])
        if format == "new-path":
            return choice(self.new_paths)
        if format == "workspace-folder":
            return choice(
                [
                    text
                    for text in (*self.goal.paths, *self.strings)
                    if any(p.startswith(text.rstrip("/") + "/") for p in self.listing)
                ]
            )
        if format == "column":
            return choice(self.measures(name, card) or self.columns_for(schema, card, place))
        if format == "date":
            return choice(self.goal.dates)
        if format == "expression" and (total := arithmetic(self.goal.goal)):
            return choice([total])
        if format == "expression":
            refs = "abc" if place > 1 else ""
            return {"type": "string", "pattern": rf"^[0-9{refs}][0-9{refs} .()+*/%-]{{0,60}}$"}
        if format == "unit":
            return {"type": "string", "pattern": r"^[A-Za-z°µμ%²³][A-Za-z°µμ/%²³0-9 ]{0,24}$"}
        if kind == "boolean":
            return {"type": "boolean"}
        if kind == "integer":
            low, high = schema.get("minimum", 1), schema.get("maximum", float("inf"))
            years = {int(period[:4]) for period in self.goal.periods}
            implied = () if self.wants_table else (1,)  # "which is the most" wants one row
            whole = [number for number in (*self.numbers, *implied) if isinstance(number, int) and number not in years]
            return choice(list(dict.fromkeys(number for number in whole if low <= number <= high)))
        if kind == "number":
            options: list[Schema] = [choice(self.numbers)] if self.numbers else []
            return any_of([*options, *([ref_schema(place, ["value"])] if place > 1 else [])])
        if kind == "array" and place > 1 and accepts_rows(schema):
            return ref_schema(place, ["rows"])
        if kind == "array":
            return self.list_of(schema.get("items", {}), card, place)
        if kind == "object" and place > 1:
            values = {letter: ref_schema(place, ["value", "rows"]) for letter in "abc"}
            return {"type": "object", "properties": values, "required": ["a"], "additionalProperties": False}
        if (kind == "string" or kind is None) and format in (None, "span"):
            options = [choice(self.strings)] if self.strings else []
            if place > 1 and format is None:
                earlier = "".join(str(number) for number in range(1, place))
                options.append({"type": "string", "pattern": rf"^\{{\{{s[{earlier}](#/value)?\}}\}}$"})
            return any_of(options)
        raise Unavailable(name)

    def measures(self, name: str, card: FileCard | None) -> list[str]:
        """For the column to compute or to sort by: those that the goal's measure words speak of, if any."""
        return meant(self.goal.goal, card.columns) if card is not None and name in ("column", "sort_by") else []

    def columns_for(self, schema: Schema, card: FileCard | None, place: int) -> list[str]:
        """Columns of the call's own file; of any file where the property belongs to another one or to earlier rows."""
        if card is not None and schema.get("x-of", "path") == "path":
            return [column.name for column in card.columns]
        if card is None and place == 1:
            return []
        return list(dict.fromkeys(column.name for other in self.files for column in other.columns))

    def list_of(self, items: Schema, card: FileCard | None, place: int) -> Schema:
        if items.get("format") == "column":
            return {
                "type": "array",
                "items": choice(self.columns_for(items, card, place)),
                "minItems": 1,
                "maxItems": 8,
            }
        properties = items.get("properties", {})
        if any(schema.get("format") == "column" for schema in properties.values()):
            options = [option for column in (card.columns if card else ()) for option in self.conditions(column, place)]
            return {"type": "array", "items": any_of(options), "minItems": 1, "maxItems": 2}
        if items.get("type") == "string" and self.strings:
            return {"type": "array", "items": choice(self.strings), "minItems": 1, "maxItems": 6}
        raise Unavailable("list")

    def conditions(self, column: Column, place: int) -> Iterable[Schema]:
        """`{"column", "op", "value"}` for one column: numbers of the goal for numbers, its dates and periods for dates,
        the column's own values and the goal's words for text."""
        plain = list(self.values_of(column))
        ops = list(self.ops) if column.type in ("number", "integer", "date", "datetime") else ["=", "!=", "contains"]
        if plain:
            yield condition(column.name, ops, choice(plain))
        if place > 1:
            yield condition(column.name, ["in"], ref_schema(place, ["values"]))

    def is_name(self, text: str) -> bool:
        """Whether a stretch could be a value that the column does not show: quoted, with a capital inside the goal, a digit,
        or in a script without capitals."""
        if text in self.goal.quoted or has_cjk(text) or any(char.isdigit() for char in text):
            return True
        return text[0].isupper() and not self.goal.goal.startswith(text.split()[0])

    def values_of(self, column: Column) -> list[Any]:
        if column.type in ("number", "integer"):
            return [number for number in self.numbers if is_within(number, column)]
        if column.type in ("date", "datetime"):
            return list(dict.fromkeys([*self.goal.dates, *self.goal.periods]))
        if column.type == "boolean":
            return [True, False]
        said = set(stem_words(self.goal.goal))
        heard = [value for value in column.examples if isinstance(value, str) and is_said(value, said, self.goal.goal)]
        if column.examples and all(str(value).lower() in FLAGS for value in column.examples):
            heard = list(dict.fromkeys([*heard, *column.examples]))
        if column.distinct is None or column.distinct > len(column.examples):
            heard += [text for text in self.strings if len(text.split()) <= 4 and self.is_name(text)]
        return list(dict.fromkeys(heard))


def is_within(number: float, column: Column) -> bool:
    """Whether comparing the column with this number can tell rows apart."""
    if not isinstance(column.min, (int, float)) or not isinstance(column.max, (int, float)):
        return True
    return column.min <= number <= column.max


def is_said(value: str, said: set[str], goal: str) -> bool:
    words = stem_words(value) or [value.lower()]
    return (
        value.lower() in goal.lower()
        or all(word in said for word in words)
        or any(
            len(word) >= 4
            and any(other.startswith(word) or word.startswith(other) for other in said if len(other) >= 4)
            for word in words
        )
    )


def is_telling(text: str) -> bool:
    """A stretch that neither begins nor ends with a word that says nothing."""
    words = text.lower().split()
    return bool(words) and words[0] not in STOP and words[-1] not in STOP
