"""What a box holds and how large a rectangle is, from its sides: `2.4 m long, 1.1 m wide and 0.35 m deep, how many litres?`"""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.words.spans import without_form

_METRES = {
    "mm": 0.001, "millimetre": 0.001, "millimeter": 0.001, "毫米": 0.001, "cm": 0.01, "centimetre": 0.01, "centimeter": 0.01,
    "厘米": 0.01, "dm": 0.1, "分米": 0.1, "m": 1.0, "metre": 1.0, "meter": 1.0, "米": 1.0,
}  # fmt: skip
_LENGTH = r"(?:(?:milli|centi)?met(?:re|er)s?|mm|cm|dm|m(?![a-z23²³])|毫米|厘米|分米|米)"
_N = r"\d+(?:\.\d+)?"
_SIDES = {"long": "long|in length|长", "wide": "wide|broad|across|in width|宽",
          "deep": "deep|high|tall|thick|in (?:depth|height)|深|高|厚"}  # fmt: skip
_NAMES = {"long": "length|长度?", "wide": "width|breadth|宽度?", "deep": "depth|height|thickness|深度?|高度?|厚度?"}
_SIDE = "|".join(f"(?P<{kind}>{words})" for kind, words in _SIDES.items())
_NAME = "|".join(f"(?P<{kind}>{words})" for kind, words in _NAMES.items())
_BEHIND = re.compile(rf"(?<![\w.,])(?P<n>{_N})\s*-?(?P<unit>{_LENGTH})\s*(?:{_SIDE})(?![a-z])", re.IGNORECASE)
_BEFORE = re.compile(
    rf"(?<![a-z])(?:{_NAME})\s*(?:is|of|:|=|是|为)?\s*(?P<n>{_N})\s*(?P<unit>{_LENGTH})", re.IGNORECASE
)
_TIMES = re.compile(
    rf"(?<![\w.,])(?P<a>{_N})\s*(?P<ua>{_LENGTH})?\s*(?:x|×|by|\*)\s*(?P<b>{_N})\s*(?P<ub>{_LENGTH})?"
    rf"(?:\s*(?:x|×|by|\*)\s*(?P<c>{_N})\s*(?P<uc>{_LENGTH})?)?(?![\w%])",
    re.IGNORECASE,
)
_VOLUMES = (
    (re.compile(r"\b(?:litres?|liters?)\b|升", re.IGNORECASE), 1000.0),
    (re.compile(r"\b(?:cubic met(?:re|er)s?|m3|m³|cbm)(?!\w)|立方米", re.IGNORECASE), 1.0),
    (re.compile(r"\b(?:cubic cent(?:imetre|imeter)s?|cm3|cm³|ml|millilit(?:re|er)s?)(?!\w)|毫升|立方厘米", re.I), 1e6),
)
_AREAS = (
    (re.compile(r"\b(?:square met(?:re|er)s?|m2|m²|sqm)(?!\w)|平方米", re.IGNORECASE), 1.0),
    (re.compile(r"\b(?:square cent(?:imetre|imeter)s?|cm2|cm²)(?!\w)|平方厘米", re.IGNORECASE), 1e4),
)
_OTHER = re.compile(
    r"%|\b(?:half|double|twice|third|quarters?|percent\w*|around|round|circular|diameter|radius|fence|edg\w+"
    r"|perimeter|paint\w*"
    r"|walls?|surface|cylind\w+|cone|triang\w+|bags?|sacks?|buckets?|cost\w*|price|pay|each|per|weigh\w*|heavy"
    r"|minus|without|except"
    r"|margin|gap|below|leav\w+|two|three|four|five|six|several|empty|how (?:long|deep|high|wide|tall))\b"
    r"|一半|周长|袋|桶|每|圆|表面|个",
    re.IGNORECASE,
)
"""Words by which it is another sum, or more than one box."""


def sides_multiplied(goal: str) -> str:
    """The expression; empty unless the goal tells two or three different sides, one unit to tell it in, and nothing else."""
    text = without_form(goal)
    sides, rest = _sides(text)
    if len(sides) not in (2, 3) or re.search(r"\d", re.sub(r"(?<=m)[23]\b", "", rest)) or _OTHER.search(rest):
        return ""
    forms = _VOLUMES if len(sides) == 3 else _AREAS
    if len(sides) == 3 and any(form.search(rest) for form, _ in _AREAS):
        return ""
    sizes = [size for form, size in forms if form.search(rest)]
    if not sizes and len(sides) == 3 and re.search(r"\bvolume\b|体积", rest, re.I) and len({u for _, u in sides}) == 1:
        sizes = [1 / _METRES[sides[0][1]] ** 3]
    if len(sizes) != 1:
        return ""
    factor = sizes[0]
    for _, unit in sides:
        factor *= _METRES[unit]
    product = " * ".join(number for number, _ in sides)
    if abs(factor - 1) < 1e-9:
        return product
    return f"{product} * {factor:.10g}" if factor > 1 else f"{product} / {1 / factor:.10g}"


def _sides(text: str) -> tuple[Sequence[tuple[str, str]], str]:
    """The sides as they are told, with their units, and the text without them; none if one kind of side is told twice."""
    times = [*_TIMES.finditer(text)]
    if len(times) == 1:
        match = times[0]
        units = [match[name] for name in ("ua", "ub", "uc") if match[name[-1]]]
        numbers = [match[name] for name in ("a", "b", "c") if match[name]]
        last = units[-1]
        if last is None:
            return (), text
        sides = [(number, _plain(unit or last)) for number, unit in zip(numbers, units, strict=True)]
        return sides, f"{text[: match.start()]} {text[match.end() :]}"
    for form in (_BEHIND, _BEFORE):
        found = [*form.finditer(text)]
        kinds = [next(kind for kind in _SIDES if match[kind]) for match in found]
        if found and len(set(kinds)) == len(kinds):
            rest = form.sub(" ", text)
            return [(match["n"], _plain(match["unit"])) for match in found], rest
    return (), text


def _plain(unit: str) -> str:
    return re.sub(r"(?<=[re])s$", "", unit.lower())
