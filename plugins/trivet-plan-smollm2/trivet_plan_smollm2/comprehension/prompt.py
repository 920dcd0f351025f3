"""What the model is told before it answers from passages with a line of Python, and how its answer is read."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from trivet_sdk import Message
from trivet_sdk.message import assistant, system, user

LONGEST = 360
"""Characters of a passage that are shown."""
STOP = ("\n```",)
_NOTES = """\
[rules.md, Fees] A lost key costs 35 euros. The deposit of 20 euros is given back within 14 days.
[minutes/march.md] Meeting of 12 March 2024. In the chair: Ann Lee. Present: Tom Berg, Ida Moor. The new roof will cost 4,800 \
euros, of which the town pays a third. The flea market takes place on 4 May 2024.
[settings.toml, alarm] wind_knots: 22
[staff.json] name: Eva Roth, role: caretaker, tel: 0441 2233"""
_EXAMPLES = (
    ("What do I pay for a lost key?", 'said("A lost key costs 35 euros.")'),
    ("who led the meeting in march", 'said("In the chair: Ann Lee.")'),
    ("What is the caretaker's number?", 'said("name: Eva Roth, role: caretaker, tel: 0441 2233")'),
    ("How many days lie between the March meeting and the flea market?", 'days_between("2024-03-12", "2024-05-04")'),
    ("from what wind on does the alarm go off?", 'said("wind_knots: 22")'),
    ("Which colour will the roof have?", "unknown()"),
    ("Until when is the deposit given back?", 'said("The deposit of 20 euros is given back within 14 days.")'),
    ("How many weeks is it from the March meeting to the flea market?", 'days_between("2024-03-12", "2024-05-04") / 7'),
    ("95 minutes, how much is that in hours and minutes?", 'convert(95, "minutes", "hours and minutes")'),
    ("How much of the roof does the town pay?", "round(4800 / 3, 2)"),
    ("I lost two keys and get 15% off. What do I pay?", "2 * 35 * (1 - 15 / 100)"),
    ("What do 7 ropes at 18.35 and a hook for 4 come to?", "7 * 18.35 + 4"),
    ("On what day of the week is the flea market?", 'weekday("2024-05-04")'),
    ("At how many km/h does the alarm go off?", 'convert(22, "knots", "km/h")'),
    (
        "I brought the key back on 20 May 2024. When must I have the deposit at the latest?",
        'add_to_date("2024-05-20", 14, "days")',
    ),
    ("What is Ann Lee's phone number?", "unknown()"),
)
SYSTEM = (
    "You answer a question with one line of Python. Words and figures in it are copied from the notes or from the question.\n"
    'said("...") repeats what a note says, word by word. days_between(start, end), add_to_date(start, amount, unit), '
    "weekday(day), convert(value, unit, to) and arithmetic reckon what is to be reckoned. unknown() is the answer to what the "
    "notes do not tell.\n\n"
    f"Examples, for these notes:\n{_NOTES}\n"
    + "\n".join(f"Question: {asked}\n```python\n{line}\n```" for asked, line in _EXAMPLES)
)


def opening(passages: Sequence[Mapping[str, Any]], goal: str) -> tuple[Message, ...]:
    notes = "\n".join(map(_shown, passages)) or "(none)"
    return system(SYSTEM), user(f"Notes:\n{notes}\n\nQuestion: {goal}"), assistant("```python\n")


def line_in(text: str) -> str:
    """The line of the model's answer."""
    body = re.sub(r"^\s*```\w*\s*", "", text).strip()
    return body.split("\n```")[0].split("\n")[0].strip()


def _shown(passage: Mapping[str, Any]) -> str:
    where = ", ".join(str(passage[name]) for name in ("path", "heading") if passage.get(name))
    text = " ".join(str(passage.get("text", "")).split())
    return f"[{where}] {text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}"
