"""Sums of money with a share in them: what grows by so much each year, what so many people pay for so many nights, what is
left where somebody else pays a share."""

import re

from trivet_plan_smollm2.words.spans import NUMBER_WORDS, without_form

_WORDS = "|".join(word for word in NUMBER_WORDS if word not in ("zero", "twice"))
_MONEY = r"(?:€|\$|£|eur|usd|chf|gbp|euros?|dollars?|pounds?|francs?|yuan|元|块)"
_NUMBER = re.compile(
    rf"(?<![\w.,-])(?:{_MONEY}\s?)?(?P<n>\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_WORDS})(?![\w-]))"
    r"(?:\s*(?P<share>%|per ?cent\b))?",
    re.IGNORECASE,
)
_NUMBER_ZH = re.compile(r"(?P<n>\d[\d,]*(?:\.\d+)?)\s*(?P<share>%)?")
_YEARLY = re.compile(
    r"\b(?:every|each|per|a) year\b|\byearly\b|\bannual(?:ly)?\b|\bp\.?\s?a\.?(?!\w)|每年|年利率", re.IGNORECASE
)
_UP = re.compile(
    r"\b(?:go(?:es|ing)? up|r[io]se[sn]?|rising|gr[oe]ws?|increas\w+|interest|earns?|yields?|climbs?|gains?|up by|more"
    r" expensive|dearer)\b|[涨增]|利率|利息",
    re.IGNORECASE,
)
_DOWN = re.compile(
    r"\b(?:go(?:es|ing)? down|f[ae]lls?|drops?|loses?|shrinks?|depreciat\w+|decreas\w+|declin\w+|down by"
    r"|cheaper)\b|[跌降]|减少|贬值",
    re.IGNORECASE,
)
_YEARS = re.compile(
    rf"\b(?:after|in|over|for)\s+(?P<n>\d{{1,2}}|{_WORDS})\s+years?\b|\b(?P<later>\d{{1,2}}|{_WORDS})\s+years?(?:’|'s?)?"
    r"(?: time)?\s*(?:later|from now|on)\b|(?P<zh>\d{1,2})\s*年(?:之?后|以后)",
    re.IGNORECASE,
)
_NOT_GROWTH = re.compile(
    r"\b(?:simple|total|altogether|in all|sum|only|original|monthly|months?|quarter\w*|how (?:long|many)|when"
    r"|until|double[ds]?"
    r"|first|second|by how much|how much (?:more|less|interest|does it (?:rise|grow))|plus|minus|tax|paid in"
    r"|deposit(?:s|ed)? (?:each"
    r"|every)|add(?:s|ed)?|then|inflation|percentage points?|cap|at most|percent more|between)\b|总共|一共|单利|每月",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\b(?:what|how much)\b|多少", re.IGNORECASE)


def money_with_share(goal: str) -> str:
    """The expression; empty unless every number of the goal has its place in one of these sums."""
    text = without_form(goal)
    return _grown(text) or _stay(text) or _left(text) if _ASKED.search(text) else ""


def _plain(said: str) -> str:
    return str(NUMBER_WORDS[said.lower()]) if said.lower() in NUMBER_WORDS else said.replace(",", "")


def _numbers(text: str) -> tuple[list[str], list[str]]:
    """The plain numbers and the shares."""
    form = _NUMBER_ZH if re.search(r"[\u3400-\u9fff]", text) else _NUMBER
    found = [*form.finditer(text)]
    return [_plain(m["n"]) for m in found if not m["share"]], [m["n"] for m in found if m["share"]]


def _grown(text: str) -> str:
    """`1260 euro and goes up by 3.5% every year. What will it be after four years?`"""
    years = [*_YEARS.finditer(text)]
    if len(years) != 1 or not _YEARLY.search(text) or _NOT_GROWTH.search(text):
        return ""
    match = years[0]
    rest = f"{text[: match.start()]} {text[match.end() :]}"
    amounts, shares = _numbers(rest)
    up, down = _UP.search(rest), _DOWN.search(rest)
    if len(amounts) != 1 or len(shares) != 1 or bool(up) == bool(down):
        return ""
    count = _plain(match["n"] or match["later"] or match["zh"])
    return f"{amounts[0]} * (1 {'+' if up else '-'} {shares[0]} / 100) ** {count}"


_PEOPLE = re.compile(
    rf"(?P<n>\d+|{_WORDS})\s+(?:\w+\s)?(?:people|persons|adults|guests|members|friends|hikers|heads|of us)\b"
    rf"|(?P<zh>\d+)\s*个?人",
    re.IGNORECASE,
)
_NIGHTS = re.compile(rf"(?P<n>\d+|{_WORDS})\s+(?:nights|days)\b|(?P<zh>\d+)\s*(?:晚|天)", re.IGNORECASE)
_EACH = r"(?:each|apiece|(?:per|a) (?:person|head|adult|guest)|pp|p\.p\.)"
_NIGHTLY = r"(?:(?:per|a|an|each|every) (?:night|day)|nightly|daily)"
_PRICE = re.compile(
    rf"(?:{_MONEY}\s?)?(?P<n>\d+(?:\.\d+)?)\s*{_MONEY}?\s*(?:{_EACH}\s*(?:,|and|/)?\s*(?:{_NIGHTLY}|night|day)"
    rf"|{_NIGHTLY}\s*(?:,|and|/)?\s*(?:{_EACH}|person))(?!\w)|每人每[晚天]\s*(?P<zh>\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_OFF = re.compile(
    r"(?P<n>\d+(?:\.\d+)?)\s*(?:%|per ?cent)\s*(?:off|discount|rebate|reduction|less|cheaper|group discount)\b"
    r"|\b(?:less|minus|discount of|reduction of|rebate of)\s+(?P<too>\d+(?:\.\d+)?)\s*(?:%|per ?cent)",
    re.IGNORECASE,
)
_NOT_STAY = re.compile(
    r"\b(?:child\w*|kids?|free|except|only|first|last|second|third|plus|tax|vat|deposit|already|half price"
    r"|share[ds]?|split|each pay"
    r"|(?:does|would|will|must|has) (?:each|everybody|everyone|one)|per person in|left|save[ds]?|more"
    r"|members? pay|breakfast)\b|免费|儿童|每人付",
    re.IGNORECASE,
)


def _stay(text: str) -> str:
    """`5 people, 2 nights, half board at 68 each per night, 10% off for the group`"""
    price = _PRICE.search(text)
    if price is None or _NOT_STAY.search(text):
        return ""
    rest = f"{text[: price.start()]} {text[price.end() :]}"
    found = []
    for form in (_PEOPLE, _NIGHTS):
        each = [*form.finditer(rest)]
        if len(each) != 1:
            return ""
        found.append(_plain(each[0]["n"] or each[0]["zh"]))
        rest = f"{rest[: each[0].start()]} {rest[each[0].end() :]}"
    amount = f"{found[0]} * {found[1]} * {price['n'] or price['zh']}"
    off = _OFF.search(rest)
    rest = f"{rest[: off.start()]} {rest[off.end() :]}" if off else rest
    if any(_numbers(rest)):
        return ""
    return f"{amount} * (1 - {off['n'] or off['too']} / 100)" if off else amount


_PAYS = re.compile(
    r"\b(?P<who>(?:the |our |my )?[a-z]+)\s+(?:(?:will|would|can)\s+)?(?:pays?|covers?|bears?|contributes?"
    r"|refunds?|reimburses?|gives?"
    r"|grants?|finances?|funds?|subsidi[sz]es?|takes?(?: over)?|keeps?|gets?)(?:\s+(?:us|me"
    r"|back))*\s+(?P<n>\d+(?:\.\d+)?)\s*(?:%|per ?cent)",
    re.IGNORECASE,
)
_IS_LEFT = re.compile(
    r"\b(?:how much|what)\b[^.?!]*\b(?:left|remains?|remaining|rest)\b"
    r"|\b(?:how much|what)\b (?:do|must|will|would|should|have) (?P<we>we|i)\b[^.?!]*\b(?:pay|bear|find|raise|contribute)\b",
    re.IGNORECASE,
)
_NOT_LEFT = re.compile(
    r"\b(?:already|up to|at most|at least|first|more than|less than|deposit|vat|tax|discount|months?|years?"
    r"|per|each|every|half|third"
    r"|quarter|another|also|of the (?:rest|remainder)|interest|by)\b",
    re.IGNORECASE,
)


def _left(text: str) -> str:
    """`The canton pays 35% of the solar panels, they cost 14,800. How much is left for us?`"""
    pays, asked = _PAYS.search(text), _IS_LEFT.search(text)
    amounts, shares = _numbers(text)
    if pays is None or asked is None or len(amounts) != 1 or len(shares) != 1 or _NOT_LEFT.search(text):
        return ""
    is_ours = asked["we"] and pays["who"].lower().split()[-1] in ("we", "i")
    return f"{amounts[0]} * {shares[0]} / 100" if is_ours else f"{amounts[0]} * (1 - {shares[0]} / 100)"
