"""Prices with and without a share: `129 without the 19% VAT that is included`, `240 plus 7%`, `15% off 80`."""

import re
from collections.abc import Sequence

from trivet_plan_smollm2.prompt import Call, ToolCard
from trivet_plan_smollm2.words.spans import without_form

_MONEY = r"(?:€|\$|£|EUR|USD|euros?|dollars?|pounds?|francs?|yuan|yen)?"
_AMOUNT = rf"{_MONEY}\s*(?P<amount>\d[\d,]*(?:\.\d+)?)\s*{_MONEY}"
_SHARE = r"(?P<share>\d+(?:\.\d+)?)\s*(?:%|per ?cent)"
_TAX = r"(?:\s*(?:of )?(?:VAT|tax|sales tax|GST|service|tip))?"
_ASKED = (
    r"\s*(?:please\s+)?(?:what(?:'s| is| are| would be)|how much (?:is|are)|calculate|work out|compute)?\s*"
    r"(?:the (?:net |gross )?price of )?"
)
_TENTHS = {digit: place for place, digit in enumerate("零一二三四五六七八九")}
_DISCOUNT = re.compile(r"打\s*([一二三四五六七八九\d][一二三四五六七八九\d.]{0,3})\s*折")
_LOT = re.compile(
    r"(?P<count>\d+(?:\.\d+)?)\s*(?P<of>[\u3400-\u9fff])[^\d]*?每(?P=of)\s*(?P<price>\d+(?:\.\d+)?)\s*[元块]"
)
_FORMS: tuple[tuple[str, str], ...] = (
    (rf"{_AMOUNT}\s+(?:without|excluding|before|net of|less|minus)\s+(?:the\s+|its\s+)?{_SHARE}{_TAX}"
     r"(?:,?\s+(?:that (?:is|was)|which (?:is|was)|already)\s+(?:already\s+)?(?:included|contained|in it))",
     "{amount} / (1 + {share} / 100)"),
    (rf"{_AMOUNT}\s+(?:plus|with|including|and)\s+(?:an? )?(?:extra |additional )?{_SHARE}{_TAX}(?: on top| added)?",
     "{amount} * (1 + {share} / 100)"),
    (rf"(?:add )?{_SHARE}{_TAX}\s+(?:to|on top of)\s+{_AMOUNT}", "{amount} * (1 + {share} / 100)"),
    (rf"{_AMOUNT}\s+(?:less|minus|reduced by|with)\s+{_SHARE}(?:\s+(?:off|discount))?", "{amount} * (1 - {share} / 100)"),
    (rf"{_SHARE}\s+off\s+{_AMOUNT}", "{amount} * (1 - {share} / 100)"),
)  # fmt: skip


def share_of_price(goal: str, tools: Sequence[ToolCard]) -> Call | None:
    """The one sum, if the goal is such a question and nothing else."""
    text = without_form(goal)
    lot, factor = _LOT.search(goal), discount(goal)
    if lot and factor and len(re.findall(r"\d+(?:\.\d+)?", _DISCOUNT.sub("", goal))) == 2:
        return _sum(f"{lot['count']} * {lot['price']} * {factor}", tools)
    single = re.fullmatch(
        rf"[^\d]{{0,8}}(\d+(?:\.\d+)?)\s*[元块](?:钱|的[^\d]{{0,6}})?，?(?:{_DISCOUNT.pattern})[^\d]*", goal.strip()
    )
    if single and factor:
        return _sum(f"{single[1]} * {factor}", tools)
    for form, expression in _FORMS:
        match = re.fullmatch(rf"{_ASKED}{form}[\s,?.!]*(?:please[.!]?)?", text.strip(), re.IGNORECASE)
        if match is None:
            continue
        if "discount" not in match[0] and "off" not in match[0] and " with " in f" {match[0]} " and "-" in expression:
            continue  # `with 10%`: more or less, nobody can tell
        return _sum(expression.format(amount=match["amount"].replace(",", ""), share=match["share"]), tools)
    return None


def discount(goal: str) -> str:
    """`打八五折` and `打8.5折` are 0.85 of the price, `打九折` is 0.9; empty if there is none."""
    match = _DISCOUNT.search(goal)
    if match is None:
        return ""
    digits = "".join(str(_TENTHS.get(char, char)) for char in match[1]).replace(".", "")
    return f"0.{digits}" if digits.isdigit() else ""


def _sum(expression: str, tools: Sequence[ToolCard]) -> Call | None:
    for tool in tools:
        required = tool.parameters.get("required", ())
        properties = tool.parameters.get("properties", {})
        if len(required) == 1 and properties[required[0]].get("format") == "expression":
            return Call(tool=tool.name, arguments={required[0]: expression})
    return None
