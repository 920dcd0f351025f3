"""Which column a person means who says "heaviest": everyday words for measures, and the names that columns of them bear."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Column
from trivet_plan_smollm2.words.similarity import stem_words
from trivet_plan_smollm2.words.units import unit_of

_MEASURES: tuple[tuple[str, str], ...] = (
    (
        "heav(?:y|ier|iest)|light(?:er|est)|weighs?|weight|最重|最轻|多重",
        "mass weight kg gram grams g lb lbs tonnes 重量 体重 质量",
    ),
    ("tall(?:er|est)?|how high|身高", "height tall stature 身高 高度"),
    ("old(?:er|est)?|young(?:er|est)?|年龄|最老|最年轻", "age born birth built year founded 年龄 出生"),
    (
        "costs?|expensive|cheap(?:er|est)?|dear(?:er|est)?|pric(?:ey|iest)|最贵|最便宜",
        "price cost eur usd gbp fee amount fare rent value 价格 单价 费用",
    ),
    (
        "fast(?:er|est)?|slow(?:er|est)?|quick(?:er|est)|最快|最慢",
        "speed velocity kmh mph pace duration minutes seconds time 速度",
    ),
    (
        "hot(?:ter|test)?|warm(?:er|est)?|cold(?:er|est)?|cool(?:er|est)|最热|最冷",
        "c tmax tmin temp temperature celsius fahrenheit degrees 温度 气温",
    ),
    ("deep(?:er|est)?|shallow(?:er|est)?|最深", "depth deep 深度"),
    ("thick(?:er|est)?|thin(?:ner|nest)?|最厚|最薄", "pages thickness thick depth 页数 厚度"),
    (
        "long(?:er|est)?|short(?:er|est)?|how long|length|distance|duration|(?:running|playing) time|最长|最短",
        "length duration minutes hours seconds days km miles long 长度 时长",
    ),
    (
        "bright(?:er|est)?|faint(?:er|est)?|dim(?:mer|mest)?|最亮|最暗",
        "magnitude mag brightness luminosity lumen lux 星等 亮度",
    ),
    (
        "how far|far(?:ther|thest)|fur(?:ther|thest)",
        "distance km kilometres kilometers miles mi 距离",
    ),
    ("higher|how high|altitude|海拔", "elevation altitude height 海拔 高度"),
    ("wid(?:e|er|est)|narrow(?:er|est)?|最宽", "width wide span 宽度"),
    ("steep(?:er|est)?|最陡", "climb ascent slope gradient incline elevation 爬升"),
    ("populous|most people|人口最多", "population inhabitants residents people 人口"),
    ("loud(?:er|est)?|noisy|noisiest|quiet(?:er|est)?", "noise loudness db decibel volume"),
    ("windy|windiest|风最大", "wind gust 风速"),
    ("strong(?:er|est)?|weak(?:er|est)?|最强|最弱", "strength force power wind gust 强度"),
    ("moist(?:er|est)?|moisture|humid(?:ity)?|dri(?:er|est)|湿度", "moisture humidity 湿度"),
    (
        "sizes?|how (?:big|large)|(?:bigg|larg|small)(?:er|est)|面积",
        "area size m2 sqm m² acres acre hectares hectare ha sqft capacity surface 面积",
    ),
    (
        "rainy|rainier|rainiest|wet(?:ter|test)|dri(?:er|est)"
        "|(?:how much|most|more|least|less|total|amount of|average|mean) (?:rain|rainfall)"
        r"|(?:mm|cm|millimet(?:er|re)s?|inches) of (?:rain|rainfall)(?: fell| falls?)?|(?:rain|rainfall) (?:fell|falls?)|雨最多",
        "rain rainfall precipitation 降水 雨量",
    ),
    ("paid (?:most|best|least)|earns?|best-paid|工资最高", "salary wage pay income earnings 工资 薪水"),
)


def meant(goal: str, columns: Sequence[Column]) -> list[str]:
    """Names of the number columns that the goal's measure words speak of; empty if none is said or none fits."""
    numbers = [column for column in columns if column.type in ("number", "integer")]
    found = [column.name for column in numbers if "_" in column.name and column.name.lower() in goal.lower()]
    if found:
        return found
    for words, names in _MEASURES:
        if re.search(rf"(?<![a-z])(?:{words})(?![a-z])", goal.lower()):
            known = set(stem_words(names)) | set(names.split())
            found += [column.name for column in numbers if known & parts(column.name)]
    return _of_one_end(goal, list(dict.fromkeys(found)))


def _of_one_end(goal: str, names: list[str]) -> list[str]:
    """Of a highest and a lowest of the day the one that the goal speaks of: the hottest day has the highest maximum."""
    least, most = ([name for name in names if end in name.lower()] for end in ("min", "max"))
    if least and most and (said := re.search(r"\b(?:(hot|warm)|cold|cool)(?:t?e(?:r|st))?\b", goal, re.IGNORECASE)):
        return [name for name in names if name not in (least if said[1] else most)]
    return names


_MONEY = re.compile(
    r"(?<![a-z])(?:spen[dt]s?|spending|pays?|paid|earn\w*|takings|t(?:ake|akes|ook) in|revenues?|turnover|income"
    r"|br(?:ing|ings|ought) in|billed|invoiced|charged|money|cost us"
    r"|expenditures?|bought for|in (?:euros?|dollars?|pounds|francs|yuan))(?![a-z])"
    r"|花了?|付了?|赚|收入|营业额|销售额|营收|花费|消费|多少钱",
    re.IGNORECASE,
)
_BOUNDS = re.compile(
    r"(?<![a-z])(?:min(?:imum)?|max(?:imum)?|limit|budget|target|deposit|quota|reorder)(?![a-z])", re.IGNORECASE
)
"""What a figure should be, and not what it is."""
_SOLD = re.compile(r"(?<![a-z])(?:sold|sells?|selling|sales)(?![a-z])|卖|销量|售出", re.IGNORECASE)
_AMOUNTS = "amount total gross paid revenue turnover sum value income cost spent eur usd gbp 金额 总额 总价 实付 收入"
_PRICES = "price fare fee rent 单价 价格 售价"
_PIECES = "sold quantity qty pieces units amount count number 数量 销量 件数"


def reckoned(goal: str, columns: Sequence[Column]) -> str:
    """What a goal that speaks of money, or of things sold, adds up: the column of amounts, or what was sold times its price.

    Empty if it speaks of neither, or if no column or several could be meant.
    """
    numbers = [
        column.name for column in columns if column.type in ("number", "integer") and not _BOUNDS.search(column.name)
    ]
    amounts, prices, pieces = (_called(names, numbers) for names in (_AMOUNTS, _PRICES, _PIECES))
    pieces = [name for name in pieces if name not in prices]
    if _MONEY.search(goal):
        if paid := [name for name in amounts if name not in prices and not (name in pieces and prices)]:
            return paid[0] if len(paid) == 1 else ""
        if len(prices) == len(pieces) == 1:
            return f"{pieces[0]} * {prices[0]}"
        is_list = not any(column.type in ("date", "datetime") for column in columns)  # prices, and nobody has paid them
        return prices[0] if len(prices) == 1 and not pieces and not is_list else ""
    if _SOLD.search(goal):
        return pieces[0] if len(pieces) == 1 else ""
    return ""


def called_price(name: str) -> bool:
    return bool(_called(_PRICES, [name]))


def called_pieces(name: str) -> bool:
    return bool(_called(_PIECES, [name]))


def _called(names: str, columns: Sequence[str]) -> list[str]:
    known = set(stem_words(names)) | set(names.split())
    return [name for name in columns if known & parts(name)]


def measure_words(goal: str) -> list[re.Match[str]]:
    """Where the goal says a measure in everyday words."""
    return [
        match
        for words, _ in _MEASURES
        for match in re.finditer(rf"(?<![a-z])(?:{words})(?![a-z])", goal, re.IGNORECASE)
    ]


def measures_said(goal: str, columns: Sequence[Column]) -> list[re.Match[str]]:
    """Of these, the ones that some column tells, so that their words are no values: `the most rain`, of a table that tells
    how much it rained and also which days were of `rain`."""
    return [match for match in measure_words(goal) if meant(match[0], columns)]


def parts(name: str) -> set[str]:
    """The words of a column's name, stems and units alike."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])|[_\-./()]+", " ", name)
    words = spaced.lower().split()
    return {*stem_words(spaced), *words, *filter(None, map(unit_of, words))}
