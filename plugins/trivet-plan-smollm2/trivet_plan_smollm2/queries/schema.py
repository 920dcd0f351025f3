"""Tables as a model of code knows them: one `CREATE TABLE` each, with values that occur."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.prompt import Column, FileCard
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans

FEW = 10
"""Different values of a column of which all are shown."""
SOME = 3
SAID = 6
"""Values of which the goal has a word, at most."""
SHOWN = 28
"""Characters of a value."""
_TYPES = {"number": "DOUBLE", "integer": "BIGINT", "date": "DATE", "datetime": "TIMESTAMP", "boolean": "BOOLEAN"}
_KEYWORDS = frozenset(
    "all and any as asc at between by case column default desc distinct do else end exists for from group having in is"
    " join left like limit not null offset on or order primary references right select set table then to union unique"
    " user using values when where window with".split()
)


def table_name(path: str) -> str:
    """The whole path without its suffix, as SQL can spell it: `visits/2024.csv` is `visits_2024`."""
    name = re.sub(r"\W+", "_", str(PurePosixPath(path).with_suffix(""))).strip("_") or "t"
    return f"t_{name}" if name[0].isdigit() else name


def create_table(card: FileCard, goal: Spans, beside: Sequence[FileCard] = ()) -> str:
    columns = ",\n".join(
        f"  {quoted(c.name)} {_TYPES.get(c.type, 'TEXT')}{_reference(c, card, beside)}{_values(c, goal)}"
        for c in card.columns
    )
    return f"-- {card.path}, {card.rows} rows\nCREATE TABLE {quoted(table_name(card.path))} (\n{columns}\n);"


def quoted(name: str) -> str:
    is_plain = re.fullmatch(r"[^\W\d]\w*", name) and name.lower() not in _KEYWORDS
    return name if is_plain else '"' + name.replace('"', '""') + '"'


def _reference(column: Column, card: FileCard, beside: Sequence[FileCard]) -> str:
    """` REFERENCES animals(id)`, of a column with the codes of which another table has a row each."""
    if column.distinct == card.rows:
        return ""
    shape = _shape(column)
    keys = [
        (other, key)
        for other in beside
        for key in other.columns
        if other is not card
        and key.distinct == other.rows
        and key.type == column.type
        and shape
        and _shape(key) == shape
    ]
    if len(keys) != 1:
        return ""
    return f" REFERENCES {quoted(table_name(keys[0][0].path))}({quoted(keys[0][1].name)})"


def _shape(column: Column) -> str:
    """What the column's codes have in common, such as `A999`; empty if they are none, or look each another way."""
    shapes = {re.sub(r"\d", "9", str(value)) for value in column.examples}
    only = shapes.pop() if len(shapes) == 1 else ""
    return only if re.search("[A-Za-z]", only) and "9" in only else ""


def _values(column: Column, goal: Spans) -> str:
    if column.type in ("date", "datetime") and column.min is not None:
        return f" /* {_short(column.min)} to {_short(column.max)} */"
    is_whole = column.type == "text" and column.distinct is not None and column.distinct <= FEW
    said = [] if is_whole else _said(column, goal)
    values = [*said[:SAID], *(each for each in column.examples if each not in said)][
        : FEW if is_whole else max(SOME, len(said[:SAID]))
    ]
    if not values:
        return ""
    return f" /* {'one of' if is_whole else 'e.g.'} {', '.join(map(_short, values))} */"


def _said(column: Column, goal: Spans) -> list[object]:
    """Values of which the goal has a word."""
    words = set(stem_words(goal.goal))
    texts = [each for each in column.examples if isinstance(each, str)]
    return [each for each in texts if set(stem_words(each)) & words or (len(each) > 1 and each in goal.goal)]


def _short(value: object) -> str:
    text = " ".join(str(value).split()).replace("*/", "* /")
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def schema(cards: Sequence[FileCard], goal: Spans) -> str:
    return "\n".join(create_table(card, goal, cards) for card in cards)
