"""Whether a plan that the small model wrote is carried out."""

from collections.abc import Callable, Sequence

from trivet_plan_smollm2.asking import question
from trivet_plan_smollm2.limits import Limits
from trivet_plan_smollm2.model.candidates import Candidate
from trivet_plan_smollm2.notes import LARGER
from trivet_plan_smollm2.prompt import Call, FileCard
from trivet_plan_smollm2.words.cues import is_sought
from trivet_sdk import PlannerAbstained


def decided(
    candidates: Sequence[Candidate],
    goal: str,
    files: Sequence[FileCard],
    limits: Limits,
    reckoning: frozenset[str] = frozenset(),
    is_read_too: Callable[[Candidate], bool] = lambda _: False,
) -> Sequence[Call]:
    """The most credible plan. Raises PlannerAbstained where it would be a guess: for plans with tools of `reckoning` unless a
    reader of words says the same, for a search where nothing is asked, for a text that would be written in other words than
    the goal's."""
    if not candidates:
        raise PlannerAbstained("The small planner found no way to do this with the installed tools.", LARGER)
    best = candidates[0]
    head = best.calls[0]
    if head.tool == "none":
        raise PlannerAbstained("The small planner knows no tool or file that can do this.", LARGER)
    if head.tool == "ask":
        return [Call(tool="ask", arguments={"question": question(str(head.arguments.get("question", "")), files)})]
    if best.faults:
        raise PlannerAbstained(f"The small planner could not make use of {best.faults[0]} in this goal.", LARGER)
    is_searched = all({"query"} <= set(call.arguments) <= {"query", "limit"} for call in best.calls)
    is_checked = all("query" in call.arguments for call in best.calls)
    is_reckoned = any(call.tool in reckoning for call in best.calls)
    is_beside = is_searched and not is_sought(goal)
    if (is_reckoned and not is_read_too(best)) or is_beside or not all(_is_dictated(call, goal) for call in best.calls):
        raise PlannerAbstained("The small planner is not sure enough what this goal asks for.", LARGER)
    if not is_searched and best.score < (limits.checked_score if is_checked else limits.score):
        raise PlannerAbstained("The small planner is not sure enough what this goal asks for.", LARGER)
    return best.calls


def _is_dictated(call: Call, goal: str) -> bool:
    """Whether what the call would write into a file was said by the user."""
    text = call.arguments.get("text")
    return "path" not in call.arguments or not isinstance(text, str) or text.strip() in goal
