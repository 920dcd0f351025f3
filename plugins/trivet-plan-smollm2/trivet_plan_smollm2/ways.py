"""The ways of asking that are read off a goal, the narrow before the wide (decision 074)."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import msgspec

from trivet_plan_smollm2.grounding import Ground
from trivet_plan_smollm2.prompt import Call, FileCard, ToolCard
from trivet_plan_smollm2.requests.clock_times import between_times
from trivet_plan_smollm2.requests.destination import destination, written
from trivet_plan_smollm2.requests.differing import differing
from trivet_plan_smollm2.requests.exchange import exchange, exchanged
from trivet_plan_smollm2.requests.measured import measured
from trivet_plan_smollm2.requests.quantities import of_quantities
from trivet_plan_smollm2.requests.reencoding import reencoded
from trivet_plan_smollm2.requests.reformatting import reformatted
from trivet_plan_smollm2.requests.requests import converted, requested
from trivet_plan_smollm2.requests.rows_in_file import rows_in_file
from trivet_plan_smollm2.requests.sequel import sequel
from trivet_plan_smollm2.tables.average_rates import average_rate
from trivet_plan_smollm2.tables.baskets import basket, priced
from trivet_plan_smollm2.tables.clocks import clocked
from trivet_plan_smollm2.tables.column_sums import has_signed_columns, of_signed_columns
from trivet_plan_smollm2.tables.column_values import spaced
from trivet_plan_smollm2.tables.elapsed import elapsed
from trivet_plan_smollm2.tables.gaps import gap
from trivet_plan_smollm2.tables.last_one import asks_when_too, count_and_when
from trivet_plan_smollm2.tables.line_template import lines_of_form
from trivet_plan_smollm2.tables.messages import counted_messages
from trivet_plan_smollm2.tables.other_units import in_other_unit
from trivet_plan_smollm2.tables.per_piece import per_piece
from trivet_plan_smollm2.tables.ratios import divided
from trivet_plan_smollm2.tables.row_days import asks_end_day, row_day
from trivet_plan_smollm2.tables.spreads import is_spread, spread
from trivet_plan_smollm2.tables.things_zh import basket_zh, extreme_thing
from trivet_plan_smollm2.tables.two_readings import used_between
from trivet_plan_smollm2.tables.unanswered import speaks_of_pairs, unanswered
from trivet_plan_smollm2.words.spans import Spans, read_goal
from trivet_plan_smollm2.words.unit_words import Wanted, then_converted, unit_of_column_name, unit_wanted
from trivet_plan_smollm2.words.units import KINDS
from trivet_sdk import ToolSpec

Calls: TypeAlias = tuple[Call, ...]
Reader: TypeAlias = Callable[[Spans, Sequence[FileCard]], Calls]


class Asked(msgspec.Struct, frozen=True):
    """A goal, and what there is to read it against."""

    goal: Spans
    files: Sequence[FileCard]
    ground: Ground
    tools: Sequence[ToolSpec]
    cards: Sequence[ToolCard]
    """Of the tools."""
    heard: Reader
    """A part of the goal, as if it were a goal of its own."""
    read: Reader
    """The same, as a question about tables and nothing else."""

    @property
    def listing(self) -> Sequence[str]:
        return self.ground.listing

    def part(self, text: str) -> Spans:
        return read_goal(text, self.ground.listing)


def asked_for(asked: Asked) -> Calls | None:
    """The calls of the first way that the goal is asked in; empty if it is one of which only half could be answered; None if
    it is none of them."""
    for way in _WAYS:
        if (calls := way(asked)) is not None:
            return calls
    return None


def _of_whole_files(asked: Asked) -> Calls | None:
    goal, listing, tools = asked.goal, asked.listing, asked.tools
    calls = reencoded(goal, listing, tools) or reformatted(goal, listing, tools)
    return calls or measured(goal, asked.ground.cards, listing, tools) or None


def _in_a_file(asked: Asked) -> Calls | None:
    """Rows written in a form that the goal shows, in the columns and the order that it says, or simply into a file."""
    written_so = (asked.goal, asked.files, asked.heard, asked.listing, asked.cards)
    if calls := lines_of_form(*written_so) or rows_in_file(*written_so):
        return calls
    if (place := destination(asked.goal, asked.listing)) is None:
        return None
    rest = asked.heard(asked.part(place.rest), asked.files)
    return written(rest, place.path, asked.goal.goal, asked.cards) or None


def _two_things(asked: Asked) -> Calls | None:
    """Two lists held against each other, two totals divided, what lies between rows."""
    goal, files, cards = asked.goal, asked.files, asked.cards
    calls = differing(goal, asked.ground.cards, asked.listing, cards) or divided(goal, files, cards)
    return calls or elapsed(goal, files, cards) or gap(goal, files, cards) or None


def _in_whole_or_not(asked: Asked) -> Calls | None:
    """What a wider way would answer by half: a thing and its price, entries without another one, how many and when the last."""
    goal, files, cards = asked.goal, asked.files, asked.cards
    calls = extreme_thing(goal, files, cards) or basket_zh(goal, files, cards) or unanswered(goal, files, cards)
    if calls := calls or count_and_when(goal, files, asked.heard, asked.listing, cards):
        return calls
    return () if asks_when_too(goal) or any(speaks_of_pairs(goal, card) for card in files) else None


def _of_two_columns(asked: Asked) -> Calls | None:
    """The difference of two columns, of one column's ends, or of two readings of a meter."""
    goal, files = asked.goal, asked.files
    if has_signed_columns(goal, files):
        return of_signed_columns(goal, files, asked.read, asked.listing)
    if is_spread(goal.goal):
        return spread(goal, files, asked.read, asked.cards)
    return used_between(goal, files, asked.read, asked.listing) or None


def _of_a_day(asked: Asked) -> Calls | None:
    calls = row_day(asked.goal, asked.files, asked.read, asked.listing, asked.cards)
    return calls if calls or asks_end_day(asked.goal) else None


def _of_a_log(asked: Asked) -> Calls | None:
    goal, files = asked.goal, asked.files
    calls = counted_messages(goal, files, asked.cards)
    return calls or clocked(goal, files, asked.heard, asked.listing, asked.tools) or None


def _at_a_rate(asked: Asked) -> Calls | None:
    if (rate := exchange(asked.goal.goal)) is None:
        return None
    return exchanged(asked.heard(asked.part(rate.rest), asked.files), rate.factor, asked.cards) or None


def _with_a_second_question(asked: Asked) -> Calls | None:
    return sequel(asked.goal, asked.files, asked.heard, asked.listing, asked.cards) or None


def _in_a_unit(asked: Asked) -> Calls | None:
    if (wanted := unit_wanted(asked.goal.goal)) is None:
        return None
    for calls in (asked.heard(asked.part(wanted.rest), asked.files), _of_unit(wanted, asked)):
        if told := then_converted(calls, wanted.unit, asked.goal, asked.cards):
            return told
    return None


def _of_unit(wanted: Wanted, asked: Asked) -> Calls:
    """`total harvest in tonnes`: of the one column that can be told in this unit, though nobody names it."""
    plans = []
    for card in asked.files:
        alike = [c.name for c in card.columns if KINDS.get(unit_of_column_name(c.name), -1) == KINDS[wanted.unit]]
        if len(alike) == 1 and (calls := asked.read(asked.part(f"{wanted.rest} {spaced(alike[0])}"), [card])):
            plans.append(calls)
    return plans[0] if len(plans) == 1 else ()


def _that_no_column_holds(asked: Asked) -> Calls | None:
    """Rates of totals, quotients of a row, and figures in a unit that differs from the column's."""
    goal, files, listing = asked.goal, asked.files, asked.listing
    calls = average_rate(goal, files, asked.cards) or per_piece(goal, files, listing, asked.read)
    return calls or in_other_unit(goal, files, listing, asked.read, asked.cards) or None


def _of_given_figures(asked: Asked) -> Calls | None:
    if converted(asked.goal, asked.cards):
        return None
    return between_times(asked.goal, asked.cards) or of_quantities(asked.goal, asked.cards) or None


def _plainly(asked: Asked) -> Calls | None:
    describing = {tool.describes: tool.name for tool in reversed(asked.tools) if tool.describes}
    call = requested(asked.goal, asked.cards, asked.listing, asked.ground.cards, describing)
    return (call,) if call else None


def _at_prices(asked: Asked) -> Calls | None:
    lists = [(card, found) for card in asked.files if (found := basket(asked.goal, card)) is not None]
    return (priced(lists[0][1], lists[0][0].path, asked.cards) or None) if len(lists) == 1 else None


_WAYS: tuple[Callable[[Asked], Calls | None], ...] = (
    _of_whole_files,
    _in_a_file,
    _two_things,
    _in_whole_or_not,
    _of_two_columns,
    _of_a_day,
    _of_a_log,
    _at_a_rate,
    _with_a_second_question,
    _in_a_unit,
    _that_no_column_holds,
    _of_given_figures,
    _plainly,
    _at_prices,
)
"""None: not asked in this way. No calls: it is, and no wider way may answer it."""
