"""Sums that are said in words and nothing else: `what is 15% of 640?`, `sqrt(2) times 350`, `2 to the power of 12`,
`640的15%`."""

import ast
import re

from trivet_plan_smollm2.words.spans import NUMBER_WORDS, without_form

_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+"
_ASKED = re.compile(
    r"^\s*(?:(?:please|can you|could you|now|and|so|ok|hi|hey)[\s,:]+)*"
    r"(?:(?:what(?:['’]?s| is| are| does| do| would be)?|how (?:much|many) (?:is|are|does|do|makes?)?|calculate|compute"
    r"|work out|figure out|evaluate|solve|tell me|give me|reckon|请?计算(?:一下)?|算(?:一下)?|请问|求)[\s,:：]*)*"
    r"(?:the (?:result|value|answer|outcome) of\s+)?",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"(?:[\s,;]*(?:equals?|make|come to|please|pls|thanks|thank you|exactly|altogether|round(?:ed)?(?: off)?(?:"
    r" to)?|in total|保留|结果|等于多少|是多少"
    r"|等于几|等于|得多少|多少|=|\?|？|!|\.|。|，))*\s*$",
    re.IGNORECASE,
)
_COUNTS = {word: str(value) for word, value in NUMBER_WORDS.items() if word != "twice"}
_FRACTIONS = {"half": "1/2", "a third": "1/3", "a quarter": "1/4", "two thirds": "2/3", "three quarters": "3/4"}
_TOKENS: tuple[tuple[str, str], ...] = (
    (r"(?:the )?square root of\s+(?P<root>\d[\d,]*(?:\.\d+)?)", r"sqrt(\g<root>)"),
    (r"(?:the )?cube root of\s+(?P<root>\d[\d,]*(?:\.\d+)?)", r"cbrt(\g<root>)"),
    (r"(?:根号|√)\s*(?P<root>\d[\d,]*(?:\.\d+)?)", r"sqrt(\g<root>)"),
    (r"(?P<f>sqrt|cbrt|log10|log2|log|ln|exp|abs|sin|cos|tan)\s*(?=\()", r"\g<f>"),
    (r"(?:the )?factorial of\s+(?P<of>\d+)|(?P<of2>\d+)\s*!(?=\s|$)", "factorial"),
    (r"\b(?:multiplied by|times)\b|乘以|乘", "*"),
    (r"(?<=[\d)\s])[xX×·](?=[\s\d(])", "*"),
    (r"\bdivided by\b|÷|除以", "/"),
    (r"\bplus\b|加上?", "+"),
    (r"\bminus\b|减去?|−", "-"),
    (r"\b(?:to the power of|raised to(?: the power of)?|to the)\b|的?(?=\d+次方)", "**"),
    (r"(?<=\d)(?:st|nd|rd|th) power\b|次方", ""),
    (r"\bsquared\b|的?平方", "**2"),
    (r"\bcubed\b|的?立方", "**3"),
    (r"\bmod(?:ulo)?\b", "% "),
    (r"(?:%|\bper ?cent\b)\s*of\b(?:\s+the\b)?", "% of "),
    (r"\bper ?cent\b", "%"),
    (r"\b(?P<fraction>half|a third|a quarter|two thirds|three quarters)(?: of)?\b(?! an?\b)", "fraction"),
    (r"(?<=\d/\d) of\b|(?<=\d/\d\d) of\b", " *"),
    (r"\bpi\b|π", "pi"),
    (r"€|\$|£|(?:\b|(?<=\d))(?:euros?|eur|dollars?|usd|pounds?|francs?|yuan)\b|元", ""),
    (rf"{_NUMBER}", "number"),
    (rf"\b(?:{'|'.join(sorted(_COUNTS, key=len, reverse=True))})\b(?!-)", "word"),
    (r"\*\*|\^|[-+*/()%]", "same"),
    (r"\s+", " "),
)
_TOKEN = [(re.compile(form, re.IGNORECASE), kind) for form, kind in _TOKENS]
_LIST = re.compile(
    rf"(?:the )?(?P<what>sum|total|product|average|mean|median|largest|smallest|maximum|minimum|max|min)(?: number| figure)? of"
    rf"(?: the numbers)?:?\s*(?P<list>(?:{_NUMBER})(?:(?:\s*,\s*(?:and\s+)?|\s+and\s+|\s*;\s*|\s+)(?:{_NUMBER}))+)",
    re.IGNORECASE,
)
_LISTS = {"sum": "sum", "total": "sum", "average": "mean", "mean": "mean", "median": "median", "largest": "max",
          "maximum": "max", "max": "max", "smallest": "min", "minimum": "min", "min": "min"}  # fmt: skip
_SHARE_ZH = re.compile(rf"(?P<of>{_NUMBER})\s*的\s*(?:(?P<share>{_NUMBER})\s*%|百分之(?P<share_too>{_NUMBER}))")
_PARTS_ZH = re.compile(
    rf"(?P<of>{_NUMBER})\s*的\s*(?P<below>{_NUMBER}|[二三四五六七八九十])分之(?P<above>{_NUMBER}|[一二三四五六七八九])"
)
_DIGITS_ZH = {digit: str(place) for place, digit in enumerate("零一二三四五六七八九十")}


def spoken_sum(goal: str) -> str:
    """The expression; empty if any word says something else, or if nothing is to be reckoned."""
    text = re.sub(r"\bcan you\b", " ", without_form(goal), flags=re.IGNORECASE)
    text = _ASKED.sub("", text, count=1)
    text = _ENDING.sub("", text, count=1).strip()
    if match := _LIST.fullmatch(text):
        numbers = [each.replace(",", "") for each in re.findall(_NUMBER, match["list"])]
        what = match["what"].lower()
        return " * ".join(numbers) if what == "product" else f"{_LISTS[what]}({', '.join(numbers)})"
    text = _SHARE_ZH.sub(lambda m: f"{m['share'] or m['share_too']}% of {m['of']}", text)
    text = _PARTS_ZH.sub(lambda m: f"{m['of']} * {_digit(m['above'])} / {_digit(m['below'])}", text)
    expression = _translated(text)
    return expression if expression and _is_sum(expression) else ""


def _translated(text: str) -> str:
    done, place, is_bound = "", 0, False
    while place < len(text):
        for form, kind in _TOKEN:
            match = form.match(text, place)
            if match is None or match.end() == place:
                continue
            if re.match(r"(?:the )?(?:square|cube) root of", match[0], re.IGNORECASE) or kind == "fraction":
                is_bound = True
            done += _said(match, kind)
            place = match.end()
            break
        else:
            return ""
    if is_bound and re.search(r"[-+*/%](?!\*2\b)", re.sub(r"^(?:sqrt|cbrt)\([\d.]+\)|^\(\d/\d\) \*", "", done.strip())):
        return ""  # `half of 30 plus 12`: nobody can tell what is halved
    done = re.sub(r"(?<=\d) +(?=% of\b|%\s*$|\*\*\d)", "", done)
    return re.sub(r"\s+", " ", done).strip()


def _said(match: re.Match[str], kind: str) -> str:
    if kind == "number":
        return match[0].replace(",", "")
    if kind == "word":
        return _COUNTS[match[0].lower()]
    if kind == "factorial":
        return f"factorial({match['of'] or match['of2']})"
    if kind == "fraction":
        return f"({_FRACTIONS[match['fraction'].lower()]}) * "
    if kind == "same":
        return match[0].replace("^", "**")
    return match.expand(kind).replace(",", "") if "\\g" in kind else f" {kind} " if kind.strip() else kind or " "


def _digit(said: str) -> str:
    return _DIGITS_ZH.get(said, said)


def _is_sum(expression: str) -> bool:
    """Whether it can be worked out, and is more than a number, a date or a code: `2024-11-07`."""
    if re.fullmatch(r"\d{4} ?- ?\d\d? ?- ?\d\d?|\d+(?: ?[/.] ?\d+){2}|[\d.]+%?|-?[\d.]+", expression):
        return False
    plain = re.sub(r"%\s*of\b", "/100 *", expression)
    plain = re.sub(r"%(?!\s*[\w.(])", "/100", plain)
    try:
        tree = ast.parse(plain.strip(), mode="eval")
    except (SyntaxError, ValueError):
        return False
    return any(isinstance(node, ast.BinOp | ast.Call) for node in ast.walk(tree))
