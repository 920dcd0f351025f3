"""What share one figure is of another, and by how many percent two differ: `48 is what percentage of 640?`, `from 80 to 92`."""

import re

from trivet_plan_smollm2.words.spans import without_form

_N = r"[€$£]?\s*(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
_M = r"(?:\s*(?:€|\$|£|eur|euros?|dollars?|pounds?|francs?|people|members|points|kg|km|m|g|litres?|metres?|元|人|%)(?!\w))?"
_PERCENT = r"(?:per ?cent(?:age)?s?|%)"
_ASKED = r"\s*(?:please\s+|and\s+|so\s+)?(?:(?:tell me|calculate|work out|compute)\s+)?"
_END = r"(?:[\s?.!。？]|please|pls)*"
_SHARES = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_ASKED}(?:what|how many|which) {_PERCENT} (?:is|are|of it is) (?P<part>{_N}){_M} (?:of|out of|from)"
        rf" (?P<whole>{_N}){_M}{_END}",
        rf"{_ASKED}(?:what|how many|which) {_PERCENT} of (?P<whole>{_N}){_M} (?:is|are) (?P<part>{_N}){_M}{_END}",
        rf"{_ASKED}(?P<part>{_N}){_M} (?:is|are|makes?) (?:what|how many|which) {_PERCENT} (?:of|out of)"
        rf" (?P<whole>{_N}){_M}{_END}",
        rf"{_ASKED}(?:what (?:is|are)|what's|express|give)?\s*(?P<part>{_N}){_M} (?:of|out of) (?P<whole>{_N}){_M},? "
        rf"(?:as (?:a |in )?|in ){_PERCENT}{_END}",
        rf"{_ASKED}(?:what (?:is|are)|what's|express|give)?\s*(?P<part>{_N}){_M} as (?:a |in )?{_PERCENT} of"
        rf" (?P<whole>{_N}){_M}{_END}",
        rf"{_ASKED}(?P<part>{_N}){_M} (?:of|out of) (?P<whole>{_N}){_M}(?: [a-z]+)?[,;]? (?:what|how many|which) {_PERCENT}"
        rf"(?: is (?:that|this|it))?{_END}",
        rf"(?P<part>{_N}){_M}是(?P<whole>{_N}){_M}的(?:百分之几|百分之多少|多少百分比){_END}",
        rf"(?P<part>{_N}){_M}占(?P<whole>{_N}){_M}的?(?:百分之几|百分之多少|百分比是多少|比例是多少){_END}",
    )
)
_GROWTHS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_ASKED}(?:by )?(?:what|how many|how much|which) (?:in )?{_PERCENT} (?:is|are) (?P<to>{_N}){_M} "
        rf"(?P<way>more|higher|larger|bigger|greater|less|lower|smaller|fewer|cheaper|dearer) than (?P<from>{_N}){_M}{_END}",
        rf"{_ASKED}(?:what(?:'s| is) the )?{_PERCENT} (?:change|increase|decrease|rise|drop|growth|difference)?\s*from "
        rf"(?P<from>{_N}){_M} to (?P<to>{_N}){_M}{_END}",
    )
)
_TOLD = re.compile(rf"\bfrom (?P<from>{_N}){_M} to (?P<to>{_N}){_M}", re.IGNORECASE)
_CHANGED = re.compile(
    r"\b(?:r[oi]se[sn]?|rising|f[ae]ll(?:s|en)?|fell|drop(?:s|ped)?|increas\w*|decreas\w*|g[or]+[eo]?w\w*|went"
    r" up|goes up|went down"
    r"|goes down|went|goes|gone|shr[aiu]nk\w*|chang\w+|climb\w*|cut|reduced|raised)\b",
    re.IGNORECASE,
)
_HOW_MUCH = re.compile(
    rf"\b(?:what|which|how (?:many|much)(?: in)?)\s+{_PERCENT}|\bin {_PERCENT}|\b{_PERCENT} (?:change|increase"
    rf"|decrease|rise|drop)",
    re.IGNORECASE,
)
_CHANGE_BY = re.compile(
    rf"{_ASKED}(?:what(?:'s| is| are| would be)|how much is)?\s*(?P<of>{_N}){_M} (?P<way>increased|raised"
    rf"|reduced|decreased|lowered|cut|discounted)"
    rf" by (?P<share>{_N})\s*(?:%|per ?cent){_END}"
    rf"|{_ASKED}(?:what(?:'s| is| are)|how much is)?\s*(?P<share2>{_N})\s*(?:%|per ?cent) (?P<way2>more|less)"
    rf" than (?P<of2>{_N}){_M}{_END}",
    re.IGNORECASE,
)


def percent_question(goal: str) -> str:
    """The expression; empty unless the goal is one of these questions and has no other number."""
    text = without_form(goal).strip(" ,;")
    text = re.sub(r"[\s,;]+$", "", re.sub(r"\(\s*\)", "", text))
    for form in _SHARES:
        if match := form.fullmatch(text):
            return f"{_plain(match['part'])} / {_plain(match['whole'])} * 100"
    for form in _GROWTHS:
        if match := form.fullmatch(text):
            start, end = _plain(match["from"]), _plain(match["to"])
            is_less = "way" in match.groupdict() and match["way"].lower() in (
                "less",
                "lower",
                "smaller",
                "fewer",
                "cheaper",
            )
            return f"({start} - {end}) / {start} * 100" if is_less else f"({end} - {start}) / {start} * 100"
    if match := _CHANGE_BY.fullmatch(text):
        of, share = match["of"] or match["of2"], match["share"] or match["share2"]
        is_more = (match["way"] or match["way2"]).lower() in ("increased", "raised", "more")
        return f"{_plain(of)} * (1 {'+' if is_more else '-'} {_plain(share)} / 100)"
    told = _TOLD.search(text)
    around = f"{text[: told.start()]} {text[told.end() :]}" if told else ""
    if told and not re.search(r"\d", around) and _HOW_MUCH.search(around) and _CHANGED.search(around):
        start, end = _plain(told["from"]), _plain(told["to"])
        return f"({end} - {start}) / {start} * 100"
    return ""


def _plain(number: str) -> str:
    return re.sub(r"[€$£,\s]", "", number)
