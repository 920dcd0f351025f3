"""Chinese goals about one table, read as `reading` reads English ones: names and values of the table as they stand in the
goal, and the words for operations. Characters that are left over say how much was not understood.
"""

import re
from itertools import pairwise
from typing import Any

from trivet_plan_smollm2.prompt import FileCard
from trivet_plan_smollm2.tables.arrangement import groups
from trivet_plan_smollm2.tables.having_zh import HavingZh
from trivet_plan_smollm2.tables.reader import read
from trivet_plan_smollm2.tables.reading import Reading
from trivet_plan_smollm2.words.glossary_zh import PARTICLES, ROWS
from trivet_plan_smollm2.words.rounding import decimals
from trivet_plan_smollm2.words.spans import Spans, is_chinese

_FUNCTIONS = (
    ("mean", "平均值|平均数|平均|均值|均价"),
    ("median", "中位数"),
    ("sum", "合计|总价值|总金额|总共|一共|总和|总计|总数量|总数|总量|总值|总额|共计|加起来|总"),
)
_COUNT = "的?天数|有多少|多少|(?<!哪)几"
_MONEY = "总价值|总金额|总值|总额"
_CLASSIFIER = "[个种人本条行次只辆名位件项天艘张家部台间笔单款]"
_HIGHEST = "最常见|最频繁|最高|最大|最多|最长|最贵|最重|最晚|最新|最好|最热|最受欢迎"
_LOWEST = "最低|最小|最少|最短|最便宜|最轻|最早|最旧|最差|最冷"
_GROUP = "每个|每种|每类|每位|每家|每间|每|各个|各种|各类|各|按照|按|分别|分"
_SHARE = (
    "占(?:了)?多[大少]的?(?:比例|比重)|(?:用|以)百分[数比率](?:来)?表示"
    "|占(?:了)?(?:全部|总数|总体|所有)?的?(?:百分之几|百分比|比例|多少|几成)|百分之几|百分之多少|占比|百分比|比例"
)
_FLOW = (
    "[卖买花付赚销售产用]了?(?:出去?|掉)?(?=多少|几)|卖[出得了]?"
    "|销售额|销量|销售|售出|花费|花了?|付了?|赚了?|收入|营业额|销售额|消费|入账"
)
_TWO = "(?:次数|个数|条数|笔数|人数)(?:和|及|以及|与)|(?:和|及|以及|与)(?:次数|个数|条数|笔数|人数)"
_ECHO = r"[，,]\s*(?:是|有|共)?(?:多少|几)[\u4e00-\u9fff]{0,2}[？?。]?\s*$"
_THINGS = re.compile("品|名|商品|产品|项目|item|product|name|title", re.IGNORECASE)


def reading_of(goal: Spans, card: FileCard) -> Reading | None:
    """The goal as one about this table, in whichever of the two scripts it is written."""
    return read_zh(goal, card) if is_chinese(goal.goal) else read(goal, card)


def read_zh(goal: Spans, card: FileCard) -> Reading | None:
    """None where nothing of the table is spoken of, or where nobody can tell what is ranked or added up."""
    return _ReaderZh(goal, card).reading() if card.columns else None


class _ReaderZh(HavingZh):
    def reading(self) -> Reading | None:
        self.values()
        self.times()
        is_of_rows = self.rows_counted()
        self.columns()
        if self.pair is None and (whole_groups := self.groups_over()) is not None:
            return self._of_groups(*whole_groups)
        self.numbers()
        limit = self.limit()
        fixed = {test["column"] for test in self.where}
        measures = self._product(self.figures())
        counts = re.search(_COUNT, self.text)
        is_ranked = re.search(f"{_HIGHEST}|{_LOWEST}", self.text) or (limit and re.search("销量|排|前", self.whole))
        is_lowest = re.search(_LOWEST, self.text) is not None
        which = re.search("哪|谁|什么", self.whole)
        if is_ranked and which and (echo := re.search(_ECHO, self.text)):
            self.hear(echo.start(), echo.end())  # the figure of what is ranked
            counts = re.search(_COUNT, self.text)
        is_share = self.heard(_SHARE) is not None
        is_flow = self.heard(_FLOW) is not None
        if is_flow and not measures:
            return None  # what is added up is no column here
        if re.search(_TWO, self.whole):
            return None  # two figures at once
        if self.heard("多少钱|几块钱|什么价"):
            counts = None
        measure = next((name for name in measures if name not in fixed), "")
        group = self._group(measures, fixed, bool(is_ranked and (which or limit)))
        function = next((name for name, words in _FUNCTIONS if re.search(words, self.text)), "")
        if is_of_rows and function in ("", "sum"):
            function, measures, measure = "count", [], ""
        if function in ("mean", "median") and not measure:
            return None
        named = [name for name in self.at if name not in fixed]
        ranked_by = ""
        if self.pair is not None:
            function = function or (("mean" if self._is_by_kind(measure) else "sum") if measure else "count")
            self.heard(
                "哪一?[个种家位边]?更?|谁更?|更?[多高少低贵大小](?:多少|几)?[个元]?|相差|差额?|比较|对比|相比|比"
            )
        elif is_share:
            function = "sum" if measure else "count"
        elif function == "sum" and not measure:
            if re.search(_MONEY, self.whole):
                return None
            function = "count"
        elif not function and is_flow and not group:
            function = "sum"
        elif not function and counts and not (named and self.where and not measure):
            function = "sum" if measure and not self._is_looked_up() else "" if measure else "count"
        elif not function and is_ranked and not group and limit > 1 and measure:
            ranked_by = measure  # `最贵的三间`: rows, and no figure
        elif not function and is_ranked and not group:
            function = ("min" if is_lowest else "max") if measure else ""
            if not measure:
                return None  # something is ranked, and nobody can tell by what
        elif not function and group:
            function = "sum" if measure else "count"
            if is_ranked and measure and not is_flow and "最多" not in self.whole and "最少" not in self.whole:
                function = "sum" if re.search("总|金额|数量", measure) else "min" if is_lowest else "max"
        if function in ("mean", "median", "sum") and is_ranked and not group and self.pair is None:
            return None  # something is ranked, and nobody can tell what
        base = self._base(group)
        if is_share and base is None:
            return None
        if self.pair is not None and self.pair[0] in fixed:
            return None
        sort_by = (ranked_by or self._sorted_by()) if not function else ""
        left, noun = self._left()
        columns = tuple(name for name in self.at if name not in (*fixed, group, sort_by))
        if not function and not columns and measure and self.where:
            columns = (measure,)
        if not function and columns == (measure,) and any(self._is_stretch(test) for test in self.where):
            if not re.search("[数量额费]$", measure):
                return None  # of a whole month, and nobody can tell which figure
            function = "sum"
        return Reading(
            path=self.card.path,
            function=function,
            column=measure if function not in ("", "count") else "",
            group_by=group if function and self.pair is None else "",
            where=tuple(self.where),
            columns=columns if not function else (),
            sort_by=sort_by,
            descending=not is_lowest if function or ranked_by else "从高到低" in self.whole or "降序" in self.whole,
            limit=(limit or (1 if is_ranked and which else 0)) if group and function else limit,
            pair=self.pair,
            share_of=base if is_share else None,
            decimals=decimals(self.goal.goal) if is_share else None,
            beyond=self.beyond(),
            unexplained=(left,) if left else (),
            noun=noun,
            asks_amount=counts is not None,
        )

    def _of_groups(self, function: str, column: str, group: str, over: tuple[str, float]) -> Reading:
        left, noun = self._left()
        return Reading(
            path=self.card.path,
            function=function,
            column=column,
            group_by=group,
            where=tuple(self.where),
            descending=True,
            over=over,
            beyond=self.beyond(),
            unexplained=(left,) if left else (),
            noun=noun,
        )

    def _product(self, measures: list[str]) -> list[str]:
        for first, second in pairwise(measures):
            if said := re.search(rf"{re.escape(first)}\s*(乘以|乘|×|\*)\s*{re.escape(second)}", self.goal.goal):
                self.heard(re.escape(said[1]))
                return [f"{first} * {second}", *measures]
        return measures

    def _group(self, measures: list[str], fixed: set[str], is_ranked: bool) -> str:
        """The column by which groups are made: behind `每` or `按`, or the one that `哪个` asks for."""
        by_name = {column.name: column for column in self.card.columns}
        named = [name for name in self.at if name not in measures and name not in fixed]
        named.sort(key=lambda name: self.at[name])
        grouped = [name for name in named if groups(by_name[name], self.card)]
        if match := re.search(_GROUP, self.text):
            part = re.match(rf"(?:{_GROUP})?(年|月|星期|周)", self.text[match.start() :])
            dated = [c.name for c in self.card.columns if c.type in ("date", "datetime")]
            if part and len(dated) == 1:
                self.heard(f"(?:{_GROUP}){part[1]}份?")
                return f"{dated[0]}.{ {'年': 'year', '月': 'month'}.get(part[1], 'weekday') }".replace(" ", "")
            behind = [name for name in named if self.at[name] >= match.start()]
            return next(iter(behind or named), "")
        if not is_ranked:
            return ""
        dated = [c.name for c in self.card.columns if c.type in ("date", "datetime")]
        if len(dated) == 1 and (part := re.search("哪(?:一|个|一个)?(年|月份?)", self.text)):
            self.heard("哪(?:一|个|一个)?(?:年|月份?)")
            return f"{dated[0]}.{'year' if part[1] == '年' else 'month'}"
        if which := re.search("哪|谁", self.whole):
            grouped.sort(key=lambda name: (self.at[name] < which.start(), self.at[name]))
            asked = min((name for name in named if self.at[name] > which.start()), key=lambda n: self.at[n], default="")
            if asked and asked not in grouped:
                return ""  # a row of its own
        if grouped:
            return grouped[0]
        if self._is_list_of_things():
            return ""  # each row is one of what is asked for
        shared = [
            c.name for c in self.card.columns
            if c.type == "text" and c.name not in fixed and groups(c, self.card) and (c.distinct or 99) <= 60
        ]  # fmt: skip
        asked_for = re.search("哪[种个款类家本位间条辆]([\u4e00-\u9fff])", self.whole)
        called = [name for name in shared if asked_for and asked_for[1] in name and asked_for[1] not in "最的"]
        if len(called) == 1 and measures and asked_for:  # `哪家店`, of 门店
            self.hear(asked_for.start(), asked_for.end())
            return called[0]
        things = [name for name in shared if _THINGS.search(name)]
        found = things if len(things) == 1 else shared if len(shared) == 1 else []
        if found and measures:  # `哪种糖`, `什么茶`: what the rows of that column are called
            self.heard(
                r"哪[种个款类家本位][\u4e00-\u9fff]{0,2}?(?=卖|最|的|销|得|买|有|\s|$)|什么[\u4e00-\u9fff]{0,2}(?=\W|$)"
            )
            self.heard(r"(?<=的)(?:茶叶|商品|产品|东西|货物?)(?=\W|$)")
        return found[0] if found and measures else ""

    def _is_by_kind(self, measure: str) -> bool:
        """Whether the measure does not add up: `评分比杭州高` speaks of the mean."""
        adds_up = re.search("总|金额|数|量|收入|费|额|amount|total|sold|quantity|count", measure, re.IGNORECASE)
        return adds_up is None and re.search("高|低|贵|便宜|重|轻|快|慢|热|冷|老|年轻", self.whole) is not None

    def _is_list_of_things(self) -> bool:
        """Whether every row has a name of its own, which is no number: a list of drivers, and not of orders."""
        return any(
            c.type == "text"
            and c.distinct is not None
            and c.distinct == self.card.rows
            and not any(char.isdigit() for value in c.examples for char in str(value))
            for c in self.card.columns
        )

    def _is_looked_up(self) -> bool:
        """`望湖一晚多少钱`: the row is told by a key."""
        keys = {c.name for c in self.card.columns if c.distinct is not None and c.distinct == self.card.rows}
        return any(test["column"] in keys and test["op"] == "=" for test in self.where)

    def _is_stretch(self, test: dict[str, Any]) -> bool:
        """Whether the condition keeps a time longer than a day."""
        dated = {column.name for column in self.card.columns if column.type in ("date", "datetime")}
        return test["column"] in dated and not (test["op"] == "=" and len(str(test["value"])) > 7)

    def _base(self, group: str) -> tuple[dict[str, Any], ...] | None:
        """What a share is one of: the rows of the same time, if one thing else is said of those that are counted, or of what
        they are among: `美团的订单里取消的`."""
        if group or self.pair is not None:
            return None
        dated = {column.name for column in self.card.columns if column.type in ("date", "datetime")}
        within = tuple(test for test in self.where if test["column"] in dated)
        others = [test for test in self.where if test["column"] not in dated]
        if len(others) == 1:
            return within
        among = re.search("里面?|当中|之中|中(?!国|心|学|午|文)", self.whole)
        whole = [test for test in others if among and 0 <= self.said_at.get(test["column"], -1) < among.start()]
        return (*within, *whole) if len(others) == 2 and len(whole) == 1 else None

    def _sorted_by(self) -> str:
        match = re.search(
            r"按照?(.{1,8}?)(?:从|由)?[高大多低小少新旧早晚]?(?:到|至)?[高大多低小少新旧早晚]?(?:排序|排列|降序|升序)",
            self.whole,
        )
        name = next((name for name in self.at if match and name in match[1]), "")
        if match and name:
            self.heard(
                r"从[高大多低小少新旧早晚](?:到|至)[高大多低小少新旧早晚]|由[高大多]到[低小少]|排序|排列|降序|升序|按照?"
            )
        return name

    def _left(self) -> tuple[str, str]:
        """The characters that mean nothing here; and the same, if they stand where rows are called by their name."""
        by_name = {column.name: column.type for column in self.card.columns}
        words = "|".join(
            [*(words for _, words in _FUNCTIONS), f"(?:{_COUNT}){_CLASSIFIER}?", _HIGHEST, _LOWEST, _GROUP]
        )
        name = self.card.path.rpartition("/")[2].partition(".")[0]
        text = re.sub(
            r"(?:另?保存|另存|存|写|导出|输出)(?:到|为|成|在|进|入|至)*|新?文件(?=\s)|新建|生成", " ", self.text
        )
        text = re.sub(words, " ", text)
        text = re.sub(rf"{re.escape(name)}|{ROWS}|保留.{{0,4}}小数|精确到.{{0,4}}", " ", text)
        text = re.sub(PARTICLES, " ", text)
        runs = re.findall(r"[\u3400-\u9fffA-Za-z0-9]+", text)
        known = {char for char in name if char > "\u3400"} | {
            char for col in by_name for char in col if char > "\u3400"
        }
        runs = [run for run in runs if not (len(run) <= 2 and set(run) <= known)]  # `订单`, of `订单号`
        ends = {
            str(v)[-1] for c in self.card.columns if c.type == "text" and _THINGS.search(c.name) for v in c.examples
        }
        runs = [run for run in runs if not (len(run) == 1 and run in ends)]  # `茶`, of which one is `茉莉花茶`
        left = "".join(runs)
        at = self.whole.find(left) if len(runs) == 1 else -1
        is_noun = at >= 0 and len(left) <= 2 and re.match(r"(?:一共|总共)?有(?:多少|几)", self.whole[at + len(left) :])
        is_noun = is_noun or (
            at >= 0 and len(left) <= 2 and re.search(rf"(?:多少|几)(?!天){_CLASSIFIER}?$", self.whole[:at])
        )
        return left, left if is_noun else ""
