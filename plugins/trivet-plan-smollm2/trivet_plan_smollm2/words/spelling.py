"""Slips, abbreviations and stretches of time that have a name, put as a reader of tables has them."""

import re
from collections.abc import Callable, Sequence

_MONTHS = "January February March April May June July August September October November December".split()
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" if len(name) > 3 else name for name in _MONTHS) + "|Sept"
_ORDINALS = {
    "first": 1,
    "1st": 1,
    "second": 2,
    "2nd": 2,
    "third": 3,
    "3rd": 3,
    "fourth": 4,
    "4th": 4,
    "last": 0,
    "final": 0,
}
_NTH = "|".join(_ORDINALS)
_ZH = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2}
_COMPARATIVES = r"(?!(?:after|order|number|later|over|under|together|either|never)\b)[a-z]{2,}er|more|less"
_SLIPS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"\b({_COMPARATIVES}) then (?=\d|the |in )", re.IGNORECASE), r"\1 than "),
    (re.compile(r"(?<![\w#])(?:no|nr|nbr)\.? of (?=\w)|(?<![\w#])#\s?of (?=\w)", re.IGNORECASE), "number of "),
    (re.compile(r"\bfrom (before|after|between|since) (?=\w)", re.IGNORECASE), r"\1 "),
    (re.compile(r"\bbut (only|just) (?=\w)", re.IGNORECASE), r"\1 "),
    (re.compile(r"\bacc(?:ord)?\. to\b", re.IGNORECASE), "according to"),
    (re.compile(r"\bavg\b\.?", re.IGNORECASE), "average"),
    (re.compile(r"\b(?:an hour and a half|(?:one|1) and a half hours|1\.5 hours)\b", re.IGNORECASE), "90 minutes"),
    (re.compile(r"\b(?:three quarters of an hour|three-quarters of an hour)\b", re.IGNORECASE), "45 minutes"),
    (re.compile(r"\b(?:half an hour|a half[ -]hour)\b", re.IGNORECASE), "30 minutes"),
    (re.compile(r"\b(?:a |one )?quarter of an hour\b", re.IGNORECASE), "15 minutes"),
    (
        re.compile(r"\b(than|over|under) an? (?=(?:hour|minute|day|week|month|year|kilo|tonne|mile)\b)", re.IGNORECASE),
        r"\1 1 ",
    ),
)


def _months(first: int, last: int, year: str) -> str:
    return f"from {_MONTHS[first - 1]} {year} to {_MONTHS[last - 1]} {year}"


def _half(match: re.Match[str]) -> str:
    half = _ORDINALS[match["nth"].lower()] or 2
    return _months(1, 6, match["y"]) if half == 1 else _months(7, 12, match["y"]) if half == 2 else match[0]


def _quarter(match: re.Match[str]) -> str:
    nth = match["nth"]
    quarter = int(nth) if nth.isdigit() else _ORDINALS[nth.lower()] or 4
    return _months(3 * quarter - 2, 3 * quarter, match["y"])


def _zh(match: re.Match[str]) -> str:
    size = 6 if match["half"] else 3
    place = _ZH[match["half"]] if match["half"] else int(match["nth"]) if match["nth"].isdigit() else _ZH[match["nth"]]
    return f"{match['y']}年{size * (place - 1) + 1}月到{match['y']}年{size * place}月"


def _decade(match: re.Match[str]) -> str:
    return f"from {match['decade']}0 to {match['decade']}9"


def _days(match: re.Match[str]) -> str:
    both = [f"{match[day]} {match['name']} {match['y']}" for day in ("d", "e")]
    return f"{match['from'] or ''}{both[0]}{match['to']}{both[1]}"


def _slashed(match: re.Match[str]) -> str:
    one, other = int(match["a"]), int(match["b"])
    if (one > 12) == (other > 12):
        return match[0]  # the third of April or the fourth of March: nobody can tell
    month, day = (other, one) if one > 12 else (one, other)
    return f"{match['y']}-{month:02d}-{day:02d}" if day <= 31 else match[0]


_IN = r"(?:in |during |for |over |of )?(?:the )?"
_TIMES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(rf"\b{_IN}(?P<nth>first|1st|second|2nd|last) half of (?P<y>\d{{4}})\b", re.IGNORECASE), _half),
    (re.compile(rf"\b{_IN}(?P<nth>{_NTH}) quarter of (?P<y>\d{{4}})\b", re.IGNORECASE), _quarter),
    (re.compile(r"\b(?:in |during |for )?Q(?P<nth>[1-4])(?:[ /]| of )(?P<y>\d{4})\b", re.IGNORECASE), _quarter),
    (re.compile(r"(?P<y>\d{4})年?的?(?:(?P<half>[上下])半年|第?(?P<nth>[一二三四1-4])季度)"), _zh),
    (re.compile(r"\b(?:in |during |from )?the (?P<decade>\d{3})0s\b", re.IGNORECASE), _decade),
    (re.compile(rf"\b(?P<from>from |between )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?P<to> (?:and|to|until|till) |\s?[-–]\s?)"
                rf"(?P<e>\d{{1,2}})(?:st|nd|rd|th)? (?P<name>{_NAMES}) (?P<y>\d{{4}})\b", re.IGNORECASE), _days),
    (re.compile(r"(?<![\d/.-])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y>\d{4})(?![\d/])"), _slashed),
)  # fmt: skip


def put_right(goal: str, known_paths: Sequence[str] = ()) -> str:
    """`longer then 5 km` as `longer than 5 km`, `no of rows` as `number of rows`, the second quarter of a year as its months.
    Names of files stay what they are, and so do two such times, which are told apart."""
    for slip, right in _SLIPS:
        goal = slip.sub(right, goal)
    for form, months in _TIMES:
        found = list(form.finditer(goal))
        if len(found) == 1 and not any(found[0][0].strip() in path for path in known_paths):
            goal = goal[: found[0].start()] + months(found[0]) + goal[found[0].end() :]
    return goal
