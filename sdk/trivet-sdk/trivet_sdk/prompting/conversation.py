"""A transcript as the messages a model reads.

Turns that were rendered once are never rendered again, and their messages keep their identity from one request to the
next: a backend that keeps encoded messages by identity encodes each once, so a run of 200 turns costs 200 encodings and
not 20,000.
"""

from collections import OrderedDict

import msgspec

from ..goal import Goal
from ..message import Message, Part, Text, ToolAnswer, ToolUse, assistant, user
from ..plan import Plan, Step
from ..tool import TextPart
from ..transcript import Answered, Judged, Observed, Planned, Rejected, Transcript, Turn
from ..verdict import Replan
from .outline import outline

NO_RESULT = "no result: the step has not run, or has not ended"


class Conversations:
    """Renders the transcripts of many runs; keeps what it rendered for the `capacity` runs used last.

    A planner holds one for its whole life. Roles do not strictly alternate: a backend whose chat template wants that
    joins neighbours of one role.
    """

    def __init__(self, *, characters: int = 4000, capacity: int = 1024) -> None:
        """`characters`: the longest text of a result that is told in full."""
        self._characters = characters
        self._capacity = capacity
        self._runs: OrderedDict[str, _Conversation] = OrderedDict()

    def messages(self, transcript: Transcript) -> tuple[Message, ...]:
        """What happened since the goal was set, oldest first. Every call of a tool is followed by its answer.

        A model's native calls (steps with a `call_id`) are told back as calls and answers, other steps as the plan in
        JSON and a user's message for each result. The goal and the tools are not told: see `render_goal`, `render_tools`.
        """
        conversation = self._runs.pop(transcript.run, None)
        if conversation is None or not conversation.is_beginning_of(transcript.turns):
            conversation = _Conversation(self._characters)
        self._runs[transcript.run] = conversation
        if len(self._runs) > self._capacity:
            self._runs.popitem(last=False)
        for turn in transcript.turns[conversation.length :]:
            conversation.tell(turn)
        return conversation.complete()


class _Conversation:
    """One run's messages so far."""

    def __init__(self, characters: int) -> None:
        self._characters = characters
        self._messages: list[Message] = []
        self._last: Turn | None = None
        self.length = 0
        self._open: dict[str, Step] = {}
        """Native calls that wait for their answer, by the model's id."""
        self._held: list[Message] = []
        """What may only be said once those have been answered."""
        self._fillers: dict[str, Message] = {}

    def is_beginning_of(self, turns: tuple[Turn, ...]) -> bool:
        return self.length <= len(turns) and (self.length == 0 or turns[self.length - 1] is self._last)

    def tell(self, turn: Turn) -> None:
        self.length, self._last = self.length + 1, turn
        match turn:
            case Planned():
                self._close()
                self._messages.append(_as_said(turn))
                self._open = {step.call_id: step for step in turn.steps if step.call_id}
            case Observed() if self._open.pop(turn.step.call_id, None) is not None:
                self._messages.append(Message("tool", (self._answer(turn),)))
                if not self._open:
                    self._close()
            case _:
                text = _told(turn, self._characters)
                if text:
                    (self._held if self._open else self._messages).append(user(text))

    def complete(self) -> tuple[Message, ...]:
        """All messages, with provisional answers for calls that have none yet."""
        fillers = (self._fillers.setdefault(id, _filler(id)) for id in self._open)
        return (*self._messages, *fillers, *self._held)

    def _close(self) -> None:
        """Answer what is still open for good; then say what was held back."""
        self._messages = list(self.complete())
        self._open, self._held = {}, []

    def _answer(self, turn: Observed) -> ToolAnswer:
        text = _result_text(turn, self._characters)
        return ToolAnswer(id=turn.step.call_id, text=text, is_error=turn.result is None)


def render_goal(goal: Goal) -> str:
    """The goal with what was given beside it."""
    lines = [goal.text]
    if goal.criteria:
        lines += ["It is achieved if:", *(f"- {criterion}" for criterion in goal.criteria)]
    if goal.attachments:
        lines += ["Attached files:", *(f"- attachments/{a.name} ({a.size} bytes)" for a in goal.attachments)]
    return "\n".join(lines)


def render_plan(plan: Plan | Planned) -> str:
    """The steps as JSON, in the form in which `plan_schema` asks for them."""
    return msgspec.json.encode({"steps": [_step(step) for step in plan.steps]}).decode()


def _step(step: Step) -> dict[str, object]:
    needs = {"needs": step.needs} if step.needs else {}
    return {"id": step.id, "tool": step.tool, "arguments": step.arguments, **needs}


def _as_said(turn: Planned) -> Message:
    """The model's own words: text and native calls, or the plan's JSON."""
    if not any(step.call_id for step in turn.steps):
        return assistant(render_plan(turn))
    said: tuple[Part, ...] = (Text(turn.text),) if turn.text else ()
    calls = (ToolUse(id=s.call_id, tool=s.tool, arguments=s.arguments) for s in turn.steps if s.call_id)
    return Message("assistant", (*said, *calls))


def _filler(call_id: str) -> Message:
    return Message("tool", (ToolAnswer(id=call_id, text=NO_RESULT, is_error=True),))


def _told(turn: Turn, characters: int) -> str:
    """A turn as a user would tell it; empty if there is nothing to tell."""
    match turn:
        case Observed():
            return f"{turn.step.id} {turn.step.tool}: {_result_text(turn, characters)}"
        case Answered():
            return f"You asked: {turn.question}\nThe user answers: {turn.answer}"
        case Rejected():
            return "This plan cannot run:\n" + "\n".join(f"- {reason}" for reason in turn.reasons)
        case Judged():
            return turn.verdict.reason if isinstance(turn.verdict, Replan) and not turn.verdict.is_next else ""
        case Planned():
            return ""


def _result_text(turn: Observed, characters: int) -> str:
    """The result for the model: its text, cut if it is long, and the value that references of this step point into."""
    if turn.result is None:
        return f"failed: {turn.error}"
    value = turn.result.value
    lines: list[str] = []
    if isinstance(value, str) or any(isinstance(part, TextPart) for part in turn.result.parts):
        text = turn.result.text
        lines.append(text if len(text) <= characters else f"{text[:characters]}… ({len(text)} characters in all)")
    if not isinstance(value, str):
        lines.append(f"value {turn.step.id}# = {outline(value)}")
    return "\n".join(lines)
