"""Steps, results and verdicts in a few words."""

import json
from collections.abc import Mapping
from typing import Any, assert_never

from trivet_sdk.events import ModelCalled, PlanProposed
from trivet_sdk.plan import Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.verdict import Accept, Ask, Finish, GiveUp, Replan, Retry, Verdict

PURPOSES = {"plan": "planning", "judge": "judging", "think": "thinking"}


def call(tool: str, arguments: Mapping[str, Any]) -> str:
    """`table.select(path=a.csv, limit=3)`."""
    return f"{tool}({', '.join(f'{name}={_value(value)}' for name, value in arguments.items())})"


def exact_call(tool: str, arguments: Mapping[str, Any]) -> str:
    """In full, as it will be made: what somebody is asked to agree to."""
    return f"{tool} {json.dumps(dict(arguments), ensure_ascii=False, indent=2, default=str)}"


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


def activity(event: ModelCalled) -> str:
    """What a model call is for, while it lasts."""
    what = PURPOSES.get(event.purpose, event.purpose or "thinking")
    return f"{what} with model '{event.model}'"


def shortened(text: str, width: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= width else text[: max(width - 1, 1)] + "…"


def _value(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"$ref"}:
        return f"<{value['$ref']}>"
    if isinstance(value, str):
        return (
            shortened(value, 60)
            if value and not set(value) & set(" ,()=")
            else json.dumps(shortened(value, 60), ensure_ascii=False)
        )
    return shortened(json.dumps(value, ensure_ascii=False, default=str), 80)
