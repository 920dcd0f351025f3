"""Goals about one table, read off their words: which columns, values, numbers and operations are said.

A reading is what a careful clerk would understand without imagination; `unexplained` are the speaking words that he could
not place. The small model's plans are held against it, and a reading that places every word is a plan of its own.
"""

from typing import Any

import msgspec


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    path: str
    function: str = ""
    """Of the aggregate functions; empty for a list of rows."""
    column: str = ""
    group_by: str = ""
    where: tuple[dict[str, Any], ...] = ()
    columns: tuple[str, ...] = ()
    is_distinct: bool = False
    """Each value once is wanted: what something costs, however often it was sold."""
    rows_called: frozenset[str] = frozenset()
    """Those of the columns that are said by what the rows are called: `orders`, of `order_id`."""
    rows_shared: frozenset[str] = frozenset()
    """Those that are said in the plural, and whose values many rows share: `all shifts` are rows, not the names of shifts."""
    sort_by: str = ""
    descending: bool = False
    limit: int = 0
    pair: tuple[str, str, str] | None = None
    """Column and two of its values, to be compared."""
    share_of: tuple[dict[str, Any], ...] | None = None
    """The conditions of the rows of which those that meet `where` are a share, in percent."""
    decimals: int | None = None
    """How many decimals of a share are wanted."""
    over: tuple[str, float] | None = None
    """The comparison that the figure of a group must meet."""
    is_by_price: bool = False
    """Money is spoken of, and the table has prices only: another that tells what was paid is meant rather."""
    beyond: str = ""
    """That the table ends before the time that is asked about, as a sentence."""
    unexplained: tuple[str, ...] = ()
    """Speaking words that mean nothing here."""
    asks_amount: bool = False
    noun: str = ""
    """The one among them that stands where rows are called by their name."""

    @property
    def is_whole(self) -> bool:
        """Every word has its place, and something is wanted."""
        return not self.unexplained and self.wants_something

    @property
    def is_about_rows(self) -> bool:
        """Every word has its place, but for what the rows are called."""
        return set(self.unexplained) <= {self.noun} and self.wants_something

    @property
    def wants_something(self) -> bool:
        """A figure, an order, columns, or the rows that meet a condition, where the goal does not ask how much."""
        return bool(self.function or self.sort_by or self.columns or (self.where and not self.asks_amount))
