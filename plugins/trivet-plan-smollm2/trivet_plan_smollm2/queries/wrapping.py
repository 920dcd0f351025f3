"""What is put around a query: the difference of its two figures, or their sum; and names for the numbers of months.

To `Which was more, and by how much?` a model of this size writes the figures of both and seldom their difference as well.
"""

import re

from trivet_plan_smollm2.queries.schema import quoted
from trivet_plan_smollm2.queries.writer import Query
from trivet_plan_smollm2.words.rounding import decimals

_END = r"(?=\s*[,.?!;()]|\s+too\b|$)"
_BY_HOW_MUCH = re.compile(
    rf"[,;.?]?\s*(?:(?:and|&|n)\b)?\s*(?:(?:by|with) how (?:much|many)(?:(?:\s+[^\s,.?!;()]+){{0,3}}?)?{_END}"
    rf"|(?:tell me )?how (?:much|many) (?:more|less|fewer|[a-z]+er)(?:\s+[a-z]+)?{_END}"
    rf"|more how (?:much|many)(?: [a-z]+)?{_END}"
    rf"|(?:how (?:big|large|wide|great) is|what(?:['’]s| is)) the (?:difference|gap|lead|margin){_END}"
    rf"|the (?:difference|gap) is how (?:much|many){_END})"
    r"|[，,]?\s*(?:并且?|以及)?(?:相差|差|[多少高低大小快慢重轻贵](?:了|出)?)多少[^，。？?]{0,3}(?=[，。？?]|$)",
    re.IGNORECASE,
)
_WHICH = re.compile(r"\b(?:which|who|whose|what|or)\b|哪|谁|还是", re.IGNORECASE)
_LAST = re.compile(r"\s+LIMIT\s+1\s*$", re.IGNORECASE)


def without_difference(goal: str) -> str | None:
    """The question of which is more, alone; None if the goal asks for no difference beside it."""
    match = _BY_HOW_MUCH.search(goal)
    if match is None or not _WHICH.search(goal[: match.start()]):
        return None
    return f"{goal[: match.start()].rstrip(' ,;')}{goal[match.end() :]}"


def both(sql: str) -> str:
    """The query for the first and the second, with unrounded figures."""
    return f"{_unrounded(_LAST.sub('', sql))} LIMIT 2" if _LAST.search(sql) else _unrounded(sql)


def with_difference(found: Query, goal: str) -> str:
    """The query of two rows with one more column, which says by how much they differ; empty if it has no two figures."""
    figures = [
        name
        for name in found.columns
        if all(isinstance(row[name], (int, float)) and not isinstance(row[name], bool) for row in found.rows)
    ]
    if len(found.rows) != 2 or len(figures) != 1:
        return ""
    name, places = quoted(figures[0]), decimals(goal)
    columns = ", ".join(
        f"round({name}, {places}) AS {name}" if each == figures[0] and places is not None else quoted(each)
        for each in found.columns
    )
    difference = f"max({name}) OVER () - min({name}) OVER ()"
    rounded = f"round({difference}, {places})" if places is not None else difference
    return f"SELECT {columns}, {rounded} AS difference FROM ({found.sql})"


def with_month_names(sql: str) -> str:
    """`monthname(day)` for `month(day)`, where it is shown or grouped by and nothing is compared with it."""
    column = r"((?:\w+\.)?[\w\"]+)"
    forms = rf"\bmonth\s*\(\s*{column}\s*\)|\bstrftime\s*\(\s*(?:'%m'\s*,\s*{column}|{column}\s*,\s*'%m')\s*\)"
    return re.sub(
        rf"(?:{forms})(?!\s*(?:[=<>]|\bIN\b|\bBETWEEN\b))",
        lambda match: f"monthname({match[1] or match[2] or match[3]})",
        sql,
        flags=re.IGNORECASE,
    )


def summed(sql: str, column: str) -> str:
    return f"SELECT sum({quoted(column)}) AS total FROM ({_unrounded(sql)})"


def _unrounded(sql: str) -> str:
    """Without the `round(…, 2)` around what it shows."""
    while match := re.search(r"\bround\s*\(", sql, re.IGNORECASE):
        depth, end, comma = 1, match.end(), 0
        while end < len(sql) and depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            comma = end if sql[end] == "," and depth == 1 else comma
            end += 1
        if depth or not comma:
            return sql
        sql = f"{sql[: match.start()]}({sql[match.end() : comma]}){sql[end:]}"
    return sql
