"""Reads an English goal about one table, word by word."""

import re

from trivet_plan_smollm2.prompt import FileCard
from trivet_plan_smollm2.tables.leftover import Leftover, is_of_pieces
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.similarity import STOP, stem, stem_words
from trivet_plan_smollm2.words.spans import Spans, is_chinese

_TELLING = frozenset("name title email address phone url path".split())
"""Keys that say something themselves: who saves the names wants names."""


def read(goal: Spans, card: FileCard) -> Reading | None:
    """The goal as one about this table; None for goals in other scripts, and where nothing can be computed or listed."""
    if is_chinese(goal.goal) or not card.columns:
        return None
    return Reader(goal, card).reading()


class Reader(Leftover):
    is_share = False
    asks_twice = False
    is_once = False
    enumerated = ""
    """The column of which each value is wanted once."""

    def reading(self) -> Reading | None:
        values = self.values()
        pair = self.pair(values)
        self.flags()
        self.columns()
        pair = self.times() or pair
        self.doings()
        self.measured = self.measures()
        self.units()
        keys = self.keys()
        whole_groups = self.groups_over()
        self.numbers()
        self.dates()
        self.conditions(values, pair[0] if pair else "")
        self.side_by_side()
        self.without()
        if whole_groups is not None and pair is None:
            return self._of_groups(*whole_groups)
        function, group, descending, limit = self._operation(bool(keys), pair)
        return self._assembled(function, group, descending, limit, pair)

    def _of_groups(self, function: str, column: str, group: str) -> Reading:
        """Which groups have a figure beyond a bound."""
        self.heard(f"{lexicon.WHICH}|{lexicon.LISTED}")
        return Reading(
            path=self.card.path,
            function=function,
            column=column,
            group_by=group,
            where=tuple(self.where),
            descending=True,
            over=self.over,
            beyond=self.beyond(),
            unexplained=tuple(self.left(group, function)),
        )

    def _operation(self, has_key: bool, pair: tuple[str, str, str] | None) -> tuple[str, str, bool, int]:
        text = self.text
        functions = [name for name, words in lexicon.FUNCTIONS if self.heard(words)]
        if not functions and self.measured and not lexicon.found(lexicon.COUNT, text) and self.heard("together"):
            functions = ["sum"]  # `what do the ropes weigh together`
        self.heard(
            r"(?:and )?(?:by )?how (?:many|much)(?: more| less| fewer)?\s*\??$|how many more|by how much|difference"
            if pair
            else r"\0"
        )
        counts = [match for match in self.said(lexicon.COUNT) if match[0].lower() != "how much"]
        self.asks_twice = pair is None and len(self.said(r"how (?:many|much|often)")) > 1
        is_distinct = bool(self.heard(lexicon.DISTINCT))
        self.is_once = bool(self.heard(lexicon.ONCE))
        self.is_share = bool(self.shares())
        highest, lowest = self.ranks(lexicon.HIGHEST), self.ranks(lexicon.LOWEST)
        if pair is None and not (highest or lowest):  # `which register sold more`
            highest, lowest = (
                self.compared(r"more|higher|better|larger"),
                self.compared(r"less|fewer|lower|worse|smaller"),
            )
        is_often = bool(self.heard(r"(?:most|least) (?:often|frequently|frequent)"))
        self.singular = any(
            re.match(r"\s+(?:\w+\s+)?(?:\w*[^\Ws])(?!\w)", text[m.end() :]) for m in (*highest, *lowest)
        )
        for match in (*counts, *highest, *lowest):
            self.hear(match.start(), match.end())
        self.ordered = self.order()
        is_ranked = any(self.order_at < 0 or match.start() < self.order_at for match in (*highest, *lowest))
        descending = bool(highest) and (not lowest or highest[0].start() < lowest[0].start())
        if (said := self.first_said()) is not None:
            descending = said
        if is_ranked and (turned := self.age(descending)) is not None:
            descending = turned
        group = self.group(is_ranked) or self.group_counted() or self.implied_group(is_ranked, bool(highest or lowest))
        is_counted = not (self.measured or self.has_pieces()) and lexicon.found(r"who\b.*\b(?:most|fewest)", text)
        group = group or (self.who() if is_ranked and (self.is_flow or is_counted) else "")
        wants_all = re.search(r"\b(?:save|write|store|export|put|make|create)\b[^.?!]*\btable\b", text, re.IGNORECASE)
        is_one = self.is_which() or self.is_one
        limit = self.limit or (1 if is_ranked and group and is_one and not (wants_all or self.is_of_each(group)) else 0)
        measure = self.measured[0] if self.measured else ""
        function = next((name for name in functions if name not in ("max", "min")), "")
        if pair is not None:
            is_mean = self.is_by_kind() and not self.said("all")
            function = function or (("mean" if is_mean else "sum") if measure else "count")
        elif self.is_share:
            function = function or ("sum" if measure and not counts else "count")
        elif counts and has_key and self.at:
            function = ""  # `how many pages has book B17` asks for what stands there
        elif counts and not function and " - " in measure:
            function = "sum"  # what was used between two readings
        elif counts and not function:
            noun = self._noun(counts[0].end())
            fixed = {test["column"] for test in self.where}
            summed = next((n for n in self.measured if self.at.get(n, -9) == noun and n not in fixed), "")
            if not summed and any(start == noun for start, _ in self.valued):  # `how many pretzels did we sell`
                summed = next((n for n in self.measured if (n in self.at or self.is_flow) and n not in fixed), "")
            thing = next((word.text.lower() for word in self.words if word.start == noun), "")
            if not summed and thing in lexicon.SOLD_THINGS:  # `how many tickets were sold`, of a column `sold`
                summed = next((n for n in self.measured if is_of_pieces(n) and n in self.at and n not in fixed), "")
            if is_distinct or self.days():
                function = "distinct"
            elif summed:
                function = "" if has_key else "sum"
            else:
                function = "count"
        elif (
            group and is_ranked and not function and measure and self.first_said() is not None and not self.is_by_kind()
        ):
            function = "sum"  # `kg per variety, highest first`: in this order, not the highest of each
        elif group and is_ranked and not function:
            function = "sum" if measure and not (self._says_most_rows() or is_often) else "count"
            if measure and self.is_span:
                function = "mean" if self.is_by_kind() else "sum"
            elif (
                measure
                and not self.is_flow
                and not (
                    re.search(r"\b(?:most|least|fewest)\b", text)
                    or (lexicon.found("top", text) and not self.is_price({measure}))
                )
            ):
                function = "max" if descending else "min"
            if lexicon.found("fastest|quickest|slowest", text):
                function = "mean"
        elif not function and measure and not has_key and not is_ranked and lexicon.found("how much", text):
            function = "sum"
        elif not function and " * " in measure and not is_ranked and not self.limit:
            function = "sum"  # the value of all that there is
        elif "max" in functions or "min" in functions:
            function = "max" if "max" in functions else "min"
        elif is_ranked and not group and measure and not self.limit and self.first_said() is None:
            function = "max" if descending else "min"
        elif (
            group
            and not function
            and not measure
            and not counts
            and self.said(r"once|names of|(?:list|name|show)(?: me)? (?:every|each)")
        ):
            self.heard("once")
            self.enumerated, group = group, ""  # `list every leader once`: no figures, but names
        elif group and not function:
            function = "sum" if measure else "count"
        self.ranked = (is_ranked, descending)
        return function, group, descending if is_ranked else True, limit

    def _says_most_rows(self) -> bool:
        """`which voice has the most singers`: what is ranked is no column, so rows are counted."""
        return not self.measured

    def _noun(self, place: int) -> int:
        """Where the next speaking word begins."""
        return next(
            (w.start for w in self.words if w.start >= place and w.text.lower() not in STOP | {"different"}), -1
        )

    def _assembled(
        self, function: str, group: str, descending: bool, limit: int, pair: tuple[str, str, str] | None
    ) -> Reading | None:
        fixed = {test["column"] for test in self.where}
        equal = [test["column"] for test in self.where if test["op"] == "="]
        measure = next((n for n in self.measured if n not in (group, *fixed)), "")
        if function or self.ranked[0]:  # `over 1000 m, highest first`
            measure = measure or next((n for n in self.measured if n not in (group, *equal)), "")
        if not measure and function in ("mean", "median", "sum", "max", "min"):
            figures = [c.name for c in self.card.columns if c.type in MEASURABLE and not self.is_key(c)]
            if group and function == "mean" and any(word.stem in self._file_stems() for word in self.words):
                return None  # `average loans per pupil`: a mean of counts, and not of the one figure that each has
            measure = figures[0] if len(figures) == 1 and figures[0] not in fixed else ""
        column = measure if function not in ("", "count") else ""
        if self.asks_twice:
            return None  # one of two figures would be half an answer
        if function == "distinct" and (days := self.days()):
            column = days
        elif function == "distinct":
            column = next((name for name in sorted(self.at, key=lambda n: self.at[n]) if name not in fixed), "")
        if function in ("mean", "median", "sum", "max", "min", "distinct") and not column:
            return None
        dated = {column.name for column in self.card.columns if column.type in ("date", "datetime")}
        if function in ("mean", "median") and group in dated:
            return None  # a mean of days is no mean of rows
        if function == "mean" and self.is_flow and self.is_span:
            return None  # `average spending per month`: of the months' sums, and not of the rows of each
        is_told = group or self.limit or pair is not None
        if function in ("count", "sum", "mean", "median", "distinct") and self.ranked[0] and not is_told:
            return None  # something is ranked, and nobody can tell what
        bounded = [test["column"] for test in self.where if test["op"] in ("<", "<=", ">", ">=")]
        if len(equal) != len(set(equal)) or set(equal) & set(bounded):
            return None  # no row is two things at once
        base = self.base_of_share(group, pair)
        if self.is_share and base is None:
            return None
        in_order = sorted(self.at, key=lambda name: self.at[name])
        named = re.search(r"\bcolumns?\b|\bonly\b|\bjust\b|\((?=[^)]*,)", self.text)
        last = {name: self.last_at.get(name, self.at[name]) for name in in_order}
        columns = tuple(sorted((n for n in in_order if named and last[n] > named.start()), key=lambda name: last[name]))
        spare = {*fixed, group, *(self.compared_columns if not named else ())}
        columns = columns or tuple(name for name in in_order if name not in spare)
        if not function and re.match(r"\s*(?:\w+[,!]?\s+)?who\b", self.text, re.IGNORECASE):
            people = self.people()
            texts = {c.name for c in self.card.columns if c.type == "text" and c.name in columns}
            if not (set(people) & fixed or texts) and len(people) != 1:
                return None  # nobody is named here
            columns = tuple(dict.fromkeys((*people, *columns))) if not set(people) & {*columns, *fixed} else columns
        if self.enumerated and not function:
            columns = (self.enumerated,)
        elif len(columns) > 1:  # `titles of all books`, whose numbers nobody asked for
            columns = tuple(name for name in columns if not self._is_of(name)) or columns
        is_titled = any(column.name.lower() in ("title", "name") for column in self.card.columns)
        if not function and columns and set(columns) <= self.rows_called and is_titled:
            columns = ()  # `books of 1990` are more than their numbers
        sort_by = ""
        if not function and self.ordered:
            sort_by, descending = self.ordered
            is_listed = (
                named or self.at.get(sort_by, self.order_at) < self.order_at
            )  # `with day and sold, ordered by day`
            columns = columns if is_listed else tuple(name for name in columns if name != sort_by)
        elif not function and self.ranked[0]:
            sort_by = measure or (self._dated() if self.said(lexicon.IN_TIME) else "")
            if not sort_by:
                return None  # something is ranked, and nobody can tell by what
            if self.singular and not limit and self.first_said() is None:
                columns, limit = (), 1  # `the newest book`
            elif columns and sort_by not in columns:
                columns = (*columns, sort_by)
        elif not function and measure and self.where and not set(columns) - {measure}:
            columns = (measure,)  # `what does a pretzel cost`
            if any(self.is_period(test) for test in self.where):
                if not self.is_flow:
                    return None  # of a whole month, and nobody can tell which figure
                function, column, columns = "sum", measure, ()
        figures_here = {c.name for c in self.card.columns if c.type in MEASURABLE}
        if not function and not sort_by and columns and not figures_here & {*columns} and self.said("how much"):
            return None  # `how much water was used on plots without a shed`: names of plots are no answer
        return Reading(
            path=self.card.path,
            function=function,
            column=column,
            group_by=group if function else "",
            where=tuple(self.where),
            columns=columns,
            is_distinct=bool(
                not function and (self.is_once or (not sort_by and columns in ((measure,), (self.enumerated,))))
            ),
            rows_called=frozenset(self.rows_called),
            rows_shared=frozenset(name for name in columns if self._is_shared(name)),
            sort_by=sort_by,
            descending=descending if function or sort_by else False,
            limit=limit,
            pair=pair,
            share_of=base if self.is_share else None,
            decimals=decimals(self.goal.goal) if self.is_share else None,
            beyond=self.beyond(),
            is_by_price=self.is_flow and self.is_price({measure, *fixed}),
            unexplained=tuple(self.left(group, function)),
            noun=self.row_noun(),
            asks_amount=bool(lexicon.found(rf"{lexicon.COUNT}|what (?:did|does|do|has|have)", self.text)),
        )

    def _is_of(self, name: str) -> bool:
        """Whether it says behind `of` what the rows are called of which another column is wanted."""
        column = next(column for column in self.card.columns if column.name == name)
        is_row = name in self.rows_called or (
            column.distinct == self.card.rows and stem(name.lower()) in self._file_stems()
        )
        before = self.text[: self.at.get(name, 0)]
        return (
            is_row and re.search(r"\bof (?:(?:all|the|every|each|my|our|these) )*$", before, re.IGNORECASE) is not None
        )

    def _is_shared(self, name: str) -> bool:
        column = next((column for column in self.card.columns if column.name == name), None)
        if column is None or not column.distinct or not self.card.rows:
            return False
        is_what_rows_are = stem(name.lower()) in stem_words(re.sub(r"[_\-./]+", " ", self.card.path))
        is_what_rows_are |= column.distinct == self.card.rows and name.lower() not in _TELLING
        is_shared = column.type == "text" and column.distinct * 4 <= self.card.rows
        is_plural = re.search(rf"(?<!\w){re.escape(name)}(?:s|es)(?!\w)", self.text, re.IGNORECASE)
        is_theirs = re.search(rf"(?<!\w){re.escape(name)}(?:s|es) of(?!\w)", self.text, re.IGNORECASE)
        is_told = is_theirs or (is_shared and name.lower() in _TELLING)
        return bool(is_plural) and not is_told and (is_shared or is_what_rows_are)

    def _dated(self) -> str:
        """The first column of dates, or of years, which latest and oldest speak of."""
        dated = [column.name for column in self.card.columns if column.type in ("date", "datetime")]
        years = [
            c.name for c in self.card.columns if c.type == "integer" and re.search(r"year|jahr|annee", c.name.lower())
        ]
        return next(iter([*dated, *years]), "")
