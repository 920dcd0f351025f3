"""Goals about what stands at an address: it is fetched first, and what came back is then read like a file of that name."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from trivet_plan_smollm2.clerk import Clerk, card_of
from trivet_plan_smollm2.grounding import Ground, column_card
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.tables.baskets import basket, reckoned
from trivet_plan_smollm2.tables.entries import looked_up
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.similarity import STOP, Similarity, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_sdk import PluginError, Services, ToolError, ToolSpec

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9\"“])|(?<=[。！？])|\n+")
_LOADING = frozenset(
    "download load save store fetch get read open show print page website site web document file text says say content contents "
    "copy put as".split()
)
_KEPT = re.compile(
    r",?\s*(?:and\s+)?(?:keep|save|store|put)\s+(?:it|that|this|a copy(?: of it)?)\s+(?:as|in|into|under|to|at)\s+"
    r"(?P<path>[\w./-]+\.\w{1,8})\s*,?(?:\s+(?:and|then)\b)?",
    re.IGNORECASE,
)
"""A copy of the page is wanted, too."""
NEAR, COVERED = 0.42, 0.5
"""Similarity to the goal that a sentence of a fetched text must have, or share of the goal's words that it must hold."""


def address(goal: Spans) -> str:
    """The first that is named, without what ends the sentence around it."""
    return goal.urls[0].rstrip(".,;:)?!")


def fetching(goal: Spans, tools: Sequence[ToolSpec]) -> Call | None:
    """The call that fetches the one address of the goal, if it wants more than to see the page or to have the file."""
    if len(goal.urls) != 1:
        return None
    tool = next((tool for tool in tools if _fetches(tool)), None)
    words = [word for word in re.findall(r"[^\W\d_]+", _without_url(goal, " ").lower()) if word not in STOP]
    asks = [word for word in words if word not in _LOADING | lexicon.GENERIC or word in lexicon.OPERATIVE]
    if tool is None or not asks:
        return None
    return Call(tool=tool.name, arguments={tool.parameters["required"][0]: address(goal)})


class Fetched(msgspec.Struct, frozen=True):
    """What to do with it: calls over the result of step 1, or an answer out of its text."""

    calls: tuple[Call, ...] = ()
    answer: str = ""


async def read_fetched(
    goal: Spans, value: Mapping[str, Any], tools: Sequence[ToolSpec], services: Services, similarity: Similarity
) -> Fetched:
    """Nothing, where what came back does not answer the goal, or where a copy is wanted and no tool can keep one."""
    if (kept := _KEPT.search(goal.goal)) is not None:
        rest = read_goal(f"{goal.goal[: kept.start()]} {goal.goal[kept.end() :]}")
        writer = next((tool for tool in tools if {"text", "path"} == set(tool.parameters.get("required", ()))), None)
        is_whole = value.get("kind") in ("text", "json") and value.get("next") is None and bool(rest.urls)
        found = await read_fetched(rest, value, tools, services, similarity) if writer and is_whole else Fetched()
        if writer is None or not found.calls:
            return Fetched()
        copy = {"path": kept["path"], "text": {"$ref": "s1#/text"}}
        return Fetched(calls=(*found.calls, Call(tool=writer.name, arguments=copy)))
    name = _name(goal)
    about = read_goal(_without_url(goal, name), [name])
    place, rows = records(value)
    if rows:
        card = await _described(name, rows, tools, services)
        if card is not None:
            return Fetched(calls=await _of_rows(about, card, place, rows, tools, similarity))
    text = value.get("text")
    sentence = await _sentence(about, text, similarity) if isinstance(text, str) else ""
    if sentence and re.search(r"\bhow many days\b|多少天|几天", goal.goal, re.IGNORECASE):
        return Fetched(calls=_days(sentence, tools))
    return Fetched(answer=sentence)


def _days(sentence: str, tools: Sequence[ToolSpec]) -> tuple[Call, ...]:
    """Those between the two dates of a sentence; none if it has not two, or tells the days itself."""
    counter = next((tool for tool in tools if tool.parameters.get("required") == ["start", "end"]), None)
    dates = read_goal(sentence).dates
    if counter is None or len(dates) != 2:
        return ()
    return (Call(tool=counter.name, arguments=dict(zip(("start", "end"), dates, strict=True))),)


def records(value: Mapping[str, Any]) -> tuple[str, list[Any] | dict[str, Any]]:
    """Where in the result its rows are, as a pointer, and the rows: a list of records, the only one that a record holds,
    or one record of settings."""
    data = value.get("data")
    if isinstance(data, list) and data and all(isinstance(row, dict) for row in data):
        return "/data", data
    if isinstance(data, dict):
        lists = [key for key, inner in data.items() if isinstance(inner, list) and inner and isinstance(inner[0], dict)]
        if len(lists) == 1:
            return f"/data/{lists[0].replace('~', '~0').replace('/', '~1')}", data[lists[0]]
        return "/data", data
    return "", []


async def _described(
    name: str, rows: list[Any] | dict[str, Any], tools: Sequence[ToolSpec], services: Services
) -> FileCard | None:
    describer = next((tool.name for tool in tools if tool.describes == "column"), None)
    if describer is None:
        return None
    try:
        described = (await services.call(describer, {"path": rows})).value
    except (ToolError, PluginError):
        return None
    if not isinstance(described, Mapping):
        return None
    columns = tuple(column_card(column) for column in described["columns"])
    return FileCard(path=name, kind="table", rows=described.get("row_count"), columns=columns)


async def _of_rows(
    goal: Spans,
    card: FileCard,
    place: str,
    rows: list[Any] | dict[str, Any],
    tools: Sequence[ToolSpec],
    similarity: Similarity,
) -> tuple[Call, ...]:
    cards = [*map(card_of, tools)]
    if isinstance(rows, list) and (found := basket(goal, card)) is not None:
        at = {str(row.get(found.key)): number for number, row in enumerate(rows)}
        if all(name in at for _, name in found.items):
            key = found.price.replace("~", "~0").replace("/", "~1")
            call = reckoned(found, [f"s1#{place}/{at[name]}/{key}" for _, name in found.items], cards)
            return (call,) if call is not None else ()
    calls = Clerk(tools, Ground([card], [card.path])).heard(goal, [card])
    if not calls and not goal.digits and (entry := await looked_up(goal, [card], similarity)):
        calls = rendered(entry, cards)
    return tuple(_over(call, card.path, f"s1#{place}") for call in calls) if _can_refer(calls, card.path) else ()


def _over(call: Call, path: str, ref: str) -> Call:
    """The call with the rows in the place of the file, its references to earlier steps counted on by one."""
    arguments = {name: _later(value) for name, value in call.arguments.items()}
    return Call(tool=call.tool, arguments={n: {"$ref": ref} if v == path else v for n, v in arguments.items()})


def _later(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: re.sub(r"^s(\d+)", lambda m: f"s{int(m[1]) + 1}", inner) if name == "$ref" else _later(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_later(inner) for inner in value]
    if isinstance(value, str):
        return re.sub(r"\{\{s(\d+)", lambda m: "{{s" + str(int(m[1]) + 1), value)
    return value


def _can_refer(calls: Sequence[Call], path: str) -> bool:
    """Whether no call needs a file, such as a query over paths."""
    return not any(path in value for call in calls for value in call.arguments.values() if isinstance(value, list))


async def _sentence(goal: Spans, text: str, similarity: Similarity) -> str:
    """The sentence that is nearest to the goal, with the one before it where it begins with a pronoun; empty if none is
    near enough."""
    sentences = [part.strip() for part in _SENTENCE.split(text) if len(part.strip()) > 2][:200]
    if not sentences:
        return ""
    asked = {word for word in stem_words(goal.goal) if word not in set(stem_words(" ".join(goal.paths)))} - {
        stem(word) for word in _LOADING
    }
    held = [len(asked & set(stem_words(each))) / max(1, len(asked)) for each in sentences]
    near = await similarity.between(goal.goal, sentences)
    scores = [share + sense for share, sense in zip(held, near, strict=True)]
    best = max(range(len(sentences)), key=lambda place: scores[place])
    if held[best] < COVERED and near[best] < NEAR:
        return ""
    is_pointing = best > 0 and re.match(r"(?:it|they|he|she|this|that|these|those)\b", sentences[best], re.IGNORECASE)
    return f"{sentences[best - 1]} {sentences[best]}" if is_pointing else sentences[best]


def _name(goal: Spans) -> str:
    """`offers.json`, of the address; a word that means a file where it has none."""
    last = urlsplit(address(goal)).path.rpartition("/")[2]
    return last if re.search(r"\w\.\w", last) else "page.txt"


def _without_url(goal: Spans, by: str) -> str:
    return goal.goal.replace(address(goal), by)


def visits(tool: ToolSpec) -> bool:
    """Whether the tool takes an address."""
    properties = tool.parameters.get("properties", {})
    return any(
        schema.get("format") == "uri" or re.search(r"ur[il]|address|link", name.lower())
        for name, schema in properties.items()
    )


def _fetches(tool: ToolSpec) -> bool:
    required = tool.parameters.get("required", ())
    properties = tool.parameters.get("properties", {})
    return tool.effect == "pure" and len(required) == 1 and properties[required[0]].get("format") == "uri"
