"""What may still be spent, and the words for a bound that was reached."""

import re
from typing import TypeVar

from trivet_sdk.goal import Budget, Usage

N = TypeVar("N", int, float)


def can_exhaust(budget: Budget) -> bool:
    """Whether it has bounds that `exhausted` looks at."""
    return budget.max_tokens is not None or budget.max_seconds is not None


def exhausted(budget: Budget, usage: Usage) -> str:
    """The bound that leaves nothing to go on with, in words; empty while there is something left.

    Steps are counted as they start, and retries per step, so those bounds are looked at where they matter.
    """
    if budget.max_tokens is not None and usage.tokens >= budget.max_tokens:
        return f"the budget of {budget.max_tokens} tokens is used up"
    if budget.max_seconds is not None and usage.seconds >= budget.max_seconds:
        return seconds_over(budget)
    return ""


def steps_over(budget: Budget) -> str:
    return f"the budget of {budget.max_steps} step{'' if budget.max_steps == 1 else 's'} is used up"


def seconds_over(budget: Budget) -> str:
    return f"the budget of {budget.max_seconds:g} seconds is used up"


def replans_over(budget: Budget) -> str:
    changes = f"{budget.max_replans} change{'' if budget.max_replans == 1 else 's'}"
    return f"the budget of {changes} of the plan is used up"


def flag_of(bound: str) -> str:
    """Of `trivet run`, without dashes, for a bound in the words from here; empty for other words."""
    found = re.fullmatch(r"the budget of \S+ (step|token|second|change)s?(?: of the plan)? is used up", bound)
    return (
        {"step": "max-steps", "token": "max-tokens", "second": "max-seconds", "change": "max-replans"}[found[1]]
        if found
        else ""
    )


def narrower(one: Budget, other: Budget) -> Budget:
    """Both bounds hold: a child run has its own and its parent's."""
    return Budget(
        max_steps=_least(one.max_steps, other.max_steps),
        max_tokens=_least(one.max_tokens, other.max_tokens),
        max_seconds=_least(one.max_seconds, other.max_seconds),
        max_replans=min(one.max_replans, other.max_replans),
        max_retries=min(one.max_retries, other.max_retries),
    )


def _least(one: N | None, other: N | None) -> N | None:
    return min((bound for bound in (one, other) if bound is not None), default=None)
