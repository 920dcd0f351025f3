"""Sums told as a story: so many at so much, then more, less, a share off it: `14 crates of 18.5 kg, minus 0.8 kg per crate`."""

import re
from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.words.similarity import stem
from trivet_plan_smollm2.words.spans import NUMBER_WORDS, without_form
from trivet_plan_smollm2.words.unit_words import unit_wanted

_COUNTS = {word: value for word, value in NUMBER_WORDS.items() if word not in ("zero", "one", "twice")}
_NUMBER = re.compile(
    r"(?<![\w.,-])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)(?P<percent>\s?%|\s+per ?cent\b)?(?![\w]|[.,]\d)"
    rf"|(?<![\w-])(?P<word>{'|'.join(_COUNTS)})(?![\w-])",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"\b(?:half|double|twice|triple|third|quarter|average|mean|median|only|every (?:second|other)|except|already"
    r"|before|free|first|"
    r"each other|more than|less than|at least|at most|between|ratio|compound|squared?|cubed?|remainder|how often|split"
    r"|shar(?:e|ed)|"
    r"divid\w+)\b",
    re.IGNORECASE,
)
"""Words by which it is another sum."""
_LINK = r"(?:of|at|for|with|w/?|à|@|x|×|times|each (?:has|have|with|holds?|costs?)|costing|holding|containing|weighing)"
_UNIT = r"(?:\s*(?:€|\$|£|[A-Za-z]+))?"


class _Said(msgspec.Struct, frozen=True):
    value: str
    start: int
    end: int
    is_percent: bool = False


def told_sum(goal: str) -> str:
    """The expression; empty unless every number of the goal has its place in it."""
    text = without_form(goal)
    numbers = [_said(match) for match in _NUMBER.finditer(text)]
    if not 2 <= len(numbers) <= 8 or _OTHER.search(text) or unit_wanted(text) is not None:
        return ""  # a wish for another unit is taken off first
    base = _base(text, numbers)
    if base is None:
        return ""
    expression, noun, used = base
    for place in range(used, len(numbers)):
        step = _step(expression, noun, text, numbers, place)
        if not step:
            return ""
        expression = step
    return expression if used < len(numbers) or " * " in expression else ""


def _said(match: re.Match[str]) -> _Said:
    if match["word"]:
        return _Said(str(_COUNTS[match["word"].lower()]), match.start(), match.end())
    return _Said(match["digits"].replace(",", ""), match.start(), match.end(), bool(match["percent"]))


def _base(text: str, numbers: Sequence[_Said]) -> tuple[str, str, int] | None:
    """What the sum begins with, what is counted in it, and how many numbers that took: a product, a list, an amount."""
    first, second = numbers[0], numbers[1]
    if first.is_percent:
        return None
    between = text[first.end : second.start]
    product = re.fullmatch(
        rf"\s*(?P<noun>(?!(?:is|are|was|to|of|in|what|which|how)\b)[A-Za-z]+)(?:\s+[A-Za-z]+){{0,2}}?\s+{_LINK}\s+(?:€|\$|£)?\s*",
        between,
        re.IGNORECASE,
    )
    if product and not second.is_percent:
        items = _listed(text, numbers, 1)
        if items > 2 and first.value == str(items - 1):  # `3 shows with 118, 94 and 131 people`
            return f"({' + '.join(number.value for number in numbers[1:items])})", "", items
        behind = text[second.end : second.end + 40]
        is_rate = re.match(rf"{_UNIT}(?:\s+[a-z]+)?\s*(?:each|apiece|per|an?|a piece)\b", behind, re.IGNORECASE)
        if (
            re.search(r"\b(?:of|x|×|times|each \w+|holding|containing|weighing)\s*$", between.strip(), re.I)
            or is_rate
            or _is_price(between, second, behind)
        ):
            return f"{first.value} * {second.value}", stem(product["noun"].lower()), 2
        return None
    items = _listed(text, numbers, 0)
    if items > 1:
        return f"({' + '.join(number.value for number in numbers[:items])})", "", items
    return first.value, "", 1


def _is_price(between: str, second: _Said, behind: str) -> bool:
    """`7 cushions at 18.35`: in decimals, or with a currency."""
    is_at = re.search(r"(?:\bat|@|à)\s*(?P<money>[€$£])?\s*$", between, re.IGNORECASE)
    return bool(is_at) and (
        "." in second.value
        or bool(is_at and is_at["money"])
        or bool(re.match(r"\s*(?:€|\$|£|eur|usd|euros?|dollars?|pounds|francs)\b", behind, re.I))
    )


def _listed(text: str, numbers: Sequence[_Said], start: int) -> int:
    """Where the list that begins there ends: numbers with nothing but commas and `and` between them."""
    end = start + 1
    while end < len(numbers) and re.fullmatch(
        r"\s*(?:,|and|,\s*and|&|\+)\s*", text[numbers[end - 1].end : numbers[end].start]
    ):
        end += 1
    return end


def _step(expression: str, noun: str, text: str, numbers: Sequence[_Said], place: int) -> str:
    """The sum with this number taken in; empty if nobody can tell how."""
    number = numbers[place]
    before = text[numbers[place - 1].end : number.start]
    behind = text[number.end : numbers[place + 1].start if place + 1 < len(numbers) else len(text)]
    less = re.search(
        r"\b(?:minus|less|without|subtract(?:ing)?|take away|deduct(?:ing)?)\b[^.?!]*$", before, re.IGNORECASE
    )
    more = re.search(
        r"\b(?:plus|add(?:ing)?|with an? (?:extra|additional)|on top)\b[^.?!]*$|\+\s*$", before, re.IGNORECASE
    )
    if number.is_percent:
        is_given = re.match(r"\s*of (?:it|that|this|the (?:money|total|sum|takings|price))\b", behind, re.IGNORECASE)
        is_left = re.search(r"\b(?:left|remains?|keep|over)\b", text[number.end :], re.IGNORECASE)
        off = less or re.match(r"\s*(?:off|discount|rebate|reduction|cheaper)\b", behind, re.IGNORECASE)
        if off or (is_given and is_left):
            return f"{_bracketed(expression)} * (1 - {number.value} / 100)"
        tax = re.match(
            r"\s*(?:of )?(?:vat|tax|sales tax|gst|tip|service|surcharge|fee|extra|on top|more)\b", behind, re.IGNORECASE
        )
        return f"{_bracketed(expression)} * (1 + {number.value} / 100)" if more or tax else ""
    each = re.match(
        rf"{_UNIT}(?:\s+[A-Za-z]+)?\s+(?:per|for (?:each|every)|an?|each)\s+(?P<noun>[A-Za-z]+)", behind, re.IGNORECASE
    )
    if each and noun and stem(each["noun"].lower()) == noun and (less or more):
        count, _, rest = expression.partition(" * ")
        return (
            f"{count} * ({rest} {'-' if less else '+'} {number.value})"
            if re.fullmatch(r"[\d.]+ \* [\d.]+", expression)
            else ""
        )
    rate = re.search(r"\b(?:at|for|à|@)\s*(?:€|\$|£)?\s*$", before, re.IGNORECASE)
    if rate and re.match(rf"{_UNIT}\s*(?:each|apiece|per|an?|a piece)\b", behind, re.IGNORECASE) and not (less or more):
        return f"{_bracketed(expression)} * {number.value}"
    if each and (less or more):
        return ""
    return f"{expression} {'-' if less else '+'} {number.value}" if bool(less) != bool(more) else ""


def _bracketed(expression: str) -> str:
    return expression if re.fullmatch(r"[\d.]+(?: \* [\d.]+)*|\([^()]*\)", expression) else f"({expression})"
