"""Chinese questions about the things of a list: `单价最高的是哪种种子，多少钱一包？`, `买15包番茄种子，打九折要付多少元？`"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.prompt import Call, Column, FileCard, ToolCard
from trivet_plan_smollm2.tables.baskets import Basket, priced
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.percentages import discount
from trivet_plan_smollm2.words.spans import Spans, is_chinese

_PIECE = r"[包个件本箱盒瓶袋只条张把台双套支块桶罐份棵株斤]"
_TURNED = re.compile(
    rf"^(?P<which>哪(?:一|几)?(?:种|个|位|款|类|样|{_PIECE}))(?P<noun>[\u3400-\u9fff]{{0,4}}?)的?(?P<column>[\u3400-\u9fff]{{2,4}})最"
    r"(?P<rank>[高大多贵长重远晚新低小少便短轻近早旧])宜?[？?。]*(?:\s*(?:见|看|在|根据)\s*)?$"
)
_HIGH = "高大多贵长重远晚新"
_WHICH = re.compile(
    rf"(?P<column>[\w]+?)最(?P<rank>[高大多贵长重远晚新低小少便短轻近早旧])(?:宜)?的?(?:是|为)?(?:哪(?:一|几)?(?:种|个|位|款|类|样|{_PIECE})|谁|什么)"
    rf"(?P<noun>[\u3400-\u9fff]{{0,4}}?)(?P<also>[，,、；;]?\s*(?:是|要|有|它|价格|单价|又|并且|分别)*(?:多少|几)[元块钱个包{_PIECE[1:-1]}一每/是公斤克米]*)?\s*[？?。]*$"
)
_THINGS = r"种子|东西|物品|商品|货物|品种|产品|物资|的"
_BUYS = (
    r"请问|如果|我们?|想|要|需要|买|购买|订购|订|和|与|以及|还有|一共|总共|共|合计|打折|折后|以后|之后|后|的话|应|该|付|支付|花|得|要花"
    r"|多少|钱|元|块|单价|价格|价钱|在|见|看|按|根据|里面?|中|是|为|总价|费用|各|的|[\s，,。？?、；;：:（）()]"
)


def extreme_thing(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The one row that has the highest or lowest figure; none unless one table has a row for each thing, and no word is left."""
    found = [plan for card in files if (plan := _extreme(goal, card, tools))]
    return found[0] if len(found) == 1 else ()


def asks_which(goal: Spans) -> bool:
    """Whether a thing is asked for, so that its figure alone is half an answer."""
    return is_chinese(goal.goal) and _WHICH.search(_without_paths(goal)) is not None


def _extreme(goal: Spans, card: FileCard, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    selector = next((t for t in tools if _has(t, "columns", "where", "sort_by") and not _has(t, "other")), None)
    text = _TURNED.sub(r"\g<column>最\g<rank>的是\g<which>\g<noun>", _without_paths(goal))
    match = _WHICH.search(text)
    key = _key(card)
    if selector is None or match is None or not is_chinese(goal.goal) or not _is_meant(goal, card) or not key:
        return ()
    figures = [c for c in card.columns if c.type in MEASURABLE and match["column"].endswith(c.name)]
    if not figures or re.search(r"\d", match[0]):
        return ()
    name = figures[0].name
    ahead = text[: match.start()] + match["column"].removesuffix(name)
    known = "|".join(re.escape(word) for word in (PurePosixPath(card.path).stem, key.name, name))
    for rest in (ahead, match["noun"]):
        if re.sub(rf"{known}|{_THINGS}|请问|在|里面?|中|[\s，,、：:]|", "", rest):
            return ()
    row = {"path": card.path, "columns": [key.name, name], "sort_by": name, "limit": 1}
    row |= {"descending": True} if match["rank"] in _HIGH else {}
    return (Call(tool=selector.name, arguments=row),)


def basket_zh(goal: Spans, files: Sequence[FileCard], tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """What so many of each cost together, with the discount that is said; none unless every number counts a thing of the list."""
    found = [plan for card in files if (plan := _bought(goal, card, tools))]
    return found[0] if len(found) == 1 else ()


def _bought(goal: Spans, card: FileCard, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    key = _key(card)
    figures = [c for c in card.columns if c.type in MEASURABLE and re.search(r"价|price", c.name, re.IGNORECASE)]
    if not is_chinese(goal.goal) or not key or len(figures) != 1 or not _is_meant(goal, card):
        return ()
    text = _without_paths(goal)
    if not re.search(r"多少[元块钱]|总价|费用", text):
        return ()
    items: dict[str, float] = {}
    for value in sorted(map(str, key.examples), key=len, reverse=True):
        if match := re.search(
            rf"(?<![\d.])(\d+(?:\.\d+)?)\s*{_PIECE}?\s*(?:的)?{re.escape(value)}(?:{_THINGS})?", text
        ):
            items[value] = float(match[1])
            text = f"{text[: match.start()]} {text[match.end() :]}"
    factor = discount(text)
    text = re.sub(r"打\s*[一二三四五六七八九\d][一二三四五六七八九\d.]{0,3}\s*折", " ", text) if factor else text
    if not items or re.sub(rf"{_BUYS}|{re.escape(figures[0].name)}", "", text):
        return ()
    calls = priced(Basket(key.name, figures[0].name, tuple((n, v) for v, n in items.items())), card.path, tools)
    if not factor or not calls:
        return calls
    query = str(calls[0].arguments["query"]).replace(" END) AS total", f" END) * {factor} AS total")
    return (Call(tool=calls[0].tool, arguments={**calls[0].arguments, "query": query}),)


def _key(card: FileCard) -> Column | None:
    """The column of the things' names: the only text of which each row has another, all of them known."""
    every = [c for c in card.columns if c.type == "text" and c.distinct == card.rows and len(c.examples) == card.rows]
    return every[0] if len(every) == 1 else None


def _is_meant(goal: Spans, card: FileCard) -> bool:
    return not goal.paths or any(card.path == path or card.path.endswith(f"/{path}") for path in goal.paths)


def _without_paths(goal: Spans) -> str:
    text = goal.goal
    for path in goal.paths:
        text = text.replace(path, " ")
    return text.strip()


def _has(tool: ToolCard, *names: str) -> bool:
    return set(names) <= {*tool.parameters.get("properties", {})}
