"""Steps, results and verdicts in a few words."""

import json
from collections.abc import Mapping
from typing import Any, assert_never

from trivet.cli.screen import cut, escaped_json, in_line, shown
from trivet.runs.approvals import exactly
from trivet.runs.escalation import ESCALATION
from trivet_sdk.events import ModelCalled, PlanProposed, VerdictIssued
from trivet_sdk.plan import Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.verdict import Accept, Ask, Finish, GiveUp, Replan, Retry, Verdict

MARKS = {
    "pending": ("·", "dim"),
    "ready": ("·", "dim"),
    "running": ("▸", "bold cyan"),
    "succeeded": ("✓", "green"),
    "failed": ("✗", "red"),
    "unknown": ("?", "bold red"),
    "skipped": ("-", "dim"),
    "cancelled": ("-", "dim"),
}
"""A step's state as one character, and how it is coloured."""

PURPOSES = {"plan": "planning", "judge": "judging", "think": "thinking"}


def call(tool: str, arguments: Mapping[str, Any]) -> str:
    """`table.select(path=a.csv, limit=3)`."""
    return f"{tool}({', '.join(f'{name}={_value(value)}' for name, value in arguments.items())})"


def exact_call(tool: str, arguments: Mapping[str, Any]) -> str:
    """In full, as it will be made: what somebody is asked to agree to."""
    return f"{in_line(tool)} {exactly(arguments)}"


def step(step: Step) -> str:
    return call(step.tool, step.arguments)


def outcome(result: ToolResult) -> str:
    """The first line of what a tool said, and how much more there is."""
    lines = [line.strip() for line in result.text.splitlines() if line.strip()]
    text = lines[0] if lines else "nothing"
    if len(lines) > 1:
        text += f"  (+{len(lines) - 1} lines)"
    return text


def proposal(event: PlanProposed) -> str:
    """Empty for a proposal that is taken, since it is shown as the plan."""
    if not event.rejected:
        return ""
    has_plan = event.plan is not None or event.patch is not None
    return f"{'plan refused' if has_plan else 'no plan'}: {'; '.join(event.rejected)}"


def quiet_verdict(verdict: Verdict) -> str:
    """The word for one that changes nothing, such as `accept`; empty for one that `verdict` speaks of."""
    match verdict:
        case Accept():
            return "accept"
        case Finish():
            return "finish"
        case Replan(is_next=True):
            return "go on"
        case _:
            return ""


def verdict(verdict: Verdict) -> str:
    """Empty for one that needs no words: going on, and being done."""
    match verdict:
        case Accept() | Finish():
            return ""
        case Retry(step=step, reason=reason):
            return f"{step} once more: {reason}" if reason else f"{step} once more"
        case Replan(reason=reason, is_next=is_next):
            return "" if is_next else f"another plan: {reason}"
        case Ask(question=question):
            return f"a question: {question}"
        case GiveUp(reason=reason):
            return f"gives up: {reason}"
        case _ as never:
            assert_never(never)


def handover(event: VerdictIssued) -> str:
    """That a planner over the larger model goes on from here, and why; empty for any other verdict."""
    if event.by != ESCALATION or not isinstance(event.verdict, Replan):
        return ""
    return f"the larger model goes on: {event.verdict.reason}"


def activity(event: ModelCalled) -> str:
    """What a model call is for, while it lasts."""
    what = PURPOSES.get(event.purpose, event.purpose or "thinking")
    return f"{what} with model '{event.model}'"


def shortened(text: str, width: int) -> str:
    """On one line, and nothing in it that commands a terminal."""
    return cut(shown(" ".join(text.split())), width)


def _value(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"$ref"}:
        return f"<{value['$ref']}>"
    if isinstance(value, str):
        text = cut(" ".join(value.split()), 60)
        return text if _is_plain(text) else escaped_json(json.dumps(text, ensure_ascii=False))
    return cut(escaped_json(json.dumps(value, ensure_ascii=False, default=str)), 80)


def _is_plain(text: str) -> bool:
    """Reads as one value without quotes."""
    return bool(text) and not set(text) & set(' ,()="') and shown(text) == text
