"""Goals that convert a measure: `26.2 miles in km`, `how many minutes are 3 hours`."""

import re
from collections.abc import Sequence

from .prompt import Call, ToolCard
from .spans import Spans, without_form

_UNIT = r"(?:degrees? |square |cubic )?[A-Za-zµμ°²³]+(?:/[A-Za-z]+| per [a-z]+)?"
_NUMBER = r"(?P<value>-?\d[\d,]*(?:\.\d+)?)"
_ASKED = r"(?:please\s+)?(?:can you |could you )?"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_ASKED}(?:convert|change|turn|express|what is|what's|what are|how much is)?\s*{_NUMBER}\s*(?P<unit>{_UNIT})"
        rf"\s+(?:to|in|into|as)\s+(?P<to>{_UNIT})",
        rf"{_ASKED}how many (?P<to>{_UNIT}) (?:are|is|make|equal|does|do)(?: there)?(?: in)? {_NUMBER}\s*(?P<unit>{_UNIT})"
        r"(?: (?:make|equal|have))?",
        rf"{_ASKED}how many (?P<to>{_UNIT}) (?:are there )?in {_NUMBER}\s*(?P<unit>{_UNIT})",
    )
)


def converted(goal: Spans, tools: Sequence[ToolCard]) -> Call | None:
    """The call of a tool that takes a number and two units, if the goal is a conversion and nothing else."""
    text = re.sub(r"^please\s+|[\s?.!,;]+(?:please[?.!]*)?$", "", without_form(goal.goal).strip(), flags=re.IGNORECASE)
    match = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    if match is None:
        return None
    for tool in tools:
        properties = tool.parameters.get("properties", {})
        units = [name for name, schema in properties.items() if schema.get("format") == "unit"]
        values = [name for name, schema in properties.items() if schema.get("type") in ("number", "integer")]
        if len(units) == 2 and len(values) == 1:
            number = float(match["value"].replace(",", ""))
            value = int(number) if number == int(number) else number
            return Call(tool=tool.name, arguments={values[0]: value, units[0]: match["unit"], units[1]: match["to"]})
    return None
