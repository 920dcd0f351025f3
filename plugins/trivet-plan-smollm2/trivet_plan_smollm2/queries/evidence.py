"""What a query takes from nowhere, and what of the goal it leaves out; such a query is not used."""

import difflib
import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from trivet_plan_smollm2.evidence import in_other_units, unused
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.requests.wishes import without_names
from trivet_plan_smollm2.words.cues import says_each
from trivet_plan_smollm2.words.periods import periods_in
from trivet_plan_smollm2.words.similarity import ROOT, stem_words
from trivet_plan_smollm2.words.spans import Spans, has_cjk
from trivet_plan_smollm2.words.units import unit_of

ALIKE = 0.8
"""Ratio of equal letters from which a value is a word of the goal, mistyped."""
KNOWN = frozenset({0.0, 1.0, 2.0, 7.0, 12.0, 24.0, 60.0, 100.0, 365.0, 1000.0, 3600.0})
"""Numbers of everyday arithmetic."""
_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_DATE = re.compile(r"(\d{4})-(\d\d)")
_FLAG = re.compile(
    r"([\w\"]+)\s*(?:=|!=|<>|\bIS\b)\s*(?:NOT\s+)?(?:TRUE|FALSE|'(?:yes|no|true|false|y|n|是|否)')", re.IGNORECASE
)
_NUMBER = re.compile(r"(?<![\w.'\"])\d+(?:\.\d+)?(?![\w.'\"])")
_FORM = re.compile(r"\bround\s*\((?P<inside>.*?),\s*\d\s*\)|\bINTERVAL\b\s*'?\d*'?", re.IGNORECASE | re.DOTALL)
_GROUPED = re.compile(r"\bGROUP\s+BY\b|\bOVER\b|\bDISTINCT\b", re.IGNORECASE)
_COUNT = re.compile(r"\bcount\s*\(\s*\*", re.IGNORECASE)
_ASKING = re.compile(
    r"\b(?:how (?:much|many|often|long)|which|what|who|when|where)\b|多少|几(?=[\u4e00-\u9fff])|哪|谁", re.IGNORECASE
)
_AGAIN = re.compile(
    r"(?:\band|&|[?？.]|其中|[，,])\s*(?:(?:on|in|at|by|with|of|for) )?"
    r"(?:how (?:much|many|often|long)|which|what|who|when|where)\b"
    r"|[?？，,][^?？，,]*(?:多少|几(?=[\u4e00-\u9fff])|哪|谁)",
    re.IGNORECASE,
)
_TIMED = re.compile(
    r"'\d{4}|'%?-\d\d|month|year|strftime|date_|extract|quarter|(?<!\d)(?:19|20)\d\d(?!\d)", re.IGNORECASE
)
_UNITS_OF_TIME = frozenset({"s", "min", "h", "day", "week", "month", "year"})
_TIMES = frozenset(stem_words("day days date month week year hour time minute second"))
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]+(?: [A-Z][a-z]+)+\b")
"""`Ridge Line`, of two words or more, and not as a sentence begins."""
_TO_ITSELF = re.compile(r"(?<![\w.])([a-z_][\w.]*)\s*-\s*\1(?![\w.(])", re.IGNORECASE)
"""`kg - kg`, which is nothing whatever is there."""
_TALK = re.compile(r"\bAS\s+\"?(\w+)\"?", re.IGNORECASE)
_ON_DAYS = re.compile(r"(?:(?<![<>!])=|\bIN\s*\()\s*((?:'\d{4}-\d\d-\d\d'[\s,]*)+)", re.IGNORECASE)
_COUNTS = re.compile(r"\bcount\s*\(", re.IGNORECASE)
_MEAN = r"\b(?:averages?|mean)\b|平均"
_SUM = r"\b(?:in total|altogether|total|sum)\b|总共|合计|一共"
_WISHES = {
    _MEAN: r"\bavg\s*\(|/|\bmean\s*\(",
    r"\bmedian\b|中位数": r"\bmedian|quantile",
    r"\bpercent(?:age)?\b|%|百分": r"\b100(?:\.0*)?\b",
    _SUM: r"\b(?:sum|count)\s*\(|\+",
    r"\b(?:how (?:much|many) (?:more|less|fewer|\w+er)|by how (?:much|many)|difference)\b|相差|[多少]多少": (
        r"\s-\s|date_diff|datediff"
    ),
    r"\b(?:which|what|each|every|per|by) month\b|哪个月|每个?月|按月": r"month|strftime|date_trunc|substr|left\s*\(|月",
    r"\b(?:which|what|each|every|per|by) year\b|哪一?年|每年|按年": r"year|strftime|date_trunc|substr|left\s*\(|年",
    r"\b(?:which|what|each|every|per|by) hour\b": r"hour|strftime|date_trunc|substr",
    r"\b(?:day of the week|weekday)\b|星期几|周几": r"dayname|dayofweek|dow|strftime|weekday|星期|周",
    r"\bsecond[ -](?:most|best|largest|highest|longest|biggest|busiest|lowest|smallest|oldest)\b|第二": (
        r"\boffset\s+1\b|\brank\b|row_number|\blimit\s+2\b|nth_value"
    ),
}
"""What the goal asks for, and what a query that does it has."""


def faults(
    goal: Spans,
    sql: str,
    cards: Sequence[FileCard],
    listing: Sequence[str],
    calls: Sequence[Call],
    shape: tuple[int, int] = (1, 2),
    is_list: bool = False,
) -> list[str]:
    """In a few words each; empty if all is as the goal says. `calls` is the whole plan, `shape` how many rows and columns
    it finds; `is_list`: many rows, of figures that nothing is named beside."""
    missing = [each for each in unused(goal, calls, cards, listing) if not each.startswith("the word for")]
    if _wants_groups(goal.goal) and not _GROUPED.search(sql):
        missing.append("the word for 'each'")
    if shape == (1, 1) and asks_twice(goal.goal):
        missing.append("both questions")
    if is_list and _asks_one_figure(goal.goal):
        missing.append("one figure for all")
    missing += _uncounted(goal, sql)
    missing += [f"the groups of {name}" for name in _fixed(sql) & _grouped_by(sql)]
    if _is_bare(sql, cards) or _TO_ITSELF.search(sql):
        missing.append("the tables")
    if _days_for_periods(goal, sql):
        missing.append("the whole time that is said, and not one day of it")
    if not _is_of_the_matter(goal, sql, cards):
        missing.append("the matter")
    if _COUNTS.search(sql) and not re.search(r"\bJOIN\b|\bWITH\b|\(\s*SELECT\b", sql, re.IGNORECASE):
        missing += [f"a figure for each {name}, of which there is one row" for name in _grouped_by(sql) & _keys(cards)]
    known = " ".join(stem_words(re.sub(r"[_\W]+", " ", sql)))
    missing += [
        f"'{name}'" for name in _NAME.findall(without_names(goal)) if not any(w in known for w in stem_words(name))
    ]
    times = periods_in(without_names(goal))
    if times and not _TIMED.search(sql):
        missing.append(f"'{goal.goal[times[0].start : times[0].end]}'")
    deeds = _deeds(sql)
    for wish, deed in _WISHES.items():
        if (said := re.search(wish, goal.goal, re.IGNORECASE)) and not re.search(deed, deeds, re.IGNORECASE):
            missing.append(f"'{said[0]}'")
    return [*missing, *invented(goal, sql, cards)]


def _deeds(sql: str) -> str:
    """The query without what it calls its columns, which does nothing, there and where it groups or orders by it."""
    called = {match[1].lower() for match in _TALK.finditer(sql)}
    tail = re.compile(r"\b(?:GROUP|ORDER)\s+BY\b[^()]*", re.IGNORECASE)
    return tail.sub(
        lambda match: re.sub(r"\w+", lambda word: "" if word[0].lower() in called else word[0], match[0]),
        _TALK.sub(" ", sql),
    )


def wants_total(goal: str) -> bool:
    return re.search(_SUM, goal, re.IGNORECASE) is not None


def _wants_groups(goal: str) -> bool:
    """Whether the question, and not what is said beside it, wants a figure for every group."""
    asked = [part for part in re.split(r"(?<=[.!?])\s+", goal) if part.endswith("?")]
    parts = [re.sub(r"\beach of (?:them|these|those)\b", " ", part) for part in asked or [goal]]
    return any(says_each(part) and not re.search(_MEAN, part, re.IGNORECASE) for part in parts)


def asks_twice(goal: str) -> bool:
    """Whether two things are asked for, each with a word of its own."""
    first = _ASKING.search(goal)
    return first is not None and _AGAIN.search(goal, first.end()) is not None


def _asks_one_figure(goal: str) -> bool:
    words = rf"\bhow (?:many|much)\b|\bpercent(?:age)?\b|\bmedian\b|{_MEAN}|{_SUM}|多少|几"
    return re.search(words, goal, re.IGNORECASE) is not None and not says_each(goal)


def _uncounted(goal: Spans, sql: str) -> list[str]:
    """`how many cuts`, where nothing is counted or added up and no word of the query is of that root."""
    if re.search(r"\b(?:count|sum)\s*\(|[-+*/]", sql, re.IGNORECASE):
        return []
    roots = {word[:ROOT] for word in stem_words(re.sub(r"[\W_]+", " ", sql))}
    asked = re.findall(r"\bhow many ((?:[a-z]+ )?)([a-z]{3,})\b", goal.goal, re.IGNORECASE)
    nouns = [(f"{before}{noun}", stem_words(f"{before}{noun}")) for before, noun in asked]
    return [f"'how many {said}'" for said, stems in nouns if stems and not any(s[:ROOT] in roots for s in stems)]


def _is_bare(sql: str, cards: Sequence[FileCard]) -> bool:
    """Whether it reckons with what is written in it alone."""
    words = set(re.findall(r"\w+", sql.lower()))
    columns = {word for card in cards for column in card.columns for word in re.findall(r"\w+", column.name.lower())}
    return (
        not _COUNT.search(sql) and not re.search(r"\bSELECT\s+(?:\w+\.)?\*", sql, re.IGNORECASE) and not words & columns
    )


def _days_for_periods(goal: Spans, sql: str) -> bool:
    """Whether single days are picked of months that the goal names: `January or December` by the first and the last of them."""
    picked = [day for days in _ON_DAYS.findall(sql) for day in re.findall(r"\d{4}(-\d\d-\d\d)", days)]
    return bool(goal.periods) and any(
        not any(said.endswith(day) for said in (*goal.dates, *goal.periods)) for day in picked
    )


def _is_of_the_matter(goal: Spans, sql: str, cards: Sequence[FileCard]) -> bool:
    """Whether a table, a column or a value of the query is spoken of, and not times alone; a goal in another language than the
    tables is not judged."""
    stems = {card.path: re.sub(r"\W+", "_", PurePosixPath(card.path).stem).lower() for card in cards}
    used = [card for card in cards if stems[card.path] in sql.lower()]
    words = set(re.findall(r"\w+", sql.lower()))
    columns = [column.name for card in used for column in card.columns if column.name.lower() in words]
    names = " ".join(re.sub(r"[\W_]+", " ", text) for text in (*columns, *(card.path for card in used)))
    if has_cjk(goal.goal) != has_cjk(names) or any(card.path in goal.paths for card in used):
        return True
    said = set(stem_words(goal.goal)) - _TIMES
    roots = {word[:ROOT] for word in said if len(word) >= ROOT}
    own = [name for name in stem_words(names) if not name.isdigit()]
    units = {unit_of(word) for word in re.findall(r"[a-z]{2,}", goal.goal.lower())} - _UNITS_OF_TIME - {""}
    is_spoken_of = any(
        name in said or name[:ROOT] in roots or unit_of(name) in units for name in own
    )  # `windiest`, of wind_kmh
    return is_spoken_of or any(_is_said(text, goal) for text in _LITERAL.findall(sql) if text and not _DATE.match(text))


def _keys(cards: Sequence[FileCard]) -> set[str]:
    """Columns that tell one row from every other."""
    return {
        c.name.lower() for card in cards for c in card.columns if c.distinct is not None and c.distinct == card.rows
    }


def _fixed(sql: str) -> set[str]:
    return {name.lower() for name in re.findall(r"(\w+)\"?\s*=\s*'", sql)}


def _grouped_by(sql: str) -> set[str]:
    """The columns of its groups, where it has any and they are not of a part of the query."""
    match = re.search(r"\bGROUP\s+BY\s+([\w\s,.\"]+?)(?:\bORDER\b|\bHAVING\b|\bLIMIT\b|$)", sql, re.IGNORECASE)
    return {name.split(".")[-1].strip('" \n').lower() for name in match[1].split(",")} if match else set()


def invented(goal: Spans, sql: str, cards: Sequence[FileCard]) -> list[str]:
    """Conditions of the query that the goal does not make."""
    found = [
        f"the condition on {match[1]}"
        for match in _FLAG.finditer(sql)
        if not _is_said(re.sub(r"[_\"]+", " ", match[1]), goal)
    ]
    found += [f"the value '{text}'" for text in unsaid_values(goal, sql, cards)]
    known = {abs(number) for number in goal.numbers} | {float(digits) for digits in goal.digits} | KNOWN
    known |= {other for digits in goal.digits for other in in_other_units(digits, goal.goal)}
    known |= {float(part) for each in (*goal.dates, *goal.periods) for part in each.split("-") if part}
    plain = _FORM.sub(lambda form: form["inside"] or "", _LITERAL.sub("''", sql))
    found += [f"the number {digits}" for digits in _NUMBER.findall(plain) if float(digits) not in known]
    return found


def unsaid_values(goal: Spans, sql: str, cards: Sequence[FileCard]) -> list[str]:
    flags = {match.span() for match in _FLAG.finditer(sql)}
    found = []
    for match in _LITERAL.finditer(sql):
        is_flag = any(start <= match.start() and match.end() <= end for start, end in flags)
        if is_flag or _is_format(sql, match.start()):
            continue
        text = match[1].replace("''", "'").strip("% ")
        if text and not (_is_of_time(text, goal) if _DATE.match(text) else _is_value(text, goal, cards)):
            found.append(text)
    return found


def _is_format(sql: str, start: int) -> bool:
    """Whether the text is how a date is written or taken apart, or a name for what is shown."""
    before = sql[:start].rstrip().lower()
    return before.endswith(
        (" as", "strftime(", "date_part(", "date_trunc(", "date_diff(", "datediff(", "extract(")
    ) or (re.search(r"(?:strftime|strptime)\s*\([^()]*,$", before) is not None)


def _is_value(text: str, goal: Spans, cards: Sequence[FileCard]) -> bool:
    """Whether the goal says it, or a part of it that no other value has."""
    if text.lower() in goal.goal.lower():
        return True
    if _is_said(text, goal):
        said = set(stem_words(text)) & set(stem_words(goal.goal))
        values = {
            value for card in cards for column in card.columns for value in column.examples if isinstance(value, str)
        }
        return not said or text not in values or sum(said <= set(stem_words(value)) for value in values) <= 1
    is_known = any(text == value for card in cards for column in card.columns for value in column.examples)
    return is_known and has_cjk(goal.goal) != has_cjk(text)  # said in another language


def _is_said(text: str, goal: Spans) -> bool:
    lowered, said = text.lower(), goal.goal.lower()
    if lowered in said:
        return True
    words = set(stem_words(goal.goal))
    own = [word for word in stem_words(text) if len(word) > 1]
    return bool(own) and any(word in words or _is_mistyped(word, words) for word in own)


def _is_mistyped(word: str, words: Iterable[str]) -> bool:
    return len(word) > 3 and bool(difflib.get_close_matches(word, words, n=1, cutoff=ALIKE))


def _is_of_time(text: str, goal: Spans) -> bool:
    """Whether the goal speaks of this year, or of this month of some year."""
    said = [*goal.dates, *goal.periods]
    months = {each[5:7] for each in said if len(each) >= 7} | {each[1:3] for each in said if each.startswith("-")}
    months |= {
        each.value[1:3] for each in periods_in(goal.goal) if each.value.startswith("-")
    }  # `in May`, of whichever year
    years = {each[:4] for each in said if not each.startswith("-")}
    return text[:4] in years or text[5:7] in months or text[:4] in goal.goal
