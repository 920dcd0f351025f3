"""The clerk: reads goals word by word against what is there, without a model, and says what each is as calls of tools."""

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from trivet_plan_smollm2.evidence import unused
from trivet_plan_smollm2.grounding import Ground, content_score, mentioned, name_score, new_paths
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.requests.resemblance import resembling
from trivet_plan_smollm2.requests.sequel import second_question
from trivet_plan_smollm2.shortlist import Shortlist
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.entries import looked_up
from trivet_plan_smollm2.tables.logged import of_messages
from trivet_plan_smollm2.tables.metering import is_meter, metered
from trivet_plan_smollm2.tables.plainer import plainer
from trivet_plan_smollm2.tables.probing import found_in
from trivet_plan_smollm2.tables.quotients import quotient
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.tables.reading_joined import read_joined
from trivet_plan_smollm2.tables.reading_two import read_beside, read_pairs, read_two
from trivet_plan_smollm2.tables.reading_zh import reading_of
from trivet_plan_smollm2.tables.rendering import rendered
from trivet_plan_smollm2.tables.things_zh import asks_which
from trivet_plan_smollm2.tables.with_some import with_some
from trivet_plan_smollm2.ways import Asked, asked_for
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.periods import relative
from trivet_plan_smollm2.words.similarity import Similarity, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk, is_chinese, read_goal
from trivet_sdk import PlannerAbstained, Services, ToolSpec


class Clerk:
    """Of one goal's tools and workspace."""

    def __init__(self, tools: Sequence[ToolSpec], ground: Ground) -> None:
        self.tools, self.ground = tools, ground
        self.rivals: tuple[str, ...] = ()
        """Tables of which each makes sense of the whole goal, so that only the user can tell which is meant."""

    async def plain(
        self, goal: Spans, near: Shortlist, files: Sequence[FileCard], similarity: Similarity
    ) -> tuple[Call, ...]:
        """The plan of a goal whose every word has its place, which needs no model to be understood; empty for all others."""
        ground = self.ground
        clerk = Clerk([*near.tools, *(tool for tool in self.tools if tool not in near.tools)], ground)
        others = [card for card in ground.cards.values() if card.columns and card not in files]
        for cards in (files, [*files, *others]) if others else (files,):
            if heard := clerk.heard(goal, cards):
                return heard
        self.rivals = clerk.rivals
        if (asked := self._asked(goal)) is not None and (heard := clerk.heard(asked, [*files, *others])):
            return heard
        entry = await looked_up(goal, [ground.cards[path] for path in mentioned(goal, ground.listing)], similarity)
        if entry and (calls := rendered(entry, [*map(card_of, clerk.tools)], new_paths(goal, ground.listing))):
            return calls
        call = resembling(goal, near.tools, near.scores, ground.listing)
        return (call,) if call and not has_cjk(goal.goal) else ()

    def _asked(self, goal: Spans) -> Spans | None:
        """What is asked, without the sentences before it that only tell why; None if those could say what is meant."""
        parts = re.split(r"(?<=[.!?:])\s+|(?<=[。！？：])", goal.goal.strip())
        parts = [part for part in parts if re.search(r"\w", part)]
        if len(parts) < 2:
            return None
        before, asked = read_goal(" ".join(parts[:-1]), self.ground.listing), read_goal(parts[-1], self.ground.listing)
        if before.numbers or before.dates or before.periods or before.paths or before.quoted or relative(before.goal):
            return None
        says = any(
            isinstance(value, str) and len(value) > 1 and lexicon.found(re.escape(value), before.goal)
            for card in self.ground.cards.values()
            for column in card.columns
            for value in column.examples
        )
        is_bound = re.search(rf"(?<!\w)(?:only|just|{lexicon.NEGATED})(?!\w)|只|不|没|除", before.goal, re.IGNORECASE)
        return None if says or is_bound or has_cjk(before.goal) != has_cjk(asked.goal) else asked

    def heard(self, goal: Spans, files: Sequence[FileCard]) -> tuple[Call, ...]:
        """A plain request, or a question about one of these files. Raises PlannerAbstained where no row can be meant."""
        cards = [*map(card_of, self.tools)]
        asked = Asked(goal, files, self.ground, self.tools, cards, heard=self.heard, read=self._read)
        if (calls := asked_for(asked)) is not None:
            return calls
        calls = self._read(goal, files)
        return (
            ()
            if self._mixes(goal, calls, files)
            or _lacks_columns(goal, calls)
            or _passes_never(goal, calls)
            or _means_ever(goal, calls)
            else calls
        )

    def _mixes(self, goal: Spans, calls: tuple[Call, ...], files: Sequence[FileCard]) -> bool:
        """Whether two questions were read as one, of which the second points at what the first finds."""
        if not calls or (parts := second_question(goal.goal)) is None:
            return False
        if not parts[0]:
            return True
        first = self._of_tables(read_goal(parts[0], self.ground.listing), files, [*map(card_of, self.tools)])
        same = ("path", "function", "column", "group_by", "sort_by")
        return not first or any(first[-1].arguments.get(n) != calls[-1].arguments.get(n) for n in same)

    def _read(self, goal: Spans, files: Sequence[FileCard]) -> tuple[Call, ...]:
        cards = [*map(card_of, self.tools)]
        calls = self._of_tables(goal, files, cards)
        return calls or with_some(goal, files, partial(self._of_tables, tools=cards), self.ground.listing)

    def heard_somewhere(self, goal: Spans) -> tuple[Call, ...]:
        """The plan of a goal of which exactly one of all tables makes sense, so that none need be ranked first."""
        try:
            found = self.heard(goal, [card for card in self.ground.cards.values() if card.columns])
        except PlannerAbstained:
            found = ()  # a table that nobody meant may end too early
        self.rivals = ()
        return found

    async def probed(self, goal: Spans, files: Sequence[FileCard], services: Services) -> tuple[Call, ...]:
        """The plan of a goal whose last words stand in the table itself, or in the messages of a log."""
        if second_question(goal.goal) is not None:
            return ()  # what is found is the half of it
        tools, listing = [*map(card_of, self.tools)], self.ground.listing
        named = mentioned(goal, listing)
        tables = [card for card in files if card.columns and (not named or card.path in named)]
        plans: list[tuple[Call, ...]] = []
        for card in tables:
            is_meant = card.path in named or name_score(goal, card.path) >= 1
            plain = read_goal(plainer(goal.goal, card), listing)
            if is_meant and (calls := of_messages(plain, card, tools)):
                plans.append(calls)
                continue
            reading = reading_of(goal, card)
            if reading is None or reading.beyond or not (is_meant or reading.where):
                continue
            if (found := await found_in(goal, card, reading, tools, services)) is not None:
                calls = rendered(found, tools, new_paths(goal, listing))
                if calls and not unused(goal, calls, files, listing):
                    plans.append(calls)
        return plans[0] if len(plans) == 1 else ()

    def _of_tables(self, goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
        """The plan of a question about one table. None where two tables would do, or where only what the rows are called
        could tell which table is meant."""
        listing = self.ground.listing
        named = mentioned(goal, listing)
        files = [
            card
            for card in files
            if card.path in named or not is_set_aside(card.path) or name_score(goal, card.path) > 0
        ]
        plans: list[tuple[Call, ...]] = []
        by_price: list[tuple[Call, ...]] = []
        beyond: list[str] = []
        if calls := quotient(goal, [card for card in files if card.path in named or not named], tools):
            return calls
        for card in files:
            if (named and card.path not in named) or (card.rows == 0 and card.path not in named):
                continue
            if is_meter(goal, card):
                if calls := metered(goal, card, tools):
                    plans.append(calls)
                continue
            said = plainer(goal.goal, card)
            reading = reading_of(goal if said == goal.goal else read_goal(said, listing), card)
            if reading is None or not self._is_understood(goal, card, reading, is_named=bool(named)):
                continue
            if reading.beyond:
                beyond.append(reading.beyond)
                continue
            if reading.function in ("max", "min") and not reading.group_by and asks_which(goal):
                continue
            calls = rendered(reading, tools, new_paths(goal, listing))
            if calls and not unused(goal, calls, files, listing):
                (by_price if reading.is_by_price else plans).append(calls)
        plans = _of_size(goal, plans or by_price)
        if (kinds := self._kinds_elsewhere(goal, plans)) and not unused(goal, kinds, files, listing):
            return kinds
        if not plans and beyond:
            raise PlannerAbstained(beyond[0])
        self.rivals = tuple(str(plan[0].arguments["path"]) for plan in plans) if len(plans) > 1 else ()
        if plans or new_paths(goal, listing):
            return plans[0] if len(plans) == 1 else ()
        tables = [card for card in files if card.columns and (card.path in named or not named)]
        if (
            len(named) == len(tables) == 1
        ):  # `films.json says where a film comes from`, and what is asked stands elsewhere
            beside = [card for card in files if card.columns and card not in tables]
            both = read_beside(goal, tables[0], beside, tools)
        else:
            both = read_two(goal, tools=tools, cards=tables) if named else read_pairs(goal, tables, tools)
        if both and not unused(goal, both, files, listing):
            return both
        every = [card for card in self.ground.cards.values() if card.columns and not is_set_aside(card.path)]
        if not {card.path for card in every} <= {card.path for card in files}:
            return ()  # one of the others may tell all by itself
        both = read_joined(goal, every, tools, named)
        return both if both and not unused(goal, both, every, listing) else ()

    def _kinds_elsewhere(self, goal: Spans, plans: Sequence[tuple[Call, ...]]) -> tuple[Call, ...]:
        """`by kind of object`, where another table has the kind of each object."""
        said = re.search(rf"\b(?:{lexicon.GROUPED})\s+({'|'.join(sorted(lexicon.KINDS))})\b", goal.goal, re.IGNORECASE)
        if said is None or len(plans) != 1:
            return ()
        word = stem(said[1].lower())
        has_it = {
            path
            for path, card in self.ground.cards.items()
            if any(word in stem_words(spaced(c.name)) for c in card.columns)
        }
        if not has_it or str(plans[0][0].arguments.get("path")) in has_it:
            return ()
        return read_joined(
            goal, [card for card in self.ground.cards.values() if card.columns], [*map(card_of, self.tools)]
        )

    def _is_understood(self, goal: Spans, card: FileCard, reading: Reading, *, is_named: bool) -> bool:
        """Every word has its place; and it is this table that is spoken of."""
        others = [other for other in self.ground.cards.values() if other.columns and other.path != card.path]
        if (
            reading.unexplained
            and not is_named
            and any(name_score(read_goal(reading.noun), o.path) >= 1 for o in others)
        ):
            return False  # the rows are those of another table
        if is_named or name_score(goal, card.path) >= 1:
            return reading.is_about_rows
        is_foreign = (
            not is_chinese(goal.goal) and has_cjk(card.path) and any(has_cjk(str(t["value"])) for t in reading.where)
        )
        is_whole = reading.is_about_rows if is_foreign else reading.is_whole  # English has no word for these rows here
        is_only_table = sum(bool(each.columns) for each in self.ground.cards.values()) == 1
        least = 0.5 if is_only_table or reading.where or reading.group_by or reading.pair or reading.column else 1
        texts = {column.name for column in card.columns if column.type == "text"}
        says_value = is_chinese(goal.goal) and any(test["column"] in texts for test in reading.where)
        held = (
            content_score(goal, card)
            + (0.5 if reading.column or reading.sort_by else 0.0)
            + (0.5 if says_value else 0.0)
        )
        return is_whole and max(held, 0.5 * any(map(_is_word, reading.where))) >= least


def _is_word(test: Mapping[str, Any]) -> bool:
    """Whether the condition is a word of the goal: `warnings`, of the level WARNING, and no year."""
    return isinstance(test["value"], str) and not re.match(r"\d", test["value"])


def _of_size(goal: Spans, plans: list[tuple[Call, ...]]) -> list[tuple[Call, ...]]:
    """`the largest plot`: of the table that tells how large each is, and not of one that only has several rows for each."""
    if not re.search(r"\b(?:larg|bigg|small|long|short|tall|heavi)est\b", goal.goal, re.IGNORECASE):
        return plans
    told = [plan for plan in plans if plan[0].arguments.get("function") != "count"]
    return told or plans


def is_set_aside(path: str) -> bool:
    """Whether it lies in a folder for what is over, which only counts when it is spoken of."""
    folder = path.rpartition("/")[0].lower()
    return (
        re.search(
            r"(?:^|[/_ -])(?:old|archived?|backups?|previous|obsolete|trash|tmp)(?:$|[/_ -])|旧|归档|备份|历史", folder
        )
        is not None
    )


def _passes_never(goal: Spans, calls: tuple[Call, ...]) -> bool:
    """Whether rows are wanted of which something never happened, and all are taken."""
    says = re.search(r"\bnever\b|从未|从来没", goal.goal, re.IGNORECASE)
    return (
        says is not None
        and bool(calls)
        and not any({"where", "other", "query"} & call.arguments.keys() for call in calls)
    )


def _means_ever(goal: Spans, calls: tuple[Call, ...]) -> bool:
    """Whether the extreme of all times is asked for, and means are compared: `the hottest it has ever been`."""
    says = re.search(r"est\b[^.?!]*\bever\b|\bever\b[^.?!]*est\b", goal.goal, re.IGNORECASE)
    return says is not None and any(call.arguments.get("function") == "mean" for call in calls)


def _lacks_columns(goal: Spans, calls: tuple[Call, ...]) -> bool:
    """Whether all columns are asked for, and not all are taken."""
    wants_all = re.search(r"\b(?:all|every) (?:of )?(?:the |its )?columns?\b|所有列|全部列", goal.goal, re.IGNORECASE)
    return wants_all is not None and any(call.arguments.get("columns") for call in calls)


def card_of(tool: ToolSpec) -> ToolCard:
    return ToolCard(name=tool.name, summary=tool.summary, parameters=tool.parameters)
