"""Chinese goals about groups whose figure passes a bound: `哪些司机的投诉超过10次`."""

import re

from trivet_plan_smollm2.tables.arrangement import groups
from trivet_plan_smollm2.tables.hearing import could_be
from trivet_plan_smollm2.tables.hearing_zh import HearingZh
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.bounds import bound_said

_BOUND = re.compile(
    r"(?P<bound>超过|多于|大于|高于|少于|低于|小于|不到|不足|至少|至多|不少于|不超过|不低于)\s*(?P<number>\d[\d,]*(?:\.\d+)?)\s*(?P<of>[\u4e00-\u9fff]?)"
    r"|(?P<number2>\d[\d,]*(?:\.\d+)?)\s*(?P<of2>[\u4e00-\u9fff]?)(?P<bound2>以上|以下)"
)
_WHOLE = "总共|一共|合计|总计|总和|加起来|累计|总"


class HavingZh(HearingZh):
    def groups_over(self) -> tuple[str, str, str, tuple[str, float]] | None:
        """Function, column, group and comparison, where a bound is said of whole groups."""
        match = _BOUND.search(self.text)
        group = self._asked_for()
        if match is None or not group:
            return None
        said, bound = match["number"] or match["number2"], match["bound"] or match["bound2"]
        number = float(said.replace(",", ""))
        op = "<" if bound == "不足" else bound_said(bound)
        figures = [c for c in self.card.columns if c.type in MEASURABLE and c.name in self.at and c.name != group]
        is_whole = re.search(_WHOLE, self.text) is not None
        if not op:
            return None
        if not figures and (match["of"] or match["of2"]) in tuple("次条单笔起件"):
            function, column = "count", ""
        elif len(figures) == 1 and (is_whole or not could_be(number, figures[0])):
            function, column = "sum", figures[0].name
        else:
            return None
        self.hear(match.start(), match.end())
        self.heard(_WHOLE)
        return function, column, group, (op, int(number) if number == int(number) else number)

    def _asked_for(self) -> str:
        """The column that `哪些` asks for, if rows share its values."""
        which = re.search(r"哪[些几]?[个位家种]?", self.whole)
        near = [
            (self.at[c.name], c.name)
            for c in self.card.columns
            if which and 0 <= self.at.get(c.name, -1) - which.end() <= 1 and groups(c, self.card)
        ]
        return min(near)[1] if near else ""
