"""Asks a model for a query, and once more for each sample whose rows speak for it or against it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.queries.prompt import NOTHING, STOP, corrected, query_in
from trivet_plan_smollm2.queries.schema import table_name
from trivet_plan_smollm2.sampling import WARMTH, sampled
from trivet_sdk import Message, Model, PluginError, Services, ToolError

LONGEST = 220
"""Tokens of a query at most."""
SAMPLES = 2
"""Further queries, of which one must find the same rows."""
WARMER = 0.8
"""Temperature where the likeliest query fails again as it failed before."""


class Query(msgspec.Struct, frozen=True):
    sql: str
    call: Call
    rows: tuple[Mapping[str, Any], ...]
    columns: tuple[str, ...]
    agreeing: int = 0
    """Samples that found the same."""


class QueryWriter:
    """Of one question over some tables. `tool` runs a query of `query` over `paths`; `messages` ask for it."""

    def __init__(
        self,
        model: Model,
        tool: str,
        messages: tuple[Message, ...],
        cards: Sequence[FileCard],
        services: Services,
        run: str,
        places: int | None = None,
    ) -> None:
        """`places`: decimals in which figures must agree."""
        self._places = 2 if places is None else places
        self._model, self._tool, self._services, self._run = model, tool, services, run
        self._cards, self._messages = cards, messages
        self._known: tuple[Query | None] | None = None

    async def write(self) -> Query | None:
        """The likeliest query that runs and finds something, counted how many samples agree; None if there is none."""
        return await self._confirmed(await self.likeliest(), self._messages)

    async def likeliest(self) -> Query | None:
        """The likeliest query that runs; asked for once."""
        if self._known is None:
            self._known = (await self._first(),)
        return self._known[0]

    async def mended(self, query: Query, fault: str) -> Query | None:
        """The query written again because of what it leaves out or makes up, counted likewise."""
        messages = corrected(self._messages, query.sql, f"The question is not met: think of {fault}.")
        found = await self._run_query(await self._asked(messages))
        return await self._confirmed(found if isinstance(found, Query) else None, messages)

    async def _confirmed(self, found: Query | None, messages: tuple[Message, ...]) -> Query | None:
        """The first of the likeliest query and its samples that another one agrees with; else the likeliest, with none."""
        known = [found] if found is not None and _tells(found) else []
        if found is None or not known:
            return None
        for seed in range(1, SAMPLES + 1):
            sample = await self._run_query(await self._asked(messages, seed))
            if not isinstance(sample, Query) or not _tells(sample):
                continue
            if same := next((other for other in known if are_alike(other.rows, sample.rows, self._places)), None):
                return msgspec.structs.replace(same, agreeing=1)
            known.append(sample)
        return found

    async def run(self, sql: str) -> Query | None:
        """None if it finds nothing or fails."""
        found = await self._run_query(sql)
        return found if isinstance(found, Query) and found.rows else None

    async def without(self, query: Query, value: str) -> Query | None:
        """The same query without its condition on this value, if that finds the same: nobody needed to say it."""
        said = rf"'{re.escape(value)}'"
        condition = rf"""[\w."]+\s*(?:(?:[<>]=?|=)\s*{said}|BETWEEN\s+{said}\s+AND\s+'[^']*')"""
        alone = rf"\s+WHERE\s+{condition}(?=\s+(?:GROUP|ORDER|LIMIT|HAVING)\b|\s*\)|\s*$)"
        places = rf"\s+AND\s+{condition}|{condition}\s+AND\s+|{alone}"
        shorter = re.sub(rf"(?:{places})\s*", " ", query.sql, count=1, flags=re.IGNORECASE).strip()
        found = await self._run_query(shorter) if shorter != query.sql else ""
        if not isinstance(found, Query) or not are_alike(found.rows, query.rows, self._places):
            return None
        return msgspec.structs.replace(found, agreeing=query.agreeing)

    async def _first(self) -> Query | None:
        sql = await self._asked(self._messages)
        found = await self._run_query(sql)
        if isinstance(found, str) and sql:
            again = await self._asked(corrected(self._messages, sql, found), seed=0)
            if again == sql:  # it sees no other way; a warmer try may
                again = await self._asked(self._messages, seed=0, warmth=WARMER)
            found = await self._run_query(again)
        return found if isinstance(found, Query) and NOTHING not in found.sql else None

    async def _asked(self, messages: tuple[Message, ...], seed: int | None = None, warmth: float = WARMTH) -> str:
        completion = await sampled(
            self._model, messages, self._run, longest=LONGEST, stop=STOP, seed=seed, warmth=warmth
        )
        return "" if completion.finish == "length" else query_in(completion.text)

    async def _run_query(self, sql: str) -> Query | str:
        """What it finds, or why it finds nothing."""
        if not sql:
            return "There is no query."
        used = [card.path for card in self._cards if table_name(card.path).lower() in sql.lower()]
        call = Call(tool=self._tool, arguments={"query": sql, "paths": used or [self._cards[0].path]})
        try:
            value = (await self._services.call(call.tool, call.arguments)).value
        except (ToolError, PluginError) as error:
            return str(error)
        if not isinstance(value, Mapping) or not isinstance(value.get("rows"), list):
            return "It brought no rows."
        return Query(sql, call, tuple(value["rows"]), tuple(value.get("columns", ())))


def _tells(query: Query) -> bool:
    """Whether it finds anything: that nothing but noughts is found is what two wrong conditions agree on most easily."""
    return any(value is not None and value != 0 for row in query.rows for value in row.values())


def are_alike(rows: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]], places: int = 2) -> bool:
    """Whether one of the two holds all cells of the other, row by row, whatever the columns are called."""
    if len(rows) != len(others):
        return False
    left, right = (sorted(_cells(row, places) for row in each) for each in (rows, others))
    return all(set(a) <= set(b) or set(b) <= set(a) for a, b in zip(left, right, strict=True))


def _cells(row: Mapping[str, Any], places: int) -> tuple[str, ...]:
    return tuple(sorted(f"{round(v, places):.10g}" if isinstance(v, float) else str(v) for v in row.values()))
