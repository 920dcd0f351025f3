"""A figure of a file that is one record, such as settings, in another unit: `what is the alarm's wind speed in metres per
second?`,
of `alarm.wind_knots`."""

import re
from collections.abc import Sequence
from typing import Any

from trivet_plan_smollm2.grounding import Ground, column_card, mentioned
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.other_units import unit_of_column, wishes
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words.dimensions import are_alike, is_same
from trivet_plan_smollm2.words.measures import meant, measure_words
from trivet_plan_smollm2.words.similarity import STOP, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_plan_smollm2.words.unit_words import converting
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_SAYING = frozenset(
    "speed long length temperature weight height distance duration time value figure setting limit set allow go"
    " off start much may"
    " see file look stand given written config configuration most least maximum minimum max min".split()
)
_SAYING_STEMS = _SAYING | frozenset(map(stem, _SAYING))
"""Words for what is measured, and for the file that says it."""
_PAST = re.compile(
    r"\b(?:was|were|did|last|first|latest|average|mean|total|each|every|highest|lowest|on \d|in \d{4})\b", re.IGNORECASE
)


DESCRIBED = 6
"""Files of settings that are looked at, at most."""


async def told_in_unit(goal: Spans, ground: Ground, tools: Sequence[ToolSpec], services: Services) -> tuple[Call, ...]:
    """As `setting_in_unit`, of the workspace's files of settings, which are described only where a unit is wished."""
    if len([*wishes(_without_source(goal).goal)]) != 1:
        return ()
    cards = await described_settings(settings_of(ground), tools, services)
    return setting_in_unit(
        _without_source(goal),
        cards,
        ground.listing,
        [ToolCard(name=tool.name, summary=tool.summary, parameters=tool.parameters) for tool in tools],
    )


def settings_of(ground: Ground) -> list[FileCard]:
    """The workspace's files of settings, as many as are looked at."""
    return [card for card in ground.cards.values() if card.kind == "data" or card.rows == 1][:DESCRIBED]


async def described_settings(
    settings: Sequence[FileCard], tools: Sequence[ToolSpec], services: Services
) -> list[FileCard]:
    """These files with their entries as columns."""
    describer = next((tool.name for tool in tools if tool.describes == "column"), None)
    cards: list[FileCard] = []
    for card in settings if describer else ():
        try:
            described = (await services.call(str(describer), {"path": card.path})).value
        except (ToolError, PluginError):
            continue
        columns = tuple(column_card(column) for column in described["columns"])
        cards.append(FileCard(path=card.path, kind=card.kind, rows=described.get("row_count"), columns=columns))
    return cards


def _without_source(goal: Spans) -> Spans:
    """The goal without the words of which unit the named file has, as in `rules.yaml has it in metres`."""
    text = goal.goal
    for path in goal.paths:
        text = re.sub(
            rf"{re.escape(path)}\s+(?:has|gives|says|tells|holds|lists|states|shows)\s+(?:it|that"
            rf"|this)(?:\s+only)?\s+in\s+[^\W\d_]+",
            path,
            text,
            flags=re.IGNORECASE,
        )
    return read_goal(text, [*goal.paths]) if text != goal.goal else goal


def setting_in_unit(
    goal: Spans, cards: Sequence[FileCard], listing: Sequence[str], tools: Sequence[ToolCard]
) -> tuple[Call, ...]:
    """The entry and its conversion; none unless the goal says all the words of exactly one entry's name, and nothing else."""
    said = [*wishes(goal.goal)]
    if len(said) != 1 or _PAST.search(goal.goal) or goal.dates or goal.periods or goal.digits:
        return ()
    wish = said[0]
    named = mentioned(goal, listing)
    rest = f"{goal.goal[: wish.start]} {goal.goal[wish.end :]}"
    for path in goal.paths:
        rest = rest.replace(path, " ")
    measured = {stem(word) for match in measure_words(rest) for word in re.findall(r"[a-z]+", match[0].lower())}
    words = {word for word in stem_words(rest) if word not in STOP and len(word) > 1} - _SAYING_STEMS
    found = []
    for card in cards:
        if named and card.path not in named:
            continue
        about = set(stem_words(spaced(re.sub(r"[/.]", " ", card.path)))) | {"setting", "config"}
        own_entries = entries(card)
        for name, column, where in own_entries:
            pieces = re.split(r"[._\-]+", column.name.lower()) if column.type in MEASURABLE else []
            unit = unit_of_column(column, wish.unit) or next((e for e in pieces if are_alike(e, wish.unit)), "")
            parts = _parts(name)
            own = {part for part in parts if part not in _SAYING_STEMS and part != stem(unit)}
            left = {word for word in words - about if not _held({word}, parts)}
            others = {part for other, *_ in own_entries for part in _parts(other)}
            if unit and column.name in meant(rest, [column]) and not left - measured:
                found.append((card, column, unit, where))  # `how high`, of an altitude
            elif unit and own and _held(own, words) and len(left) <= bool(named) and not left & others:
                found.append((card, column, unit, where))
    if len(found) != 1:
        return ()
    card, column, unit, where = found[0]
    calls = rendered(Reading(path=card.path, columns=(column.name,), where=where), tools)
    if is_same(unit, wish.unit) or len(calls) != 1:
        return calls
    ref = f"s1#/rows/0/{column.name.replace('~', '~0').replace('/', '~1')}"
    last = converting(ref, unit, wish.unit, tools)
    return (*calls, last) if last is not None else ()


def entries(card: FileCard) -> list[tuple[str, Column, tuple[dict[str, Any], ...]]]:
    """Each entry's name, the column and the row that hold it: of one record; or of a row for each section of the file."""
    if card.rows == 1:
        return [(column.name, column, ()) for column in card.columns]
    if not card.columns or card.columns[0].name != "key" or card.kind != "data":
        return []
    key = card.columns[0]
    return [
        (f"{section}.{column.name}", column, ({"column": key.name, "op": "=", "value": section},))
        for section in key.examples
        for column in card.columns[1:]
    ]


def _parts(name: str) -> set[str]:
    return set(stem_words(re.sub(r"[._\-]+", " ", name)))


def _held(words: set[str], among: set[str]) -> bool:
    """Each of them, in whatever form: `booked`, of booking."""
    return all(
        any(word == each or (len(word) > 3 and len(each) > 3 and word[:4] == each[:4]) for each in among)
        for word in words
    )
