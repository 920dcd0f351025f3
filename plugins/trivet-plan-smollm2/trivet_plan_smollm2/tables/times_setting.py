"""A figure times a price that a file of settings tells: `how many m3 did all meters count, times the price per m3 in
prices.toml`, `what rent does M108 pay for the area? The price per m2 is in prices.toml.`"""

import re
from collections.abc import Callable, Sequence
from typing import Any

from trivet_plan_smollm2.grounding import Ground
from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.requests.destination import destination, written
from trivet_plan_smollm2.requests.results import figure_at
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.other_units import unit_of_column
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.tables.settings_units import described_settings, entries
from trivet_plan_smollm2.words.dimensions import UNIT, is_same
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import Services, ToolSpec

Heard = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_ENTRY = (
    rf"(?P<entry>(?:price|rate|cost|fee|rent|charge|tariff)(?:s)?(?: of [a-z]+)? (?:per|for (?:each|every|one|an?)"
    rf"|an?) (?P<unit>{UNIT}))"
)
_TIMES = re.compile(
    rf"^(?:please )?(?:work out|calculate|compute|find(?: out)?|take|tell me"
    rf"|determine)?\s*(?P<what>.+?)[\s,;.]*(?:\b(?:and|then)\s+)*"
    rf"\b(?:multipl(?:y|ied)|times)(?:\s+(?:it|that|this|the (?:result|sum|total|figure)))?(?:\s+(?:by"
    rf"|with))?\s+(?:the\s+)?{_ENTRY}"
    r"(?:\s+(?:in|from|of|given in|told in))?\s*\(?\0\)?[\s.?!]*$",
    re.IGNORECASE,
)
_POINTED = re.compile(
    rf"^(?P<asked>.+?)[?.!]\s*(?:the\s+)?{_ENTRY}\s+(?:is|stands|is given|is told|can be found|you find)\s+in\s+\0[\s.?!]*$",
    re.IGNORECASE,
)
_PAYS = re.compile(
    r"^\s*(?:what|how much)(?: (?:rent|money|fee|in all|euros?))?\s+(?:does|must|will|has"
    r"|should)\s+(?P<who>.+?)\s+(?:have to\s+|to\s+)?"
    r"(?:pay|owe)(?:\s+for\s+(?:the\s+|its\s+|his\s+|her\s+|their\s+)?(?P<of>[a-z ]+?))?(?:\s+(?:in"
    r"|for)\s+(?P<year>\d{4}))?\s*$",
    re.IGNORECASE,
)


async def times_setting(
    goal: Spans, ground: Ground, tools: Sequence[ToolSpec], services: Services, heard: Heard
) -> tuple[Call, ...]:
    """The figure, the price and their product, written where the goal wishes; none unless each is plain."""
    paths = [path for path in goal.paths if path in ground.listing and ground.cards[path].kind == "data"]
    if len(paths) != 1 or re.search(r"(?<!\w)(?:plus|minus|less|discount|except)(?!\w)|%", goal.goal, re.IGNORECASE):
        return ()
    cards = [ToolCard(name=tool.name, summary=tool.summary, parameters=tool.parameters) for tool in tools]
    place = destination(goal, ground.listing)
    text = (place.rest if place else goal.goal).replace(paths[0], "\0")
    match = _TIMES.search(text) or _POINTED.search(text)
    reckoner = next((t for t in cards if {"expression", "values"} <= t.parameters.get("properties", {}).keys()), None)
    if match is None or reckoner is None or "\0" in match[1]:
        return ()
    tables = [card for card in ground.cards.values() if card.columns and card.path not in paths]
    if "what" in match.groupdict():
        figure = heard(read_goal(match["what"], ground.listing), tables)
    else:
        figure = _amount(match["asked"], match["unit"], paths[0], tables, heard, ground.listing)
    ref = figure_at(figure)
    settings = await described_settings([ground.cards[paths[0]]], tools, services)
    price = _price(match["entry"], match["unit"], settings, cards) if ref else None
    if price is None:
        return ()
    call, column = price
    values = {"figure": {"$ref": ref}, "price": {"$ref": f"s{len(figure) + 1}#/rows/0/{column.name}"}}
    calls = (*figure, call, Call(tool=reckoner.name, arguments={"expression": "figure * price", "values": values}))
    return written(calls, place.path, goal.goal, cards) if place else calls


def _amount(
    asked: str, unit: str, path: str, tables: Sequence[FileCard], heard: Heard, listing: Sequence[str]
) -> tuple[Call, ...]:
    """How much the payer has of what is priced: of the one column in that unit of which the payer has rows."""
    match = _PAYS.match(asked)
    if match is None or (match["year"] and match["year"] not in path):
        return ()
    plans = []
    for card in tables:
        alike = [column for column in card.columns if unit_of_column(column, unit)]
        words = set(stem_words(match["of"] or ""))
        if len(alike) != 1 or not words <= {
            *stem_words(re.sub(r"[_./]", " ", f"{alike[0].name} {card.path}")),
            "of",
            "the",
        }:
            continue
        calls = heard(read_goal(f"total {alike[0].name} of {match['who']}", listing), [card])
        arguments = calls[0].arguments if len(calls) == 1 else {}
        if arguments.get("function") == "sum" and arguments.get("where") and not arguments.get("group_by"):
            plans.append(calls)
    return plans[0] if len(plans) == 1 else ()


def _price(
    entry: str, unit: str, settings: Sequence[FileCard], tools: Sequence[ToolCard]
) -> tuple[Call, Column] | None:
    """The call that brings the one entry that is called so."""
    said = set(stem_words(entry))
    found: dict[tuple[str, str], tuple[FileCard, Column, tuple[dict[str, Any], ...], int]] = {}
    for card in settings:
        for name, column, where in entries(card):
            own = re.split(r"[._\-\s]+", name.lower())
            if column.type not in MEASURABLE or "per" not in own or not is_same(own[-1], unit):
                continue
            is_alone = (card.rows or 0) - column.nulls == 1  # the one section that has it need not be named
            test: tuple[dict[str, Any], ...] = ({"column": column.name, "op": "!=", "value": None},)
            place = (card.path, column.name if is_alone else name)
            held = len(said & {*stem_words(" ".join(own))})
            found[place] = (card, column, test if is_alone and where else where, held)
    best = max((each[3] for each in found.values()), default=0)
    meant = [each for each in found.values() if each[3] == best]
    if len(meant) != 1:
        return None
    card, column, where, _ = meant[0]
    calls = rendered(Reading(path=card.path, columns=(column.name,), where=where), tools)
    return (calls[0], column) if len(calls) == 1 and re.fullmatch(r"[\w.]+", column.name) else None
