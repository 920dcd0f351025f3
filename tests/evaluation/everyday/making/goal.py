"""A goal as a line of goals.jsonl. All of this suite are for improvement work: none is held back."""

from typing import Any

from tests.evaluation.goals.making.goal import ASKS, NEVER, number, words

__all__ = ["ASKS", "NEVER", "goal", "number", "words"]


def goal(id: str, group: str, text: str, expect: dict[str, Any], attach: tuple[str, ...] = ()) -> dict[str, Any]:
    """`id` begins with the folder: one of this suite's own, or one of the suite `goals` beside it."""
    folder = id.partition("/")[0]
    own = {"repairs", "home", "民宿", "apiary", "fleet", "cinema", "orchard", "allotment", "hut", "pool"}
    line: dict[str, Any] = {"id": id, "class": group, "goal": text}
    line["workspace"] = folder if folder in own else f"../../goals/workspace/{folder}"
    if attach:
        line["attach"] = list(attach)
    return {**line, "expect": expect, "split": "develop"}
