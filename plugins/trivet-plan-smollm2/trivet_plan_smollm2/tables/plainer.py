"""A question with the names of columns where it speaks of them in other words: `the names of the rooms`, of a column of rooms;
`the dates of all days`; `whose licence runs out before May`, of a column `licence_until`.
"""

import re

from trivet_plan_smollm2.prompt import Column, FileCard
from trivet_plan_smollm2.tables.column_values import spaced

_UNTIL = r"(?P<thing>[\w ]+?)[ _](?:until|till|to|expiry|expires?|expiration|ends?)(?:[ _]date)?"
_RUNS_OUT = r"(?:runs? out|expires?|lapses?|ends?|(?:is|are) (?:only )?(?:valid|good) until)"
_THING = r"\w+(?: \w+)?"
_GET = r"(?:get|go|fall|drop|sink|climb|rise|reach|gotten|got|gone|fallen|dropped|sunk|climbed|risen|been)"


def plainer(text: str, card: FileCard) -> str:
    if any(column.name == "message" for column in card.columns):
        text = _put(rf"\bhow low (?:did|has|have) (?:the |our )?({_THING}) {_GET}(?!\w)", r"lowest \1", text)
        text = _put(rf"\bhow high (?:did|has|have) (?:the |our )?({_THING}) {_GET}(?!\w)", r"highest \1", text)
    dated = [column for column in card.columns if column.type in ("date", "datetime")]
    if len(dated) == 1:
        text = _put(r"\bthe dates of (?:all |the |all the |those )?(?=days\b)", "", text)
    for column in card.columns:
        thing = re.escape(spaced(column.name))
        if column.type == "text" and _is_of_names(column, card):
            text = _put(rf"\b(?:the )?names of (?:all |the |our |my )*(?={thing}s?\b)", "", text)
        text = _put(
            rf"\b(totals?|sums?|averages?|means?) (?:of|for) (?:each|every) (?={thing}\b)", r"\1 for each ", text
        )
        if column in dated and (match := re.fullmatch(_UNTIL, spaced(column.name))):
            when = r"(?= (?:before|after|in|by|on|between)\b)"
            text = _put(rf"\bwhose {re.escape(match['thing'])}s? {_RUNS_OUT}{when}", f"who has a {column.name}", text)
    return text


def _put(form: str, by: str, text: str) -> str:
    return re.sub(form, by, text, flags=re.IGNORECASE)


def _is_of_names(column: Column, card: FileCard) -> bool:
    """`Attic`, of a column of rooms: many rows share it, and it is no number of a thing, such as `M104`."""
    is_shared = column.distinct is not None and card.rows is not None and column.distinct < card.rows
    return is_shared and not any(re.search(r"\d", str(value)) for value in column.examples) and column.name != "name"
