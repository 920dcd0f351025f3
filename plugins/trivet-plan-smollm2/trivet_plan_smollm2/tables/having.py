"""Groups whose figure passes a bound: `which keepers spent more than 50 hours`, where no row has that many."""

import re

from trivet_plan_smollm2.tables.arrangement import Arrangement, groups
from trivet_plan_smollm2.tables.hearing import could_be
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words import lexicon
from trivet_plan_smollm2.words.bounds import bound_said
from trivet_plan_smollm2.words.similarity import stem

_BOUND = re.compile(
    r"(?P<bound>more than|fewer than|less than|at least|at most|over|under|above|below|exceed(?:s|ed|ing)?)\s+"
    r"(?:[€$£]\s*)?(?P<number>\d[\d,]*(?:\.\d+)?)(?P<what>(?:\s+[^\W\d_]+){0,3})",
    re.IGNORECASE,
)
_WHOLE = r"in total|altogether|all together|in all|overall|combined|added up"
_ROWS = frozenset("time row entry record line".split())


class Having(Arrangement):
    over: tuple[str, float] | None = None
    """The comparison that a group's figure must meet."""

    def groups_over(self) -> tuple[str, str, str] | None:
        """Function, column and group, where a bound is said of whole groups: of their sum or mean, of how many rows they
        have, or of a figure that no row reaches."""
        group = self._told_apart()
        matches = list(_BOUND.finditer(self.text))
        if not group or len(matches) != 1 or self.is_heard(matches[0].start("number")):
            return None
        match, number = matches[0], float(matches[0]["number"].replace(",", ""))
        op = bound_said(match["bound"] + " ")
        figures = [c for c in self.card.columns if c.type in MEASURABLE and not self.is_key(c) and c.name != group]
        measure = next((c for name in self.measured for c in figures if c.name == name), None)
        is_mean, is_whole = self.said(r"on average|average|mean"), self.said(_WHOLE)
        rows = {stem(part) for part in self._row_words()}
        counted = [word for word in match["what"].split() if stem(word.lower()) in rows | _ROWS]
        if not op:
            return None
        if counted and measure is None:
            function, column = "count", ""
        elif measure is not None and (is_mean or is_whole or not could_be(number, measure)) and number > 0:
            function, column = ("mean" if is_mean else "sum"), measure.name
        else:
            return None
        self.hear(match.start(), match.end("number"))
        for word in counted:
            self.heard(re.escape(word))
        self.heard(rf"{_WHOLE}|on average|average|mean|total")
        self.over = (op, int(number) if number == int(number) else number)
        return function, column, group

    def _row_words(self) -> list[str]:
        return re.findall(r"[^\W\d_]+", self.card.path.rpartition("/")[2].partition(".")[0].lower())

    def _told_apart(self) -> str:
        """The column behind `which`, if rows share its values."""
        fixed = {test["column"] for test in self.where}
        for asked in lexicon.found(rf"{lexicon.WHICH}|{lexicon.LISTED}", self.text):
            near = [
                (self.at[c.name], c.name)
                for c in self.card.columns
                if 0 <= self.at.get(c.name, -1) - asked.end() <= 16 and groups(c, self.card) and c.name not in fixed
            ]
            if near:
                return min(near)[1]
        first = [
            c.name
            for c in self.card.columns
            if self.at.get(c.name, 9) < 5 and groups(c, self.card) and c.name not in fixed
        ]
        return first[0] if len(first) == 1 else ""  # `nurses that …`
