"""Sums of figures with units, told by what their units measure: `15.4 km in 78 minutes, how fast is that in km/h?`,
`how long for 18 km at 9.5 km/h?`, `1 h 20 min plus 45 minutes`."""

import re
from collections.abc import Sequence
from itertools import pairwise

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.words.dimensions import UNIT, Dimension, dimension
from trivet_plan_smollm2.words.quantities import Quantity, quantities
from trivet_plan_smollm2.words.spans import Spans, without_form

_MORE = re.compile(
    r"%|\b(?:percent\w*|discount\w*|except|without|left|remain\w*|chang\w+|extra|free|already|half|double|twice|triple"
    r"|another|additional\w*|break|breaks|rest(?:s|ed|ing)?|stop(?:s|ped)?|pause\w*|waits?|waiting|faster|slower|more|fewer"
    r"|every (?:second|other)|each other|return|round trip|there and back|back|current|upstream|downstream|against|until"
    r"|only|minus|less|than|under|over|above|below|at (?:least|most)|between|up to|who|first|second half|third"
    r"|both|together|average of|people|persons|vat|tax)\b|往返|来回|休息|一半|折",
    re.IGNORECASE,
)
"""Words by which it is another sum."""
_WANTED = (
    re.compile(
        rf"(?:\bin(?:to)?|\bas|[,;(])\s*(?P<unit>{UNIT})(?:,? please|,? pls)?\s*\)?\s*[?.!]*\s*$", re.IGNORECASE
    ),
    re.compile(rf"\bhow (?:many|much)\s+(?P<unit>{UNIT})", re.IGNORECASE),
    re.compile(rf"(?:speed|pace|consumption|rate|price|cost|average)(?:\s+\w+)?\s+in (?P<unit>{UNIT})", re.IGNORECASE),
    re.compile(rf"(?:多少|几)(?P<unit>{UNIT})"),
)
_PER = re.compile(
    rf"\b(?P<what>price|cost|costs?|pace|speed|consumption|how much)\b[^?]*?\b(?:per|for (?:one|a|each)|an?|each|/)\s*"
    rf"(?P<unit>{UNIT})",
    re.IGNORECASE,
)
_FORMS = (
    ("length", re.compile(r"\bhow far\b|\b(?:what|which) distance\b|多远", re.IGNORECASE)),
    ("time", re.compile(r"\bhow long\b(?! is\b)|\bhow much time\b|多久|多长时间|(?:多少|几)时间", re.IGNORECASE)),
    ("speed", re.compile(r"\bhow fast\b|\b(?:what|which)(?:'s| is| was)? (?:\w+ ){0,2}speed\b|时速|速度(?:是|为"
    r"|有)?多|多快", re.IGNORECASE)),
    ("use", re.compile(r"\bconsumption\b|油耗", re.IGNORECASE)),
    ("money", re.compile(r"\bwhat (?:does|do|will) .* cost\b|\bhow much\b[^?]* cost\b|多少钱", re.IGNORECASE)),
    ("pace", re.compile(r"\bpace\b(?! of\b)|配速", re.IGNORECASE)),
)  # fmt: skip
_HOW_MUCH = re.compile(r"\bhow much\b|多少", re.IGNORECASE)


def of_quantities(goal: Spans, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    """The sum, and where it brings a time without a unit's being wished, the same in hours and minutes; none unless all
    figures have units, and these leave one way only to what is wanted."""
    text = without_form(goal.goal)
    text = re.sub(r"时速(?=\s*\d)", "每小时", text)
    found = quantities(text)
    tool = reckoner(tools)
    if tool is None or goal.paths or goal.dates or goal.quoted or found is None or len(found) > 6:
        return ()
    name = tool.parameters["required"][0]
    if added := _added(text, found):
        expression, unit, is_told = added
        call = Call(tool=tool.name, arguments={name: expression})
        return (call,) if is_told else (call, *told_in_hours(unit, tools))
    if len(found) > 3 or _MORE.search(text):
        return ()
    wanted, is_told = _wanted(text, found)
    end = dimension(wanted) if wanted else None
    if end is None and _HOW_MUCH.search(text):
        wanted, end = _only_simple(found)
    expression = _only_way(found, end) if end is not None else ""
    if not expression:
        return ()
    call = Call(tool=tool.name, arguments={name: expression})
    return (call,) if is_told or end is None or end.kind != "time" else (call, *told_in_hours(wanted, tools))


def _added(text: str, found: Sequence[Quantity]) -> tuple[str, str, bool] | None:
    """Quantities of one kind with nothing but plus and minus between them: the sum in the smallest unit, that unit, and
    whether the goal asks for it or for another one, in which it is told then."""
    if len(found) < 2 or any(each.dimension.powers != found[0].dimension.powers for each in found):
        return None
    if not found[0].dimension.is_simple or found[0].dimension.kind == "money":
        return None
    signs: list[str] = []
    is_listed = re.search(r"\b(?:add|sum of|add up|total of|altogether|in total)\b|一共|总共", text, re.IGNORECASE)
    for one, other in pairwise(found):
        between = text[one.end : other.start].strip().lower()
        if re.fullmatch(r"(?:\+|plus|and then|加上?)", between) or (
            is_listed and re.fullmatch(r"(?:,|and|, and|&|to|、|和)", between)
        ):
            signs.append("+")
        elif re.fullmatch(r"(?:-|−|–|minus|less|减去?)", between):
            signs.append("-")
        else:
            return None
    around = f"{text[: found[0].start]} {text[found[-1].end :]}"
    smallest = min(found, key=lambda each: each.dimension.size)
    mixed = re.search(r"\bin hours and minutes\b", around, re.IGNORECASE)
    wished = None if mixed else next((m for form in _WANTED if (m := form.search(around))), None)
    around = re.sub(
        rf"\b(?:in|as)\s+(?:hours and minutes|{UNIT})|\bhow (?:many|much)\s+{UNIT}", " ", around, flags=re.I
    )
    if _MORE.search(around) or not _SUM_ONLY.fullmatch(around):
        return None
    size = smallest.dimension.size
    if wished is not None:
        target = dimension(wished["unit"])
        if target is None or target.powers != smallest.dimension.powers:
            return None
    terms = [_in_size(each, size) for each in found]
    expression = terms[0] + "".join(f" {sign} {term}" for sign, term in zip(signs, terms[1:], strict=True))
    if wished is not None:
        factor = size / dimension(wished["unit"]).size  # type: ignore[union-attr]
        return (_scaled(f"({expression})", factor), wished["unit"], True)
    return expression, smallest.said, smallest.dimension.kind != "time"


_SUM_ONLY = re.compile(
    r"(?:\s|[?.!,:=？。，]|\b(?:what|is|are|s|how|much|many|long|calculate|compute|work|out|add|up|the|sum|of|total|altogether|in|please"
    r"|tell|me|does|do|make|that|together|to|it|takes?|and)\b|'s|是|多少|等于|一共|总共|多长时间|多久)*",
    re.IGNORECASE,
)


def _in_size(quantity: Quantity, size: float) -> str:
    ratio = quantity.dimension.size / size
    return quantity.value if ratio == 1 else f"{quantity.value} * {ratio:.10g}"


def told_in_hours(unit: str, tools: Sequence[ToolCard]) -> tuple[Call, ...]:
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        numbers = [key for key, schema in properties.items() if schema.get("type") in ("number", "integer")]
        units = [key for key, schema in properties.items() if schema.get("format") == "unit"]
        if len(numbers) == 1 and len(units) == 2:
            arguments = {numbers[0]: {"$ref": "s1#/value"}, units[0]: unit, units[1]: "hours and minutes"}
            return (Call(tool=tool.name, arguments=arguments),)
    return ()


def _wanted(text: str, found: Sequence[Quantity]) -> tuple[str, bool]:
    """The unit that the answer is to have, and whether the goal says it; empty if nobody can tell."""
    kept = list(text)
    for each in found:
        kept[each.start : each.end] = " " * (each.end - each.start)
    rest = "".join(kept)
    if per_hour := re.search(rf"(?:时速|每小时|每分钟|每秒)[^，。？?]*?(?:多少|几)(?P<unit>{UNIT})", rest):
        time = next(unit for unit in ("秒", "分钟", "小时") if unit in per_hour[0] or unit == "小时")
        return f"{per_hour['unit']} per {time}", True
    for form in _WANTED:
        if (match := form.search(rest)) and dimension(match["unit"]) is not None:
            told = match["unit"]
            behind = re.match(rf"\s*(?:is (?:that|it|this) )?(?:per|an?|each|every)\s+(?P<unit>{UNIT})",
                              rest[match.end() :], re.IGNORECASE)  # fmt: skip
            return (f"{told} per {behind['unit']}" if behind else told), True
    if per := _PER.search(rest):
        below = dimension(per["unit"])
        kind = "money" if per["what"].lower() in ("price", "cost", "costs", "how much") else ""
        kind = kind or {"pace": "time", "consumption": "volume", "speed": "length"}[per["what"].lower()]
        unit = next((each.said for each in found if each.dimension.kind == kind), "")
        if below is not None and unit:
            return f"{unit if kind != 'time' else 'min'} per {per['unit']}", True
    said = {each.dimension.kind: each.said for each in found if each.dimension.is_simple}
    kinds = [kind for kind, form in _FORMS if form.search(rest)]
    if len(kinds) != 1:
        return "", False
    if kinds[0] == "speed":
        length = said.get("length", "").lower()
        if not length or "time" not in said:
            return "", False
        is_small = length.startswith(("m", "米")) and dimension(length) == dimension("m")
        per_time = said["time"] if is_small and dimension(said["time"]) == dimension("s") else "h"
        return ("" if is_small and per_time == "h" else f"{length} per {per_time}"), True
    if kinds[0] == "pace":
        return (f"min per {said['length']}" if {"length", "time"} <= said.keys() else ""), True
    if kinds[0] == "use":
        return ("l per 100 km" if {"volume", "length"} <= said.keys() else ""), True
    if kinds[0] == "length":
        unit = next((part for each in found if (part := _part(each, "length"))), "")
        return unit, True
    if kinds[0] == "money":
        return next((part for each in found if (part := _part(each, "money"))), ""), True
    return "min", False


def _part(quantity: Quantity, kind: str) -> str:
    """`km`, of `9.5 km/h`."""
    if "knot" in quantity.said.lower() and kind == "length":
        return "nmi"
    if quantity.said.lower() in ("kmh", "kph", "kmph") and kind == "length":
        return "km"
    if quantity.said.lower() == "mph" and kind == "length":
        return "miles"
    first = re.split(r"\s*(?:/|\bper\b|\b(?:an?|each|every)\b)\s*", quantity.said.lower())[0]
    alone = dimension(first)
    is_money = quantity.said in "€$£"
    return first if (alone is not None and alone.kind == kind) or (is_money and kind == "money") else ""


def _only_simple(found: Sequence[Quantity]) -> tuple[str, Dimension | None]:
    """`litres`, of a figure per km and one in km: what the two make together, if that is a plain unit of one of them."""
    if len(found) != 2:
        return "", None
    product = found[0].dimension.times(found[1].dimension)
    unit = next((part for each in found if product.kind and (part := _part(each, product.kind))), "")
    return unit, dimension(unit) if unit else None


def _in_proportion(found: Sequence[Quantity], wanted: Dimension) -> str:
    """`750 g cost 9.60 euro, what do 2 kg cost?`"""
    kinds = [each.dimension.kind for each in found]
    other = next((place for place, kind in enumerate(kinds) if kind == wanted.kind), -1)
    if not wanted.kind or other < 0 or kinds.count(wanted.kind) != 1 or len({*kinds}) != 2 or not all(kinds):
        return ""
    known, asked = {0: (1, 2), 1: (0, 2), 2: (1, 0)}[other]
    ratio = found[asked].dimension.size / found[known].dimension.size
    expression = f"{found[other].value} / {found[known].value} * {found[asked].value}"
    return _scaled(expression, ratio * found[other].dimension.size / wanted.size)


def _only_way(found: Sequence[Quantity], wanted: Dimension) -> str:
    """The one product or quotient that measures what is wanted; a single figure in another unit; empty if there is none."""
    if len(found) == 3:
        return _in_proportion(found, wanted)
    if len(found) == 1:
        one = found[0]
        return _scaled(one.value, one.dimension.size / wanted.size) if one.dimension.powers == wanted.powers else ""
    one, other = found
    ways = (
        (f"{one.value} * {other.value}", one.dimension.times(other.dimension)),
        (f"{one.value} / {other.value}", one.dimension.times(other.dimension, -1)),
        (f"{other.value} / {one.value}", other.dimension.times(one.dimension, -1)),
    )
    fitting = [_scaled(text, got.size / wanted.size) for text, got in ways if got.powers == wanted.powers]
    return fitting[0] if len(fitting) == 1 else ""


def _scaled(expression: str, factor: float) -> str:
    if abs(factor - 1) < 1e-12:
        return expression
    if factor < 1 and abs(round(1 / factor) * factor - 1) < 1e-9:
        return f"{expression} / {round(1 / factor)}"
    return f"{expression} * {factor:.12g}"


def reckoner(tools: Sequence[ToolCard]) -> ToolCard | None:
    """The tool that works an expression out, and takes nothing else that it must have."""
    for tool in tools:
        required = tool.parameters.get("required", ())
        if len(required) == 1 and tool.parameters["properties"][required[0]].get("format") == "expression":
            return tool
    return None
