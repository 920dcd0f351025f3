"""The planner: one request to the model for a plan or its continuation, and one more if its answer cannot be read."""

import re
from collections.abc import Sequence

import msgspec

from trivet_sdk import (
    Completion,
    ContextTooLong,
    GenerateRequest,
    InvalidPlan,
    Message,
    Model,
    Patch,
    Plan,
    PlannerAbstained,
    PlanRequest,
    Services,
    Step,
    Transcript,
    UnreadableAnswer,
    UnsupportedRequest,
    collect,
)
from trivet_sdk.message import assistant
from trivet_sdk.prompting import Conversations, next_number, plan_of_calls, plan_schema, read_plan

from .briefs import Brief, Briefs
from .manner import Manner
from .prompt import CONCLUDE, NEXT, mend
from .window import CLOSE, Request, fitting, is_surely_small, request_of

FORGOTTEN = "The conversation no longer fits into the model's window: it is told only of the newest exchanges."
_THOUGHT = re.compile(r"\s*<think>.*?</think>", re.DOTALL)
_REFERENCE = re.compile(r"\{\{(?=\s*[A-Za-z_]\w*(?:#[^}\s]*)?\s*\}\})")


class ModelPlanner:
    """Fulfils `trivet_sdk.Planner`. One serves all runs; what it keeps of them it can make anew."""

    def __init__(self, manner: Manner = Manner()) -> None:  # noqa: B008 - frozen
        self._manner = manner
        self._conversations = Conversations(characters=manner.result_characters)
        self._briefs = Briefs(manner.instructions)
        self._without_calls: set[str] = set()
        """Models whose endpoint refused tools."""

    async def plan(self, request: PlanRequest, services: Services) -> Plan | Patch:
        """Raises PlannerAbstained if the model cannot write a plan, ModelError if it cannot be asked."""
        model = services.model(self._manner.role)
        try:
            return await self._planned(request, model, is_native=self._is_native(model))
        except UnsupportedRequest:
            if self._manner.mode != "auto" or model.name in self._without_calls:
                raise
            self._without_calls.add(model.name)
            return await self._planned(request, model, is_native=False)

    def _is_native(self, model: Model) -> bool:
        if self._manner.mode == "auto":
            return "tools" in model.features and model.name not in self._without_calls
        return self._manner.mode == "tools"

    async def _planned(self, request: PlanRequest, model: Model, *, is_native: bool) -> Plan | Patch:
        brief = self._briefs.of(request, is_native=is_native)
        whole = request_of(brief.opening, self._conversation(request, brief), brief.earlier)
        left_out = await self._left_out(brief, whole, model)
        asked = self._request(request, brief, model)
        mending: tuple[Message, ...] = ()
        reasons: tuple[str, ...] = ()
        repairs = 0
        while repairs <= self._manner.repairs:
            completion = Completion()
            try:
                messages = (*whole.without(left_out), *mending)
                completion = await collect(model.generate(msgspec.structs.replace(asked, messages=messages)))
                brief.prompt_tokens = completion.prompt_tokens
                plan = self._read(completion, request, brief)
                return msgspec.structs.replace(plan, note=FORGOTTEN) if left_out and whole.earlier else plan
            except ContextTooLong:
                if left_out == whole.spare:
                    raise
                left_out += (whole.spare - left_out + 1) // 2
                continue
            except UnreadableAnswer as unreadable:
                reasons = (f"the model {unreadable.reason}",)
            except InvalidPlan as invalid:
                reasons = invalid.reasons
            repairs += 1
            said = (assistant(completion.text),) if completion.text else ()
            mending = (*mending, *said, mend(reasons))
        raise PlannerAbstained(
            f"The model '{model.name}' wrote no plan that can be read: {'; '.join(reasons)}.",
            "A larger model may help: see `trivet init`.",
        )

    def _conversation(self, request: PlanRequest, brief: Brief) -> tuple[Message, ...]:
        conversation = self._conversations.messages(request.transcript)
        if request.transcript.plan is not None and not brief.is_native:
            conversation = (*conversation, NEXT)
        return (*conversation, CONCLUDE) if request.budget_left.max_steps == 0 else conversation

    async def _left_out(self, brief: Brief, whole: Request, model: Model) -> int:
        if model.window is None or brief.prompt_tokens <= model.window * CLOSE:
            is_new = not brief.prompt_tokens and whole.earlier
            if model.window is None or not is_new or is_surely_small(whole.without(0), model.window):
                return 0
        return await fitting(whole, model.window, model.measure)

    def _request(self, request: PlanRequest, brief: Brief, model: Model) -> GenerateRequest:
        left = request.budget_left
        manner = self._manner
        schema = None
        if not brief.is_native and "schema" in model.features:
            schema = plan_schema(
                brief.tools, first=next_number(request.transcript), pending=_pending(request.transcript)
            )
        return GenerateRequest(
            messages=(),
            tools=brief.tools if brief.is_native and left.max_steps != 0 else (),
            schema=schema,
            temperature=manner.temperature,
            seed=manner.seed,
            max_tokens=left.max_tokens,
            deadline=left.max_seconds,
            purpose="plan",
        )

    def _read(self, completion: Completion, request: PlanRequest, brief: Brief) -> Plan | Patch:
        text = _THOUGHT.sub("", completion.text, count=1) if "<think>" in completion.text else completion.text
        if not brief.is_native:
            return read_plan(text, brief.tools, request.transcript)
        if completion.tool_calls:
            return plan_of_calls(completion.tool_calls, brief.tools, request.transcript, text)
        if not text.strip():
            raise InvalidPlan(["there was neither a call nor an answer"])
        if completion.finish == "length":
            raise InvalidPlan(["the answer was cut off at the limit of tokens; be shorter"])
        return _concluded(text.strip(), request.transcript)


def _pending(transcript: Transcript) -> Sequence[str]:
    return [id for id, state in transcript.states.items() if state in ("pending", "ready")]


def _concluded(text: str, transcript: Transcript) -> Plan | Patch:
    """Plain text without a call is the answer, word for word."""
    step = Step(id=f"s{next_number(transcript)}", tool="answer", arguments={"text": literal(text)})
    if transcript.plan is None:
        return Plan(steps=(step,))
    return Patch(revision=transcript.plan.revision, add=(step,))


def literal(text: str) -> str:
    """The text with nothing in it that could be taken for a reference: a word joiner goes between such braces."""
    return _REFERENCE.sub("{\u2060{", text)
