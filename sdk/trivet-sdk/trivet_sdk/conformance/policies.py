"""Does a policy keep its contract?"""

import anyio

from ..contributions import Choice, Policy
from ..message import user
from ..model import GenerateRequest

_REQUESTS = (
    GenerateRequest(messages=(user("Name a colour."),), purpose="plan"),
    GenerateRequest(messages=(user("词 " * 4000),), purpose="think", schema={"type": "object"}),
)
_CASES: tuple[tuple[tuple[str, ...], dict[str, float]], ...] = (
    (("small", "large"), {}),
    (("small", "large"), {"small": 0.1, "large": 0.9}),
    (("only",), {"gone": 1.0}),
    (("b", "a", "大"), {"b": 0.5, "a": 0.5, "大": float("-inf")}),
)


async def check_policy(policy: object, *, name: str = "", timeout: float = 30.0) -> tuple[str, ...]:
    """A sentence for each way in which the policy breaks the contract; none if it keeps it.

    Asked about one and several candidates, with feedback and without, some of it about models that are gone.
    """
    called = f"policy '{name or type(policy).__name__}'"
    if not isinstance(policy, Policy):
        return (f"{called} has no `choose`; it needs `async def choose(self, request, candidates, feedback)`",)
    found: list[str] = []
    for request in _REQUESTS:
        for candidates, feedback in _CASES:
            asked = f"of {', '.join(candidates)} with {'feedback' if feedback else 'no feedback'}"
            try:
                with anyio.fail_after(timeout):
                    choice: object = await policy.choose(request, candidates, dict(feedback))
            except TimeoutError:
                found.append(f"did not choose {asked} within {timeout:g} seconds")
            except Exception as error:  # foreign code: whatever it raises is what is reported
                found.append(f"raises {type(error).__name__} when it chooses {asked}: {error}")
            else:
                found += _choice_faults(choice, candidates, asked)
    return tuple(f"{called} {fault}" for fault in dict.fromkeys(found))


def _choice_faults(choice: object, candidates: tuple[str, ...], asked: str) -> list[str]:
    if not isinstance(choice, Choice):
        return [f"chooses with a {type(choice).__name__}; return Choice(model=…, reason=…)"]
    if choice.model not in candidates:
        return [f"chooses '{choice.model}' {asked}; it must be one of the candidates"]
    if choice.max_steps is not None and choice.max_steps < 1:
        return [f"allows {choice.max_steps} steps; a run needs one at least, and None means the run's own bound"]
    return []
