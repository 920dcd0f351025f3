"""A goal about tables as one query, where a model that can write it is there (decision 076)."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

import msgspec

from trivet_plan_smollm2.asked import unmet, untold
from trivet_plan_smollm2.evidence import columns_listed
from trivet_plan_smollm2.grounding import Ground, content_score, mentioned, name_score, new_paths
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.queries.evidence import faults, unsaid_values, wants_total
from trivet_plan_smollm2.queries.prompt import opening
from trivet_plan_smollm2.queries.schema import quoted, schema
from trivet_plan_smollm2.queries.verdict import is_denied
from trivet_plan_smollm2.queries.wrapping import both, summed, with_difference, with_month_names, without_difference
from trivet_plan_smollm2.queries.writer import Query, QueryWriter
from trivet_plan_smollm2.sampling import Asking
from trivet_plan_smollm2.tables.rendering import WRITTEN
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.spans import Spans
from trivet_plan_smollm2.words.units import unit_of
from trivet_sdk import ToolSpec

TABLES = 3
"""That the model is shown at most."""


async def by_query(goal: Spans, files: Sequence[FileCard], ground: Ground, asking: Asking) -> tuple[Call, ...]:
    """The query that answers the goal, and the call that saves its rows if the goal says so. Empty where there is no such
    query, where another try finds other rows, or where it says what the goal does not say."""
    question = question_of(goal, files, ground, asking)
    return () if question is None else await question.answered()


def question_of(goal: Spans, files: Sequence[FileCard], ground: Ground, asking: Asking) -> "Question | None":
    """None where no table is spoken of, or a file is to be written that no rows can be."""
    tool = next((tool.name for tool in asking.tools if _takes_query(tool)), None)
    saver = next((tool.name for tool in asking.tools if {"rows", "path"} <= _properties(tool).keys()), None)
    outputs = new_paths(goal, ground.listing)
    cards = tables_for(goal, files, ground)
    if tool is None or not cards or len(outputs) > 1:
        return None
    if outputs and (saver is None or PurePosixPath(outputs[0]).suffix.lower() not in WRITTEN):
        return None
    saving = (saver, outputs[0]) if saver is not None and outputs else None
    return Question(_Judge(goal, cards, ground, saving), tool, asking)


class Question:
    """One goal over some tables."""

    def __init__(self, judge: "_Judge", tool: str, asking: Asking) -> None:
        self._judge, self._tool, self._asking = judge, tool, asking
        self._said, self._places = schema(judge.cards, judge.goal), decimals(judge.goal.goal)
        self._whole = self._writing(judge.goal.goal)

    async def answered(self) -> tuple[Call, ...]:
        alone = without_difference(self._judge.goal.goal)
        found = await self._compared(self._writing(alone)) if alone else None
        found = found or await self._found()
        if found is None or await self._is_denied(found):
            return ()
        return self._judge.calls(await _with_month_names(found, self._whole))

    async def _found(self) -> Query | None:
        """A query with which nothing is wrong, as it was written or mended once."""
        writing, judge = self._whole, self._judge
        found = await writing.write()
        for is_last in (False, True):
            if found is None or not found.agreeing:
                return None
            for value in unsaid_values(judge.goal, found.sql, judge.cards):
                found = await writing.without(found, value) or found
            wrong = await self._wrong(found)
            if not wrong:
                return found
            total = await writing.run(summed(found.sql, found.columns[-1])) if judge.lacks_total(found) else None
            if total is not None and not await self._wrong(total):
                return total
            found = None if is_last else await writing.mended(found, wrong[0])
        return None

    async def _compared(self, writing: QueryWriter) -> Query | None:
        """The query with the difference of its two figures; none if it does not come to two."""
        found = await writing.write()
        two = await writing.run(both(found.sql)) if found is not None and found.agreeing else None
        sql = with_difference(two, self._judge.goal.goal) if two is not None else ""
        compared = await writing.run(sql) if sql else None
        return None if compared is None or await self._wrong(compared) else compared

    async def _wrong(self, found: Query) -> list[str]:
        """What the query leaves out or makes up, and what it does not tell of what is asked."""
        judge = self._judge
        if wrong := judge.faults(found):
            return wrong
        paths = [card.path for card in judge.cards if card.path in found.call.arguments["paths"]]
        return untold(judge.goal, found.rows) or await unmet(judge.goal, found.sql, paths, self._asking.similarity)

    async def _is_denied(self, found: Query) -> bool:
        asking, goal = self._asking, self._judge.goal
        used = [card for card in self._judge.cards if card.path in found.call.arguments["paths"]]
        return await is_denied(goal.goal, found, schema(used, goal), asking.model, asking.run)

    async def likeliest(self) -> Query | None:
        """The first thing that comes to the model's mind, which nothing has confirmed."""
        return await self._whole.likeliest()

    async def outcome(self, calls: Sequence[Call]) -> Query | None:
        """What the query of this answer finds."""
        return await self._whole.run(str(calls[0].arguments["query"])) if calls else None

    def _writing(self, question: str) -> QueryWriter:
        asking = self._asking
        messages = opening(self._said, question)
        return QueryWriter(
            asking.model, self._tool, messages, self._judge.cards, asking.services, asking.run, self._places
        )


async def _with_month_names(found: Query, writing: QueryWriter) -> Query:
    """The same, with `September` for 9, if as many rows are found."""
    sql = with_month_names(found.sql)
    named = await writing.run(sql) if sql != found.sql else None
    return named if named is not None and len(named.rows) == len(found.rows) else found


class _Judge(msgspec.Struct, frozen=True):
    """What becomes of a query, and what it leaves out."""

    goal: Spans
    cards: Sequence[FileCard]
    ground: Ground
    saving: tuple[str, str] | None
    """The tool that writes rows, and where."""

    def calls(self, found: Query) -> tuple[Call, ...]:
        if self.saving is None:
            return (found.call,)
        tool, path = self.saving
        return *_named(found, self.goal), Call(tool=tool, arguments={"rows": {"$ref": "s1#/rows"}, "path": path})

    def faults(self, found: Query) -> list[str]:
        calls, shape = self.calls(found), (len(found.rows), len(found.columns))
        return faults(self.goal, found.sql, self.cards, self.ground.listing, calls, shape, _is_list(found))

    def lacks_total(self, found: Query) -> bool:
        """Whether it has the parts of a total: rows whose last column is a figure that it reckons."""
        columns = {column.name for card in self.cards for column in card.columns}
        return (
            wants_total(self.goal.goal)
            and found.columns[-1] not in columns
            and all(isinstance(row[found.columns[-1]], (int, float)) for row in found.rows)
        )


def _is_list(found: Query) -> bool:
    """Whether it finds many rows with one figure each, and nothing that they belong to."""
    return len(found.rows) > 1 and len(found.columns) == 1 and isinstance(found.rows[0][found.columns[0]], (int, float))


def tables_for(goal: Spans, files: Sequence[FileCard], ground: Ground) -> list[FileCard]:
    """Those that the goal names or speaks of, and one that can be joined with a single one; else the likeliest that have a
    word of the goal."""
    tables = [card for card in ground.cards.values() if card.columns]
    named = mentioned(goal, ground.listing)
    chosen = [card for card in tables if card.path in named]
    if named and not chosen:
        return []
    spoken = [card for card in tables if card not in chosen and name_score(goal, card.path) >= 1]
    chosen += sorted(spoken, key=lambda card: -name_score(goal, card.path))
    if not named:
        chosen += [card for card in tables if card not in chosen and _has_unit(goal, card)]
        return [*chosen, *(c for c in files if c.columns and c not in chosen and content_score(goal, c) > 0)][:TABLES]
    if len(chosen) == 1:
        names = {column.name for column in chosen[0].columns}
        beside = [c for c in tables if c not in chosen and names & {column.name for column in c.columns}]
        beside = [card for card in beside if content_score(goal, card) > 0]
        chosen += sorted(beside, key=lambda card: -content_score(goal, card))
    return chosen[: max(2, sum(card.path in named for card in chosen))]


def _has_unit(goal: Spans, card: FileCard) -> bool:
    """Whether a column is in a unit of which the goal speaks: `km`, of kilometres; years and days stand everywhere."""
    said = {unit_of(word) for word in re.findall(r"[a-z]{2,}", goal.goal.lower())} - {
        "",
        "day",
        "week",
        "month",
        "year",
    }
    return any(unit_of(part) in said for column in card.columns for part in re.split(r"[\W_]+", column.name.lower()))


def _named(found: Query, goal: Spans) -> tuple[Call, ...]:
    """The query with its columns called as the file shall have them."""
    said = columns_listed(goal.goal)
    if len(said) != len(found.columns) or set(said) & set(found.columns):
        return (found.call,)
    renamed = ", ".join(f"{quoted(old)} AS {quoted(new)}" for old, new in zip(found.columns, said, strict=True))
    query = f"SELECT {renamed} FROM ({found.sql})"
    return (Call(tool=found.call.tool, arguments={**found.call.arguments, "query": query}),)


def _takes_query(tool: ToolSpec) -> bool:
    formats = {each.get("format") for each in _properties(tool).values()}
    return tool.effect == "pure" and "sql" in formats and "paths" in _properties(tool)


def _properties(tool: ToolSpec) -> dict[str, dict[str, object]]:
    properties: dict[str, dict[str, object]] = tool.parameters.get("properties", {})
    return properties
