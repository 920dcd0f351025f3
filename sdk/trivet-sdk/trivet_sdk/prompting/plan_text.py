"""What a model wrote or called, read as a plan or a patch."""

import itertools
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from ..errors import InvalidPlan
from ..message import ToolUse
from ..plan import Json, Patch, Plan, Step, refs_in
from ..tool import ToolSpec
from ..transcript import FINISHED, Planned, Transcript
from .wire_names import from_wire

_OPENING = re.compile(r"[{\[]")
_JSON_LIKE = re.compile(r"\{\s*\"|\[\s*\{")
_STEP_KEYS = frozenset({"id", "tool", "arguments", "needs", "reason"})


def next_number(transcript: Transcript) -> int:
    """The number after that of any step that was ever planned in this run; ids are never used twice."""
    ids: Iterable[str] = transcript.states  # every step of an accepted plan has one
    if not transcript.states:
        ids = {step.id for turn in transcript.turns if isinstance(turn, Planned) for step in turn.steps}
        ids |= {step.id for step in transcript.plan.steps} if transcript.plan is not None else set()
    numbers = [id[1:] for id in ids if id[0] == "s"]
    return 1 + max(map(int, filter(str.isdecimal, numbers)), default=0)


def read_plan(text: str, tools: Sequence[ToolSpec], transcript: Transcript) -> Plan | Patch:
    """Read the JSON that `plan_schema` describes, out of whatever the model wrote around it.

    A patch if the transcript has a plan already: steps that bear the id of a pending step replace it. Raises InvalidPlan
    with a sentence for every fault, for the model to mend. References, cycles and arguments are the host's to check.
    """
    written = _as_plan(_json_in(text))
    reasons: list[str] = []
    steps: list[Step] = []
    number = next_number(transcript)
    for index, item in enumerate(written["steps"]):
        try:
            step = _step(item, index, f"s{number + index}", tools)
        except InvalidPlan as invalid:
            reasons.extend(invalid.reasons)
            continue
        if any(other.id == step.id for other in steps):
            reasons.append(f"two steps have the id '{step.id}'")
        steps.append(step)
    cancel = tuple(map(str, written.get("cancel") or ()))
    is_open = bool(written.get("is_open", False))
    if not (steps or cancel or reasons):
        reasons.append("the plan has no steps")
    if transcript.plan is None:
        if reasons:
            raise InvalidPlan(reasons)
        return Plan(steps=tuple(steps), is_open=is_open)
    known = {step.id for step in transcript.plan.steps}
    for id in [*(step.id for step in steps), *cancel]:
        if id in known and transcript.states.get(id) in (*FINISHED, "running"):
            reasons.append(f"step '{id}' has already run; number new steps from s{number} on")
    reasons.extend(f"there is no step '{id}' to cancel" for id in cancel if id not in known)
    if reasons:
        raise InvalidPlan(reasons)
    return Patch(
        revision=transcript.plan.revision,
        add=tuple(step for step in steps if step.id not in known),
        replace=tuple(step for step in steps if step.id in known),
        cancel=cancel,
        is_open=is_open,
    )


def plan_of_calls(
    calls: Sequence[ToolUse], tools: Sequence[ToolSpec], transcript: Transcript, text: str = ""
) -> Plan | Patch:
    """A model's native tool calls as steps that run side by side, open for what follows their results.

    A call of the built-in `answer` closes the plan. Raises InvalidPlan if there is no call, or one of an unknown tool.
    """
    if not calls:
        raise InvalidPlan(["no tool was called"])
    number = next_number(transcript)
    steps = tuple(
        Step(id=f"s{number + index}", tool=_tool(call.tool, tools), arguments=call.arguments, call_id=call.id)
        for index, call in enumerate(calls)
    )
    is_open = all(step.tool != "answer" for step in steps)
    if transcript.plan is None:
        return Plan(steps=steps, is_open=is_open, text=text)
    return Patch(revision=transcript.plan.revision, add=steps, is_open=is_open, text=text)


def _as_plan(value: Json) -> Mapping[str, Json]:
    """A plan, whatever shorter form of it was written: a list of steps, or one step."""
    if isinstance(value, list):
        return {"steps": value}
    if isinstance(value, dict) and "steps" not in value and "tool" in value:
        return {"steps": [value]}
    if isinstance(value, dict) and isinstance(value.get("steps", [] if "cancel" in value else None), list):
        return {"steps": [], **value}
    raise InvalidPlan(['a plan is a JSON object like {"steps": [{"id": "s1", "tool": …, "arguments": {…}}]}'])


def _step(item: Json, index: int, id: str, tools: Sequence[ToolSpec]) -> Step:
    if not isinstance(item, dict) or not isinstance(item.get("tool"), str):
        raise InvalidPlan([f"step {index + 1} names no tool"])
    id = str(item.get("id") or id)
    if foreign := sorted(item.keys() - _STEP_KEYS):
        raise InvalidPlan([f"step '{id}' has '{foreign[0]}', which no step has; arguments belong into 'arguments'"])
    arguments, needs = item.get("arguments") or {}, item.get("needs") or []
    if not isinstance(arguments, dict):
        raise InvalidPlan([f"the arguments of step '{id}' are not an object"])
    if not isinstance(needs, list):
        raise InvalidPlan([f"'needs' of step '{id}' is not a list of step ids"])
    tuple(refs_in(arguments))  # raises InvalidPlan for a malformed one
    return Step(
        id=id,
        tool=_tool(item["tool"], tools),
        arguments=arguments,
        needs=tuple(map(str, needs)),
        reason=str(item.get("reason") or ""),
    )


def _tool(written: str, tools: Sequence[ToolSpec]) -> str:
    """The full name; the short one works where it is unique."""
    names = [tool.name for tool in tools]
    name = from_wire(written, names)
    if name in names:
        return name
    short = [full for full in names if full.partition(".")[2] == name]
    if len(short) == 1:
        return short[0]
    if short:
        raise InvalidPlan([f"'{written}' may be any of {', '.join(short)}; write the full name"])
    raise InvalidPlan([f"there is no tool '{written}'; there are: {', '.join(names)}"])


def _json_in(text: str) -> Json:
    """The first JSON object or list in the text; models like to put a fence or a sentence around it."""
    reason = "there is no JSON object in the answer"
    for opening in itertools.islice(_OPENING.finditer(text), 50):
        try:
            return _DECODER.raw_decode(text, opening.start())[0]
        except json.JSONDecodeError as error:
            if text[error.pos :].strip() == "" or error.msg.startswith("Unterminated"):
                raise InvalidPlan(["the JSON breaks off before it is complete"]) from None
            line = text.count("\n", 0, error.pos) + 1
            reason = f"the JSON cannot be read: {error.msg} in line {line}, before {text[error.pos : error.pos + 20]!r}"
            if _JSON_LIKE.match(text, opening.start()):
                break  # else an inner object of it would be taken for the plan
        except RecursionError:
            reason = "the JSON is nested too deep"
            break
    raise InvalidPlan([reason])


def _refuse_constant(name: str) -> Json:
    raise InvalidPlan([f"the JSON cannot be read: {name} is no JSON value"])


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)
