"""So many of this and so many of that, at the prices of a list: `what do 8 rigger bolts and 2 rowing seats cost?`"""

import re
from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.measures import meant, parts
from trivet_plan_smollm2.words.similarity import STOP, stem, stem_words
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, Spans, is_chinese, without_form

_ASKED = re.compile(
    r"\b(?:cost|costs|price|prices|priced|pay|total|totals|bill|worth|come to|comes to|amount to|amounts to|owe|spend|charge)\b",
    re.IGNORECASE,
)
_WEIGHS = re.compile(r"\b(?:weigh|weighs|weight|heavy)\b", re.IGNORECASE)
_CHOICE = re.compile(r"\b(?:or|than|heavier|lighter|cheaper|dearer|difference)\b", re.IGNORECASE)
_ABOUT_PRICES = frozenset(
    "cost price pric pay total bill worth come amount ow spend charg together altogether order buy purchas get fetch "
    "download read "
    "need want take work out find sum list offer invoic item article product euro dollar pound franc eur usd in all "
    "how much plac weigh weight heavy kilo kilos kg box pack packet piece pcs pc each unit at from page site website web "
    "address link url file then now there say".split()
)
_PRICES = frozenset(
    "price cost fee fare rate value amount eur euro euros usd dollar dollars gbp chf cny per each 单价 价格".split()
)
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
LONGEST = 6
"""Words of an item's name at most."""


class Basket(msgspec.Struct, frozen=True):
    key: str
    """The column of the items' names."""
    price: str
    items: tuple[tuple[float, str], ...]
    """How many, of what."""
    also: tuple[str, ...] = ()
    """Other columns that are asked for as well: what it weighs."""


def basket(goal: Spans, card: FileCard) -> Basket | None:
    """What the goal wants to buy from this list; None unless each number of it counts something on the list, and every
    other word only says that a price is asked."""
    text = without_form(goal.goal)
    asks_price, asks_weight = _ASKED.search(text), _WEIGHS.search(text)
    if is_chinese(text) or not (asks_price or asks_weight) or goal.dates or goal.periods or goal.quoted:
        return None
    if _CHOICE.search(text):
        return None  # one is held against the other
    for path in (*goal.paths, *goal.urls):
        text = text.replace(path, " " * len(path))
    figures = [_price(card)] if asks_price else []
    figures += meant("weight", card.columns) if asks_weight else []
    if not all(figures) or len(figures) != bool(asks_price) + bool(asks_weight):
        return None
    for column in card.columns:
        if column.type != "text" or column.distinct != card.rows or len(column.examples) != card.rows:
            continue
        if items := _counted(text, [str(value) for value in column.examples], card):
            return Basket(column.name, figures[0], items, tuple(figures[1:]))
    return None


def priced(found: Basket, path: str, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """One query over a file."""
    asker = next((tool for tool in tools if {"query", "paths"} <= tool.parameters.get("properties", {}).keys()), None)
    if asker is None:
        return ()
    key = _quoted(found.key)
    cases = " ".join(f"WHEN {_text(name)} THEN {number:g}" for number, name in found.items)
    names = ", ".join(_text(name) for _, name in found.items)
    titles = ["total"] if not found.also else [found.price, *found.also]
    sums = [
        f"sum({_quoted(column)} * CASE {key} {cases} END) AS {_quoted(title) if found.also else title}"
        for column, title in zip((found.price, *found.also), titles, strict=True)
    ]
    query = f"SELECT {', '.join(sums)} FROM data WHERE {key} IN ({names})"
    return (Call(tool=asker.name, arguments={"query": query, "paths": [path]}),)


def reckoned(found: Basket, refs: Sequence[str], tools: Sequence[ToolCard]) -> Call | None:
    """One sum over the prices that stand at these references, in the order of the items."""
    tool = next((t for t in tools if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    if tool is None or found.also:
        return None
    names = [re.sub(r"\W+", "_", name).strip("_") or f"item_{place}" for place, (_, name) in enumerate(found.items)]
    names = [f"{name}_" if name[0].isdigit() or names.count(name) > 1 else name for name in names]
    names = [f"item_{place}" if name[0].isdigit() else name for place, name in enumerate(names)]
    sums = [f"{number:g} * {name}" for (number, _), name in zip(found.items, names, strict=True)]
    values = {name: {"$ref": ref} for name, ref in zip(names, refs, strict=True)}
    return Call(tool=tool.name, arguments={"expression": " + ".join(sums), "values": values})


def _price(card: FileCard) -> str:
    """The only number column, or the only one that is called like a price."""
    figures: list[Column] = [column for column in card.columns if column.type in MEASURABLE]
    named = [column for column in figures if _PRICES & parts(column.name)]
    chosen = named if named else figures
    return chosen[0].name if len(chosen) == 1 else ""


def _counted(text: str, names: Sequence[str], card: FileCard) -> tuple[tuple[float, str], ...]:
    tokens = [(match[0], stem(match[0].lower())) for match in _TOKEN.finditer(text)]
    stems = {name: frozenset(stem_words(name.replace("-", " "))) for name in names}
    left: list[str] = []
    items: list[tuple[float, str]] = []
    place = 0
    while place < len(tokens):
        word = tokens[place][0]
        number = _number(word)
        if number is None:
            left.append(word)
            place += 1
            continue
        held = _held(tokens[place + 1 :], card)
        found = _named(tokens[place + 1 + held :], stems)
        found = (found[0], found[1] + held) if found else _named(tokens[place + 1 :], stems)
        if found is None:
            return ()
        name, length = found
        items.append((number, name))
        place += 1 + length
    known = _ABOUT_PRICES | {part for column in card.columns for part in stem_words(column.name.replace("_", " "))}
    known |= set(stem_words(re.sub(r"[_\-./]+", " ", card.path)))
    for word in left:
        lower = word.lower()
        if lower in lexicon.OPERATIVE or re.fullmatch(lexicon.NEGATED, lower):
            return ()
        if len(lower) > 1 and lower not in STOP | lexicon.GENERIC and stem(lower) not in known and lower not in known:
            return ()
    return tuple(items) if items and len({name for _, name in items}) == len(items) else ()


def _number(word: str) -> float | None:
    if word[0].isdigit():
        return float(word.replace(",", ""))
    return float(NUMBER_WORDS[word.lower()]) if word.lower() in NUMBER_WORDS else None


def _held(tokens: Sequence[tuple[str, str]], card: FileCard) -> int:
    """How many words say what the pieces are: `boxes of`, where the list tells that something comes in boxes."""
    if len(tokens) < 3 or tokens[1][0].lower() != "of":
        return 0
    units = {stem(str(value).lower()) for column in card.columns for value in column.examples if column.type == "text"}
    return 2 if tokens[0][1] in units else 0


def _named(tokens: Sequence[tuple[str, str]], stems: dict[str, frozenset[str]]) -> tuple[str, int] | None:
    """The item that the next words name, and how many words that are: all words of its name, in any order; else one word
    that stands in the name of no other."""
    skipped = 0
    while skipped < len(tokens) and tokens[skipped][0].lower() in ("x", "of", "the", "pieces", "pcs", "times"):
        skipped += 1
    for length in range(min(LONGEST, len(tokens) - skipped), 0, -1):
        window = tokens[skipped : skipped + length]
        said = {short for word, short in window if word.lower() not in STOP}
        is_ended = any(
            _number(word) is not None and short not in set().union(*stems.values()) for word, short in window
        )
        if is_ended or not said or window[-1][0].lower() in STOP:
            continue
        exact = [name for name, words in stems.items() if words == said]
        if len(exact) == 1:
            return exact[0], skipped + length
    if skipped < len(tokens):
        part = [name for name, words in stems.items() if tokens[skipped][1] in words]
        if len(part) == 1:
            return part[0], skipped + 1
    return None


def _quoted(name: str) -> str:
    return f'"{name.replace(chr(34), "")}"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
