"""Chinese goals about one table, read as `reading` reads English ones: names and values of the table as they stand in the
goal, and the words for operations. Characters that are left over say how much was not understood.
"""

import re
from itertools import pairwise
from typing import Any

from .bounds import ops_said
from .names import FALSE, TRUE, truths
from .prompt import FileCard
from .reading import Reading, read
from .spans import Spans, has_cjk

_FUNCTIONS = (
    ("mean", "平均值|平均数|平均|均值"),
    ("median", "中位数"),
    ("sum", "合计|总价值|总金额|总共|一共|总和|总计|总数量|总数|总量|总值|总额|共计|加起来|总"),
)
_COUNT = "有多少|多少|几"
_CLASSIFIER = "[个种人本条行次只辆名位件项天艘张家部台]"
_HIGHEST = "最高|最大|最多|最长|最贵|最重|最晚|最新|最好"
_LOWEST = "最低|最小|最少|最短|最便宜|最轻|最早|最旧|最差"
_GROUP = "每个|每种|每类|每|各个|各种|各类|各|按照|按|分别"
_PARTICLES = (
    "请问|请|帮我|告诉我|列出|显示|找出|查一下|查|看看|里面|里|中|内|的|了|是|有|在|和|与|及|为|呢|吗|什么|哪个|哪种|哪些|哪一个|哪|谁"
    "|所有|全部|数据|文件|表格|表|记录|一下|都|就|要|把|这个|那个|这|那|它|们|元|人民币|类|种|个|名|本|条|件|数|共"
)


def reading_of(goal: Spans, card: FileCard) -> Reading | None:
    """The goal as one about this table, in whichever of the two scripts it is written."""
    return read_zh(goal, card) if has_cjk(goal.goal) else read(goal, card)


def read_zh(goal: Spans, card: FileCard) -> Reading | None:
    """None where nothing of the table is spoken of."""
    text = goal.goal
    name = card.path.rpartition("/")[2]
    for path in (*goal.paths, card.path, name):
        text = text.replace(path, " ")
    where: list[dict[str, Any]] = []
    for column in card.columns:
        for value in sorted((v for v in column.examples if isinstance(v, str)), key=len, reverse=True):
            if column.type == "text" and len(value) > 1 and value in text and truths(column) is None:
                negated = re.search(rf"(?:不是|不含|除了?|非){re.escape(value)}", text)
                where.append({"column": column.name, "op": "!=" if negated else "=", "value": value})
                text = text.replace(negated[0] if negated else value, " ")
                break
    at: dict[str, int] = {}
    for column in sorted(card.columns, key=lambda column: -len(column.name)):
        if column.name in text:
            at[column.name] = goal.goal.find(column.name)
            if (options := truths(column)) is not None:
                negated = re.search(rf"(?:没有?|未|不|无){re.escape(column.name)}", text)
                where.append({"column": column.name, "op": "=", "value": options[FALSE if negated else TRUE]})
                text = text.replace(negated[0], " ") if negated else text
            text = text.replace(column.name, " ")
    text, where = _bounded(text, goal, card, at, where)
    numeric = [c.name for c in card.columns if c.type in ("number", "integer")]
    measures = sorted((name for name in at if name in numeric), key=lambda name: at[name])
    for first, second in pairwise(measures):
        if product := re.search(rf"{re.escape(first)}\s*(?:乘以|乘|×|\*)\s*{re.escape(second)}", goal.goal):
            measures.insert(0, f"{first} * {second}")
            text = text.replace(product[0][len(first) : -len(second)].strip(), " ")
            break
    fixed = {test["column"] for test in where}
    if not measures and re.search("[卖买花付赚销售产用]了?(?:出)?多少", goal.goal):  # how much, and not how many rows
        keys = {c.name for c in card.columns if card.rows and card.rows > 3 and c.distinct == card.rows}
        figures = [name for name in numeric if name not in keys | fixed and not re.search("年|year", name.lower())]
        if len(figures) != 1:
            return None
        measures = figures
        text = re.sub("[卖买花付赚销售产用]了?(?:出)?", " ", text)
    measure = next((name for name in measures if name not in fixed), "")
    grouped = [name for name in at if name not in measures and name not in fixed]
    ranked = re.search(f"{_HIGHEST}|{_LOWEST}", text)
    which = re.search("哪|谁", text)
    if which and ranked:  # `哪个仓库…最多` is about the column that comes next
        grouped.sort(key=lambda name: (at[name] < which.start(), at[name]))
    group = grouped[0] if grouped and (re.search(_GROUP, text) or (ranked and which)) else ""
    function = next((name for name, words in _FUNCTIONS if re.search(words, text)), "")
    counts = re.search(_COUNT, text) is not None
    if function in ("mean", "median") and not measure:
        return None
    if function == "sum" and not measure:
        function = "count"
    elif (
        not function and counts and not (grouped and where and not measure)
    ):  # `宋凯电话多少` asks for what stands there
        function = "sum" if measure else "count"
    elif not function and ranked and not group:
        function = ("max" if re.search(_HIGHEST, text) else "min") if measure else ""
    elif not function and group:
        function = "sum" if measure else "count"
    words = "|".join([*(words for _, words in _FUNCTIONS), f"(?:{_COUNT}){_CLASSIFIER}?", _HIGHEST, _LOWEST, _GROUP])
    rest = re.sub(_PARTICLES, "", re.sub(words, "", text))
    left = "".join(re.findall(r"[\u3400-\u9fffA-Za-z0-9]", rest)).replace(name.partition(".")[0], "")
    columns = tuple(name for name in at if name not in fixed and name != group)
    return Reading(
        path=card.path,
        function=function,
        column=measure if function not in ("", "count") else "",
        group_by=group if function else "",
        where=tuple(where),
        columns=columns if not function else (),
        descending=not re.search(_LOWEST, text),
        limit=1 if group and ranked and which else 0,
        unexplained=(left,) if left else (),
        noun=left if len(left) <= 2 else "",
        asks_amount=counts,
    )


def _bounded(
    text: str, goal: Spans, card: FileCard, at: dict[str, int], where: list[dict[str, Any]]
) -> tuple[str, list[dict[str, Any]]]:
    """`数量不到10`, `单价超过 20`: a number with a word for its bound, beside the only number column that is said."""
    said = [column for column in card.columns if column.name in at and column.type in ("number", "integer")]
    ops = [op for op in ops_said(goal.goal) if op not in ("=", "!=")]
    for digits in goal.digits:
        if len(said) == 1 and len(ops) == 1:
            number = float(digits)
            where = [
                *where,
                {"column": said[0].name, "op": ops[0], "value": int(number) if number == int(number) else number},
            ]
            text = re.sub(
                rf"(?:超过|大于|小于|少于|多于|高于|低于|不到|至少|至多|不少于|不超过)?\s*{re.escape(digits)}\s*(?:以上|以下|以内)?",
                " ",
                text,
            )
    return text, where
