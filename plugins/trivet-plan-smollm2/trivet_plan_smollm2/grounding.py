"""Looking at the workspace before planning: which files there are, and which columns the likely ones have.

The tools that look are found by what they declare (`describes`), not by name, so another plugin's file or table tools
serve as well.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, Column, FileCard
from trivet_plan_smollm2.words.similarity import Similarity, stem_words
from trivet_plan_smollm2.words.spans import Spans, outputs, read_goal
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

NEAR = 0.3
"""Similarity at which a table may be meant although the goal shares no word with it."""
_USUAL = frozenset("记录数据文件表格单名总计年月日号")
"""Characters that any file may have in its name."""
LOOKED_AT = 30
"""Tables that are described at most, the likeliest by name first."""


class Ground:
    """The workspace's files as cards; `likely` ranks them for a goal."""

    def __init__(self, cards: Sequence[FileCard], listing: Sequence[str]) -> None:
        self.cards = {card.path: card for card in cards}
        self.listing = tuple(listing)


async def look(
    goal: Spans, tools: Sequence[ToolSpec], services: Services, listing: Sequence[Mapping[str, Any]]
) -> Ground:
    """Describe the tables among the listed files. A file that cannot be read as a table is a card without columns."""
    describer = next((tool.name for tool in tools if tool.describes == "column"), None)
    ranked = sorted(listing, key=lambda entry: -name_score(goal, entry["path"]))
    cards, looked = [], 0
    for entry in ranked:
        path, kind = entry["path"], entry.get("kind", "text")
        columns: tuple[Column, ...] = ()
        rows = None
        if describer and kind in ("table", "log") and looked < LOOKED_AT:
            looked += 1
            try:
                described = (await services.call(describer, {"path": path})).value
                columns = tuple(column_card(column) for column in described["columns"])
                rows = described.get("row_count")
                if rows:  # a column without any value says nothing
                    columns = tuple(column for column in columns if column.distinct != 0)
            except (ToolError, PluginError):
                pass  # an unreadable table stays a plain file; the tool says why when a step uses it
        cards.append(FileCard(path=path, kind=kind, rows=rows, columns=columns))
    return Ground(cards, [entry["path"] for entry in listing])


async def list_workspace(tools: Sequence[ToolSpec], services: Services) -> list[dict[str, Any]]:
    """`[{"path", "kind"}, …]`; empty if no installed tool lists files."""
    lister = next((tool.name for tool in tools if tool.describes == "workspace-path"), None)
    if lister is None:
        return []
    value = (await services.call(lister, {})).value
    return list(value["files"])


def column_card(described: Mapping[str, Any]) -> Column:
    return Column(
        name=described["name"],
        type=described.get("type", "text"),
        examples=tuple(described.get("examples", ())),
        distinct=described.get("distinct"),
        min=described.get("earliest", described.get("min")),
        max=described.get("latest", described.get("max")),
        nulls=described.get("nulls", 0),
    )


def mentioned(goal: Spans, listing: Iterable[str]) -> tuple[str, ...]:
    """Listed files that the goal speaks about, in whole or by their last part; not those that it wants written."""
    listing = tuple(listing)
    named = (set(goal.paths) | set(goal.quoted)) - set(outputs(goal, listing))
    lowered = {name.lower() for name in named}
    return tuple(
        path
        for path in listing
        if path.lower() in lowered
        or PurePosixPath(path).name.lower() in lowered
        or any(path.lower().endswith("/" + name) for name in lowered)
    )


def new_paths(goal: Spans, listing: Iterable[str]) -> tuple[str, ...]:
    """Paths in the goal that are no listed file: where something shall be written."""
    known = set(listing)
    written = outputs(goal, known)
    names = {PurePosixPath(path).name.lower() for path in known}
    return tuple(
        path
        for path in goal.paths
        if path in written or (path not in known and ("/" in path or path.lower() not in names))
    )


def name_score(goal: Spans, path: str) -> float:
    """How much the goal's words speak of this file's name, 0 to 3; a plain mention is 3."""
    if mentioned(goal, [path]) or path.startswith("attachments/"):
        return 3.0  # who attaches a file means it
    parts = stem_words(re.sub(r"[_\-./]+", " ", path))
    words = stem_words(goal.goal)
    stem = stem_words(PurePosixPath(path).stem)
    if not any(part in words and not part.isdigit() for part in parts):
        return 0.0  # `in June 2024` speaks of no file, though one is called `visits 2024`
    return sum(1.0 for part in set(stem) if part in words) + 0.5 * sum(
        1.0 for part in set(parts) - set(stem) if part in words
    )


def card_text(card: FileCard) -> str:
    """A sentence about the file for the embedder."""
    name = re.sub(r"[_\-./]+", " ", card.path)
    return (
        f"{name}: {', '.join(re.sub('[_-]+', ' ', column.name) for column in card.columns)}" if card.columns else name
    )


class Search(msgspec.Struct, frozen=True):
    """What a search of the workspace for the goal's own words brought."""

    call: Call | None = None
    paths: tuple[str, ...] = ()
    """Files with a match, the best first."""
    coverage: float = 0.0
    """Share of the goal's speaking words that the best passage holds."""
    best: Mapping[str, Any] = {}
    """That passage."""


async def search(goal: Spans, tools: Sequence[ToolSpec], services: Services) -> Search:
    """Search with the first tool that can; empty if there is none."""
    searcher = next((tool for tool in tools if is_search(tool)), None)
    if searcher is None:
        return Search()
    properties = searcher.parameters["properties"]
    words = next(name for name in searcher.parameters["required"] if properties[name].get("format") == "span")
    call = Call(tool=searcher.name, arguments={words: goal.goal})
    matches = await matches_of(call, services)
    paths = tuple(dict.fromkeys(str(match["path"]) for match in matches if "path" in match))
    coverage = max((float(match.get("coverage", 0.0)) for match in matches), default=0.0)
    return Search(call, paths, coverage, matches[0] if matches else {})


async def matches_of(call: Call, services: Services) -> list[Mapping[str, Any]]:
    """The passages that a search finds, the best first; none where it fails."""
    try:
        value = (await services.call(call.tool, call.arguments)).value
    except (ToolError, PluginError):
        return []
    found = value.get("matches") if isinstance(value, Mapping) else None
    return [match for match in found if isinstance(match, Mapping)] if isinstance(found, list) else []


def is_search(tool: ToolSpec) -> bool:
    """Whether the tool looks for words of the goal in the workspace: it takes them, and says where it may look."""
    properties = tool.parameters.get("properties", {})
    required = tool.parameters.get("required", ())
    places = [
        option.get("format")
        for name, schema in properties.items()
        if name not in required
        for option in (schema, *schema.get("anyOf", ()))
    ]
    takes_words = any(properties.get(name, {}).get("format") == "span" for name in required)
    return tool.effect == "pure" and takes_words and bool({"workspace-path", "workspace-folder"} & {*places})


async def likely(
    goal: Spans, ground: Ground, similarity: Similarity, found: Sequence[str] = (), most: int = 3
) -> tuple[FileCard, ...]:
    """The cards to show the model: every named file, then those whose name, columns, values and sense fit best.

    Where no file is named, the best table and the best text are both among them; texts in which a search `found` the
    goal's words are the best texts.
    """
    named = [path for path in ground.listing if name_score(goal, path) >= 3.0]
    chosen = [ground.cards[path] for path in named if path in ground.cards]
    if len(chosen) >= most:
        return tuple(chosen[: most + 1])
    rest = [card for card in ground.cards.values() if card.path not in named and (card.columns or card.kind == "text")]
    senses = await similarity.between(goal.goal, [card_text(card) for card in rest])
    sense_of = {card.path: sense for card, sense in zip(rest, senses, strict=True)}
    scores = {
        card.path: sense * 2 + name_score(goal, card.path) + content_score(goal, card) + found_score(card, found)
        for card, sense in zip(rest, senses, strict=True)
    }
    rest.sort(key=lambda card: -scores[card.path])
    if not rest:
        return tuple(chosen)
    best = scores[rest[0].path]
    if chosen:
        return tuple(
            chosen + [card for card in rest if scores[card.path] >= max(best - 1.0, 1.4)][: most - len(chosen)]
        )
    rest = [card for card in rest if not card.columns or is_spoken_of(goal, card, sense_of[card.path])]
    near = [card for card in rest if scores[card.path] >= best - 1.0][:most]
    missing = [
        next((c for c in rest if bool(c.columns) == is_table and c not in near), None) for is_table in (True, False)
    ]
    kinds = {bool(card.columns) for card in near}
    return tuple(near + [c for c, is_table in zip(missing, (True, False), strict=True) if c and is_table not in kinds])


def found_score(card: FileCard, found: Sequence[str]) -> float:
    return 1.5 - 0.4 * found.index(card.path) if card.path in found[:3] and not card.columns else 0.0


def is_spoken_of(goal: Spans, card: FileCard, sense: float) -> bool:
    """Whether a goal that names no file can be about this table: shared words, or nearness in sense."""
    return name_score(goal, card.path) + content_score(goal, card) > 0 or sense >= NEAR


def content_score(goal: Spans, card: FileCard) -> float:
    """What share of the goal's speaking words are names of columns or values of this file; at most 2."""
    words = set(stem_words(goal.goal))
    known: set[str] = set()
    if len({char for char in PurePosixPath(card.path).stem if char > "\u3400" and char in goal.goal} - _USUAL) > 1:
        words, known = words | {card.path}, {card.path}  # `加了几次油`, of 加油记录
    for column in card.columns:
        known.update(stem_words(re.sub(r"[_\-./]+", " ", column.name)))
        known.update(word for value in column.examples if isinstance(value, str) for word in stem_words(value))
    return min(2.0, 0.5 * len(words & known))


def is_elsewhere(goal: Spans, ground: Ground) -> bool:
    """Whether a passage of some text is no answer: the goal shares words with a table, names a file, or has no words."""
    has_words = any(any(char.isalpha() for char in word) for word in stem_words(goal.goal))
    return not has_words or is_about_table(goal, ground) or bool(mentioned(goal, ground.listing))


def is_of_all(goal: Spans, ground: Ground) -> bool:
    """Whether it is asked of all rows of some table together, which no passage tells: `for all our boats`."""
    said = re.findall(r"\b(?:for|of|by) all (?:(?:of )?(?:our|my|the|these) )?([a-z]+)\b", goal.goal, re.IGNORECASE)
    return any(
        name_score(read_goal(noun), card.path) >= 1 for noun in said for card in ground.cards.values() if card.columns
    )


def is_about_table(goal: Spans, ground: Ground) -> bool:
    return any(content_score(goal, card) > 0 for card in ground.cards.values() if card.columns)
