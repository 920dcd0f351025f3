"""Words of a text as a search sees them: folded, lightly stemmed, Chinese as pairs of characters."""

import re
import unicodedata
from functools import lru_cache

_RUNS = re.compile(
    r"[\u3400-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af]+|[^\W_\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]+"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af]")

STOP = frozenset(
    """a about according acording all also am an and any are as at be been before but by can could did do does doing during
    each every file find for from give go had happen happens has have he her here him his how i if in into is it its just kindly
    know let like look many may me might more most much must my need no not now of off on one only or our out over per please
    quote said same say says see shall she should show so some such take tell than thank that the their them then there
    these they this those through to told too under up us use very want was we were what whats when where which while
    who whom whose why will with would yes you your""".split()
)
"""English words that say nothing about what is sought."""

_STOP_CHINESE = re.compile(
    "什么时候|什么|几点|几天|多久|多长时间|为什么|怎么样|怎么|如何|多少|几个|哪个|哪些|哪里|哪儿|何时|谁|请问|请|告诉我|告诉|一下|根据|里面|里的|"
    "的|了|吗|呢|吧|是|在|由|和|与|及|或|把|被|对|从|到|有|没有|这个|那个|这|那|我们|我|你|他|她|它|为|于|中|里|上|下|之"
)
_HOW = re.compile(
    r"\bhow (?:much|many|long|far|often|old|tall|heavy|fast|big|large|high|late|early|soon)\b", re.IGNORECASE
)
_KEPT_ENDINGS = frozenset("news bus gas lens series species always perhaps thus plus yes".split())


def tokens(text: str) -> list[str]:
    """The stems in order, stop words included; `wind_knots` and `windKnots` are two words, Chinese runs are bigrams."""
    found: list[str] = []
    for run in _RUNS.findall(_CAMEL.sub(" ", unicodedata.normalize("NFKC", text))):
        if _CJK.match(run):
            found += [run[i : i + 2] for i in range(len(run) - 1)] or [run]
        else:
            found.append(stem(run.casefold()))
    return found


def content_words(query: str) -> list[str]:
    """The stems of a query that carry meaning, each once, in order; all of them if it has none but stop words."""
    plain = _HOW.sub(" ", unicodedata.normalize("NFKC", query))
    kept: list[str] = []
    for run in _RUNS.findall(_CAMEL.sub(" ", plain)):
        if _CJK.match(run):
            for part in _STOP_CHINESE.sub(" ", run).split():
                kept += tokens(part)
        elif run.casefold() not in STOP and (len(run) > 1 or run.isdigit()):
            kept.append(stem(run.casefold()))
    return list(dict.fromkeys(kept or tokens(plain)))


def chinese_stretches(query: str) -> list[str]:
    """The Chinese of a query, without what says nothing, in the stretches that are left."""
    runs = [run for run in _RUNS.findall(unicodedata.normalize("NFKC", query)) if _CJK.match(run)]
    return [part for run in runs for part in _STOP_CHINESE.sub(" ", run).split()]


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """Without accents, plural, -ing and -ed; enough to match `rowed` with `rowing`, careful with short words."""
    if not word.isascii():
        word = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isalpha() or word in _KEPT_ENDINGS:
        return word
    if word.endswith("ies"):
        word = word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes")):
        word = word[:-2]
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    for ending in ("ing", "ed"):
        base = word.removesuffix(ending)
        if base != word and len(base) >= 3 and re.search("[aeiouy]", base):
            word = base[:-1] if base[-1] == base[-2] and base[-1] not in "lsz" else base
            break
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    return word[:-1] + "i" if word.endswith("y") and len(word) > 3 and word[-2] not in "aeiou" else word


_IRREGULAR = {
    "paid": "pay", "bought": "buy", "sold": "sell", "met": "meet", "meetings": "meet", "held": "hold", "kept": "keep",
    "left": "leave", "lost": "lost", "made": "make", "making": "make", "makes": "make", "began": "begin", "came": "come",
    "wrote": "write", "written": "write", "men": "man", "women": "woman", "children": "child", "feet": "foot",
    "people": "person", "persons": "person", "data": "data", "does": "do", "using": "use", "used": "use",
}  # fmt: skip

_ALIKE = (
    "pay cost fee price charg euro", "buy purchas", "begin start open", "end finish clos", "phone telephon call",
    "allow permit may", "forbid prohibit ban", "repair fix mend", "boss chief head chair", "responsibl charg lead",
    "maximum max most limit", "minimum min least", "mail email", "car vehicl", "illness sick", "vacat holiday leav",
    "delet remov eras", "wage salari pay", "rent leas", "requir need must", "licenc licens",
)  # fmt: skip
SYNONYMS: dict[str, frozenset[str]] = {}
for _group in _ALIKE:
    for _word in _group.split():
        SYNONYMS[_word] = SYNONYMS.get(_word, frozenset()) | frozenset(_group.split()) - {_word}
