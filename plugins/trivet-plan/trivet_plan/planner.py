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
from .window import CLOSE, fitted, halved

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
        conversation = self._conversation(request, brief)
        messages = await self._fitted(brief, conversation, model)
        asked = self._request(request, brief, model)
        mending: tuple[Message, ...] = ()
        reasons: tuple[str, ...] = ()
        for _ in range(self._manner.repairs + 1):
            completion = Completion()
            try:
                whole = msgspec.structs.replace(asked, messages=(*messages, *mending))
                completion = await collect(model.generate(whole))
                brief.prompt_tokens = completion.prompt_tokens
                return self._read(completion, request, brief)
            except ContextTooLong:
                shorter = halved(brief.opening, conversation)
                if shorter is None or shorter == messages:
                    raise
                messages = shorter
                continue
            except UnreadableAnswer as unreadable:
                reasons = (f"the model {unreadable.reason}",)
            except InvalidPlan as invalid:
                reasons = invalid.reasons
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

    async def _fitted(self, brief: Brief, conversation: Sequence[Message], model: Model) -> tuple[Message, ...]:
        if model.window is not None and brief.prompt_tokens > model.window * CLOSE:
            return await fitted(brief.opening, conversation, model.window, model.measure)
        return (*brief.opening, *conversation)

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
