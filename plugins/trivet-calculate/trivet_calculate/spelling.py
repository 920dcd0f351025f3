"""From the spelling of people and pocket calculators to Python's: `2 × 1,250 + 19%`."""

import re
import unicodedata
from collections.abc import Mapping

_SIGNS = str.maketrans({"×": "*", "·": "*", "∙": "*", "÷": "/", "−": "-", "–": "-", "²": "^2", "³": "^3"})
_REWRITES = (
    (re.compile(r"[$€£¥₹]|(?<=\d)\s*(?:EUR|USD|GBP|euros?|dollars?|元)\b"), ""),
    (re.compile(r"\s*=\s*\??\s*$"), ""),
    (re.compile(r"(\d[\d.]*)\s*%\s*off\s+(?:of\s+)?"), r"(1 - \1/100) * "),
    (re.compile(r"%\s*of\b"), "% *"),
    (re.compile(r"(?<=\d)\s*[xX]\s*(?=\d)"), " * "),
    (re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s*(?=\()"), r"\1 * "),
    (re.compile(r"\^"), "**"),
)
_PERCENT = re.compile(r"(?P<attached>[\w.]+)%(?!\s*[\w.(])|(?P<loose>[\w.]+)\s+%(?=\s*(?:$|[-+*/)]))")


def clean(expression: str, names: Mapping[str, str] | None = None) -> str:
    """Python's spelling of an expression; `names` are replaced by identifiers, whatever characters they hold."""
    text = unicodedata.normalize("NFKC", expression.translate(_SIGNS))
    for name in sorted(names or {}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", (names or {})[name], text)
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    return _with_percents(_without_commas(text))


def _with_percents(text: str) -> str:
    """`12%` becomes `percent(12)`; `10 % 3`, with a number after it, stays a remainder."""
    return _PERCENT.sub(lambda match: f"percent({match['attached'] or match['loose']})", text)


def _without_commas(text: str) -> str:
    """Outside of a function's arguments `1,234.5` loses its comma and `18,35` gets a point."""
    found, is_call = [], []
    calls = {match.end() for match in re.finditer(r"(?<!\w)[^\W\d_]\w*\s*(?=\()", text)}
    for place, char in enumerate(text):
        if char == "(":
            is_call.append(place in calls)
        elif char == ")" and is_call:
            is_call.pop()
        if char != "," or any(is_call):
            found.append(char)
        elif not re.match(r",\d{3}(?!\d)", text[place:]):
            found.append(".")
    return "".join(found)
