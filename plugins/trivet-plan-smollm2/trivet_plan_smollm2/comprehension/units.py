"""Whether a sum takes figures in different units of one kind as they stand: kilograms by grams, kilowatts by minutes."""

import re

from trivet_plan_smollm2.comprehension.line import Reckoned
from trivet_plan_smollm2.words.dimensions import dimension
from trivet_plan_smollm2.words.spans import Spans

_MEASURED = re.compile(r"(?<![\w.])(\d+(?:[.,]\d+)?)\s*([a-zA-Z]+)\b")
_POWER = re.compile(r"\b[kM]?Wh?\b|\b(?:kilo)?watts?\b")
_HOUR = ("time", 3600.0)


def mixes_units(answer: Reckoned, goal: Spans) -> bool:
    """Not where it has a factor of its own: a figure that the goal does not say, such as 60 or 1000."""
    if answer.words:
        return False  # a tool converts
    said = {float(digits.replace(",", ".")): unit for digits, unit in _MEASURED.findall(goal.goal)}
    used = {number for number in answer.numbers if number in said}
    kinds = {
        (unit.kind, unit.size) for number in used if (unit := dimension(said[number])) is not None and unit.is_simple
    }
    if any(_POWER.fullmatch(said[number]) for number in used):
        kinds.add(_HOUR)
    is_mixed = len({kind for kind, _ in kinds}) < len(kinds)
    own = {number for number in answer.numbers if number not in said and number not in goal.numbers}
    return is_mixed and not own - {0.0, 1.0}
