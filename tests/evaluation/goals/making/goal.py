"""A goal as a line of goals.jsonl."""

import hashlib
from typing import Any


def goal(
    id: str, group: str, steps: int, text: str, expect: dict[str, Any], attach: tuple[str, ...] = ()
) -> dict[str, Any]:
    """`id` begins with the workspace's folder, as in `bakery/sold-out`. Half of all goals are held back, by a hash of the id."""
    folder = id.partition("/")[0]
    is_held = hashlib.sha256(id.encode()).digest()[0] % 2
    line: dict[str, Any] = {"id": id, "class": group, "steps": steps, "goal": text, "workspace": folder}
    if attach:
        line["attach"] = list(attach)
    return {**line, "expect": expect, "split": "held" if is_held else "develop"}


def number(value: float, tolerance: float = 0.0, **more: Any) -> dict[str, Any]:
    return {"answer_number": round(value, 6), "tolerance": tolerance, **more}


def words(*items: str | list[str], **more: Any) -> dict[str, Any]:
    return {"answer_contains_all": list(items), **more}


NEVER: dict[str, Any] = {"not_achieved": True}
"""No success may be claimed."""
ASKS: dict[str, Any] = {"any_of": [{"asks": True}, {"not_achieved": True}]}
