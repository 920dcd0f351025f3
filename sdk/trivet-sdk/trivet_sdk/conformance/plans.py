"""Does a plan keep its contract? Shared by the checks of planners."""

from collections.abc import Collection, Iterator, Mapping

from ..fitting import misfits
from ..plan import Patch, Plan, Step
from ..tool import ToolSpec
from ..transcript import FINISHED, Transcript


def plan_faults(proposal: Plan | Patch, tools: Mapping[str, ToolSpec], transcript: Transcript) -> Iterator[str]:
    """What is wrong with a proposal; each reads on after the planner's name."""
    old = {step.id: step for step in transcript.plan.steps} if transcript.plan is not None else {}
    if isinstance(proposal, Plan):
        new, replaced = proposal.steps, tuple[Step, ...]()
    else:
        if transcript.plan is None:
            yield "proposes a patch where there is no plan yet"
        elif proposal.revision != transcript.plan.revision:
            yield f"patches revision {proposal.revision}, but the plan's is {transcript.plan.revision}"
        new, replaced = proposal.add, proposal.replace
    if not new and not replaced and isinstance(proposal, Plan):
        yield "proposes a plan without steps"
    ids = [step.id for step in new]
    if used := sorted({id for id in ids if ids.count(id) > 1 or id in old}):
        yield f"uses the step id {', '.join(map(repr, used))} a second time"
    for step in replaced:
        if step.id not in old or transcript.states.get(step.id) in (*FINISHED, "running"):
            yield f"replaces '{step.id}', which is not a pending step"
    if isinstance(proposal, Patch):
        for id in proposal.cancel:
            if id not in old:
                yield f"cancels '{id}', which is no step"
    steps = {**old, **{step.id: step for step in (*new, *replaced)}}
    for step in (*new, *replaced):
        yield from _step_faults(step, tools, steps)
    if cycle := _on_a_cycle(steps):
        yield f"lets steps wait for each other in a circle: {', '.join(cycle)}"


def _step_faults(step: Step, tools: Mapping[str, ToolSpec], steps: Collection[str]) -> Iterator[str]:
    spec = tools.get(step.tool)
    if spec is None:
        yield f"uses '{step.tool}' in '{step.id}', which is none of the tools it was offered"
    else:
        for misfit in misfits(spec.parameters, step.arguments, may_refer=True):
            yield f"writes arguments in '{step.id}' that do not fit '{step.tool}': {misfit}"
    for other in sorted(step.depends_on - set(steps)):
        yield f"refers in '{step.id}' to '{other}', which is no step"


def _on_a_cycle(steps: Mapping[str, Step]) -> list[str]:
    """The steps that can never become ready, by removing those that can, round after round."""
    waiting = {id: {other for other in step.depends_on if other in steps} for id, step in steps.items()}
    while ready := [id for id, needs in waiting.items() if not needs & waiting.keys()]:
        for id in ready:
            del waiting[id]
    return sorted(waiting)
