"""Numbers as people write them in tables: `1,234.50`, `1.234,50`, `€ 12`, `12 %`, `(300)`, `3.5 km`."""

import re
import unicodedata
from collections.abc import Collection

import msgspec

PLAIN_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
PLAIN_NUMBER = re.compile(r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")
_CURRENCY = r"US\$|R\$|[€$£¥₹₽₩]|(?:EUR|USD|GBP|CHF|CNY|RMB|JPY|SEK|NOK|DKK|PLN|AUD|CAD|Rs\.?|kr\.?)(?![A-Za-z])"
_DRESSED = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+−]?)\s*(?P<prefix>{_CURRENCY})?\s*(?P<sign2>[-+−]?)"
    r"(?P<digits>\d[\d.,'’ \u00a0\u202f]*|[.,]\d+)(?P<exponent>[eE][+-]?\d{1,3})?"
    r"(?P<gap>\s*)(?P<suffix>[^\d\s.,'()+-]{1,6})?\s*(?P<close>\))?"
)
_TIGHT_SUFFIXES = frozenset(
    "% ‰ € $ £ ¥ ₹ 元 円 kr zł EUR USD GBP CHF km m cm mm kg g mg t l ml cl h min s °C °F °".split()
)
_SPACES = re.compile(r"[ \u00a0\u202f'’]")


_CHINESE = re.compile(r"[\u4e00-\u9fff]{1,3}")


class Notation(msgspec.Struct, frozen=True):
    """How a column writes its numbers: its decimal mark, and whether the other mark groups thousands."""

    decimal: str = "."

    def read(self, text: str) -> int | float | None:
        """The number that `text` writes, without currency, percent sign or unit; None if it writes none."""
        match = _dressed(text)
        if match is None or bool(match["open"]) != bool(match["close"]):
            return None
        digits = _SPACES.sub("", match["digits"])
        group = "," if self.decimal == "." else "."
        whole, mark, fraction = digits.partition(self.decimal)
        if group in fraction or self.decimal in fraction:
            return None
        if group in whole:
            if not re.fullmatch(rf"\d{{1,3}}(?:{re.escape(group)}\d{{3}})+", whole):
                return None
            whole = whole.replace(group, "")
        if len(whole) > 18 or (len(whole) > 1 and whole[0] == "0"):
            return None
        is_negative = (match["sign"] in ("-", "−")) ^ (match["sign2"] in ("-", "−")) ^ bool(match["open"])
        sign = "-" if is_negative else ""
        if mark or match["exponent"]:
            return float(f"{sign}{whole or '0'}.{fraction or '0'}{match['exponent'] or ''}")
        return int(sign + whole)


ENGLISH = Notation(".")
CONTINENTAL = Notation(",")


def _dressed(text: str) -> re.Match[str] | None:
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text.replace("\u202f", " "))
    return _DRESSED.fullmatch(plain.strip())


def notation_of(values: Collection[str], *, prefers_comma: bool = False) -> Notation | None:
    """The notation in which every value is a number, or None if there is none.

    `1,234` alone can be read both ways; it is a thousands separator unless `prefers_comma` says that the file
    writes decimal commas elsewhere (or is delimited by semicolons, which people do for that reason).
    A suffix must be the same in all values, so that `12A`, `14B` stay text.
    """
    suffixes = set()
    for value in values:
        match = _dressed(value)
        if match is None:
            return None
        suffix = match["suffix"] or ""
        if suffix and not match["gap"] and suffix not in _TIGHT_SUFFIXES and not _CHINESE.fullmatch(suffix):
            return None
        suffixes.add(suffix)
    if len(suffixes - {""}) > 1:
        return None
    order: tuple[Notation, ...] = (CONTINENTAL, ENGLISH) if prefers_comma else (ENGLISH, CONTINENTAL)
    if prefers_comma and not any("," in value for value in values) and not _all_grouped(values, "."):
        order = (ENGLISH,)  # `12.5` beside columns with decimal commas is still twelve and a half
    for notation in order:
        if all(notation.read(value) is not None for value in values):
            return notation
    return None


def number(text: str) -> int | float | None:
    """The number that a lone text writes, in whichever notation fits, English first."""
    notation = notation_of([text])
    return notation.read(text) if notation else None


def shown(value: int | float) -> str:
    """A figure for people: at most six decimals, fewer for large numbers, no trailing zeros.

    The full precision stays in the data of a result.
    """
    if isinstance(value, int):
        return str(value)
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.6g}"
    decimals = 6 if size < 100 else 4 if size < 1000 else 3
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _all_grouped(values: Collection[str], mark: str) -> bool:
    pattern = re.compile(rf"[^\d]*\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+[^\d]*")
    return (
        any(mark in value for value in values)
        and all(pattern.fullmatch(value) for value in values if mark in value)
        and not any(value.strip().startswith("0" + mark) for value in values)
    )
