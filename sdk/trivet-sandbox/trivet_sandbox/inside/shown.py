"""What a program has to show besides its output: a last value, a data frame, figures. Runs inside of the sandbox."""

import base64
import io
import sys
from typing import Any

LONGEST = 100_000
"""Characters of a value or an error that are told."""
MOST_ROWS, MOST_COLUMNS, MOST_FIGURES = 50, 50, 16
MOST_BYTES = 8_000_000
"""Bytes of all figures of one program."""


def shown(value: Any) -> dict[str, Any]:
    if value is None:
        return {"value": ""}
    told: dict[str, Any] = {"value": repr(value)[:LONGEST]}
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series):
        told["table"] = _table(value)
    return told


def _table(frame: Any) -> dict[str, Any]:
    total = len(frame)
    head = frame.head(MOST_ROWS)
    if getattr(head, "columns", None) is None:
        head = head.to_frame()
    head = head.reset_index() if head.index.name or head.index.nlevels > 1 else head
    head = head.iloc[:, :MOST_COLUMNS]
    rows = [[str(cell)[:200] for cell in row] for row in head.itertuples(index=False, name=None)]
    return {"columns": [str(name) for name in head.columns], "rows": rows, "total": total}


def figures() -> list[str]:
    """As PNG, in base64; they are closed, as those of a notebook's cell are."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    found: list[str] = []
    if pyplot is None:
        return found
    room = MOST_BYTES
    for number in pyplot.get_fignums()[:MOST_FIGURES]:
        file = io.BytesIO()
        pyplot.figure(number).savefig(file, format="png", bbox_inches="tight")
        room -= len(file.getvalue())
        if room < 0:
            break
        found.append(base64.b64encode(file.getvalue()).decode())
    pyplot.close("all")
    return found
