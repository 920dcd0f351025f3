"""Plans and patches, checked before anything runs: every reason is a sentence that the planner can act on."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from trivet.errors import nearest
from trivet.runs.catalogue import Catalogue
from trivet_sdk.errors import InvalidPlan
from trivet_sdk.fitting import misfits
from trivet_sdk.plan import Patch, Plan, Step, refs_in
from trivet_sdk.tool import ToolResult
from trivet_sdk.transcript import FINISHED, StepState

_ID = re.compile(r"[A-Za-z_]\w*")
MOST_STEPS = 200
"""Of one proposal."""


class Situation(NamedTuple):
    """What the run has already."""

    plan: Plan | None = None
    states: Mapping[str, StepState] = {}
    results: Mapping[str, ToolResult] = {}
    unfinished: Mapping[str, Step] = {}


def accepted_plan(plan: Plan, tools: Catalogue) -> Plan:
    """The first plan, with full tool names. Raises InvalidPlan with every reason found."""
    reasons = list(_size_reasons(plan.steps))
    reasons += _reasons(plan.steps, {}, Situation(), tools)
    if reasons:
        raise InvalidPlan(reasons)
    return msgspec.structs.replace(plan, steps=_named(plan.steps, tools), revision=1)


def accepted_patch(proposal: Plan | Patch, situation: Situation, tools: Catalogue) -> Patch:
    """The patch, with full tool names. A whole plan instead of a patch takes the place of all that has not begun.

    Raises InvalidPlan with every reason found.
    """
    plan = situation.plan
    assert plan is not None
    patch = _as_patch(proposal, plan, situation)
    reasons: list[str] = []
    if patch.revision != plan.revision:
        reasons.append(f"the patch is against revision {patch.revision}, but the plan is at revision {plan.revision}")
    if not (patch.add or patch.replace or patch.cancel):
        reasons.append("the patch changes nothing")
    reasons += _size_reasons(patch.add, may_be_empty=True)
    reasons += _untouchable(patch, situation)
    kept = {id: step for id, step in situation.unfinished.items() if id not in patch.cancel}
    kept.update((step.id, step) for step in patch.replace)
    reasons += _reasons((*patch.replace, *patch.add), kept, situation, tools)
    if reasons:
        raise InvalidPlan(reasons)
    return msgspec.structs.replace(patch, add=_named(patch.add, tools), replace=_named(patch.replace, tools))


def _as_patch(proposal: Plan | Patch, plan: Plan, situation: Situation) -> Patch:
    if isinstance(proposal, Patch):
        return proposal
    unbegun = tuple(id for id in situation.unfinished if situation.states[id] != "running")
    return Patch(
        revision=plan.revision,
        add=proposal.steps,
        cancel=unbegun,
        is_open=proposal.is_open,
        text=proposal.text,
        note=proposal.note,
    )


def _size_reasons(steps: tuple[Step, ...], *, may_be_empty: bool = False) -> Iterator[str]:
    if not steps and not may_be_empty:
        yield "the plan has no steps"
    if len(steps) > MOST_STEPS:
        yield f"the plan has {len(steps)} steps; at most {MOST_STEPS} can be proposed at once"


def _untouchable(patch: Patch, situation: Situation) -> Iterator[str]:
    for verb, ids in (("cancel", patch.cancel), ("replace", tuple(step.id for step in patch.replace))):
        for id in ids:
            state = situation.states.get(id)
            if state is None:
                yield f"the patch wants to {verb} step {id}, but there is no such step.{nearest(id, situation.states)}".rstrip(
                    "."
                )
            elif state == "running" or state in FINISHED:
                yield f"the patch wants to {verb} step {id}, but that step {_said(state)}; what has begun cannot change"
    for id in dict.fromkeys(step.id for step in patch.add):
        if id in situation.states:
            yield f"step id {id} was used before in this run; ids are never used twice. Call it {_free(situation.states)}"


def _reasons(steps: Iterable[Step], kept: Mapping[str, Step], situation: Situation, tools: Catalogue) -> Iterator[str]:
    """`kept` are the unfinished steps that stay, replaced ones in their new form."""
    steps = tuple(steps)
    new: dict[str, Step] = {}
    for step in steps:
        if step.id in new:
            yield f"two steps have the id {step.id}"
        elif not _ID.fullmatch(step.id):
            yield f"'{step.id}' is no step id; use a letter and digits, like s1"
        new[step.id] = step
    waiting = {**kept, **new}
    depends: dict[str, frozenset[str]] = {}
    for step in steps:
        try:
            depends[step.id] = step.depends_on
        except InvalidPlan as error:
            yield from (f"step {step.id}: {reason}" for reason in error.reasons)
            continue
        yield from _need_reasons(step, depends[step.id], waiting, situation)
        yield from _tool_reasons(step, tools)
    for id, step in kept.items():
        depends.setdefault(id, step.depends_on)
    if cycle := _cycle(depends):
        yield f"steps {' -> '.join(cycle)} wait for each other, so none of them could ever run"


def _need_reasons(
    step: Step, needs: frozenset[str], waiting: Mapping[str, Step], situation: Situation
) -> Iterator[str]:
    for need in sorted(needs):
        if need in waiting:
            continue
        state = situation.states.get(need)
        if state is None:
            known = [*waiting, *situation.states]
            yield f"step {step.id} uses {need}, but there is no such step.{nearest(need, known)}".rstrip(".")
        elif state != "succeeded":
            yield f"step {step.id} uses {need}, but that step {_said(state)} and has no result"
    for ref in refs_in(step.arguments):
        if (result := situation.results.get(ref.step)) is not None and ref.pointer:
            try:
                ref.of(result.value)
            except KeyError as error:
                yield f"step {step.id}: {error.args[0]}"


def _tool_reasons(step: Step, tools: Catalogue) -> Iterator[str]:
    spec = tools.find(step.tool)
    if spec is None:
        yield tools.unknown(step)
        return
    for misfit in misfits(spec.parameters, step.arguments, may_refer=True):
        yield f"step {step.id} ({spec.name}): {str(misfit).removeprefix('$.')}"


def _cycle(depends: Mapping[str, frozenset[str]]) -> list[str]:
    """The ids along one cycle, its first repeated at the end; empty if there is none. Depth-first, without recursion."""
    done: set[str] = set()
    for root in depends:
        path: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(root, iter(()))] if root not in done else []
        if stack:
            stack = [(root, iter(sorted(depends[root])))]
            path = [root]
        while stack:
            id, needs = stack[-1]
            for need in needs:
                if need in path:
                    return [*path[path.index(need) :], need]
                if need in depends and need not in done:
                    path.append(need)
                    stack.append((need, iter(sorted(depends[need]))))
                    break
            else:
                done.add(id)
                stack.pop()
                path.pop()
    return []


def _named(steps: tuple[Step, ...], tools: Catalogue) -> tuple[Step, ...]:
    def named(step: Step) -> Step:
        spec = tools.find(step.tool)
        assert spec is not None
        return step if spec.name == step.tool else msgspec.structs.replace(step, tool=spec.name)

    return tuple(named(step) for step in steps)


_SAID = {"succeeded": "has succeeded", "failed": "failed", "running": "is running", "unknown": "ended nobody knows how"}


def _said(state: StepState) -> str:
    return _SAID.get(state, f"was {state}")


def _free(states: Mapping[str, StepState]) -> str:
    numbers = [int(id[1:]) for id in states if id[:1] == "s" and id[1:].isdigit()]
    return f"s{max(numbers, default=0) + 1} or later"
