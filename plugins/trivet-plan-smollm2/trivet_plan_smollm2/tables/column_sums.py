"""Two columns of one table with a sign between them: `total of end_m3 - start_m3`, `average temp_max minus temp_min`."""

import re
from collections.abc import Callable, Sequence

from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.tables.names import MEASURABLE
from trivet_plan_smollm2.words.spans import Spans, read_goal

Read = Callable[[Spans, Sequence[FileCard]], tuple[Call, ...]]
_SIGNED = re.compile(
    r"(?<![\w.-])(?P<a>[^\W\d]\w*)\s+(?P<sign>[-−+*×]|minus|plus|times)\s+(?P<b>[^\W\d]\w*)(?![\w-])", re.IGNORECASE
)
_SIGNS = {"−": "-", "minus": "-", "plus": "+", "times": "*", "×": "*"}


def has_signed_columns(goal: Spans, files: Sequence[FileCard]) -> bool:
    """Whether a sign stands between the names of two columns of figures, so that neither alone is the answer."""
    return any(_signed(goal.goal, card) for card in files)


def of_signed_columns(goal: Spans, files: Sequence[FileCard], read: Read, listing: Sequence[str]) -> tuple[Call, ...]:
    """The figure of both together, row by row; none unless exactly one table has both columns and places every other word."""
    plans = []
    for card in files:
        match = _signed(goal.goal, card)
        if match is None:
            continue
        names = {column.name.lower(): column.name for column in card.columns}
        first, second = names[match["a"].lower()], names[match["b"].lower()]
        text = f"{goal.goal[: match.start()]}{first}{goal.goal[match.end() :]}"
        calls = read(read_goal(text, listing), [card])
        arguments = calls[0].arguments if len(calls) == 1 else {}
        if arguments.get("function") in ("sum", "mean", "median", "max", "min") and arguments.get("column") == first:
            sign = _SIGNS.get(match["sign"].lower(), match["sign"])
            plans.append((Call(tool=calls[0].tool, arguments={**arguments, "column": f"{first} {sign} {second}"}),))
    return plans[0] if len(plans) == 1 else ()


def _signed(text: str, card: FileCard) -> re.Match[str] | None:
    """The one place where two of its columns stand so; a third one behind them makes it another sum."""
    figures = {column.name.lower() for column in card.columns if column.type in MEASURABLE}
    found = [m for m in _SIGNED.finditer(text) if {m["a"].lower(), m["b"].lower()} <= figures]
    return found[0] if len(found) == 1 else None
