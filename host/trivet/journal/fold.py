"""A run's state as a fold over its events: the same whether they have just happened or were read back."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from trivet.journal.likeness import likeness
from trivet.journal.state import Intent, State
from trivet_sdk import events as happened
from trivet_sdk.events import Event, Record, RunStatus
from trivet_sdk.goal import Usage
from trivet_sdk.plan import Patch, Plan, Step
from trivet_sdk.tool import ToolResult
from trivet_sdk.transcript import FINISHED, Answered, Judged, Observed, Planned, Rejected, StepState
from trivet_sdk.verdict import Accept, Ask, Finish, GiveUp, Replan, Retry


class Fold(State):
    """Feed it records in order with `apply`; read its attributes, or `transcript` for the frozen view.

    Costs a constant per record, and `transcript` a shallow copy, so that late turns cost what early ones do.
    """

    def apply(self, record: Record) -> None:
        self.seq = record.seq
        self.time = record.time
        self.__dict__.pop("transcript", None)
        handler = _HANDLERS.get(type(record.event))
        if handler is not None:
            handler(self, record.event)

    def apply_all(self, records: Iterable[Record]) -> "Fold":
        for record in records:
            self.apply(record)
        return self

    def _submitted(self, event: happened.RunSubmitted) -> None:
        self.submitted = event
        self.goal = event.goal
        self.is_tainted = event.is_tainted

    def _forked(self, event: happened.RunForked) -> None:
        """What was at work was the source's call, and is made anew here if it is made at all; what somebody agreed to was
        that call. An ending is not the fork's where something was changed."""
        self.status = "queued"
        self.spent, self.children, self.active_since = Usage(), {}, None
        self.approvals, self.granted, self.called = {}, {}, {}
        for id in [id for id in self.unfinished if self.states[id] == "running"]:
            self._never_began(id)
        roles = event.changed.keys() - {"goal", "workspace", "approve"}
        if {"planner", "model", "escalation", "escalation_planner"} & roles:
            self.escalated, self.replans_before = "", 0
        if roles:
            self.completions = {}  # of a model or a planner that is not asked any more
        if "goal" in event.changed and self.plan is not None:
            self._forget_goal()
            self._begin_again(Replan(f"the goal has changed; it was: {event.changed['goal']}"))
        elif roles and isinstance(self.pending, Finish | GiveUp):
            self._begin_again(Replan(f"another {', another '.join(sorted(roles))} is to go on from here"))

    def _never_began(self, step: str) -> None:
        self.states[step] = "pending"
        if not (intent := self.intents.get(step)) or not intent.has_ended:
            self.intents.pop(step, None)
        self.attempts[step] -= 1
        if not self.attempts[step]:
            del self.attempts[step]

    def _forget_goal(self) -> None:
        """Of the plan for another goal only what was found out stays: neither what was still to be done, nor the answer."""
        self.questions, self.answers, self.said, self.seen, self.rounds = {}, {}, {}, {}, {}
        for id in self.unfinished:
            self.states[id] = "cancelled"
        self.unfinished = {}
        for id, step in self.steps.items():
            if step.tool == "answer" and self.results.pop(id, None) is not None:
                self.states[id] = "cancelled"
        self.turns = [
            turn
            for turn in self.turns
            if not (isinstance(turn, Observed) and turn.step.tool == "answer" and turn.result is not None)
        ]

        self.judged = 0  # whatever was judged, it was for another goal

    def _begin_again(self, verdict: Replan) -> None:
        self.turns.append(Judged(verdict=verdict))
        self.pending, self.pending_step = verdict, None

    def _started(self, event: happened.RunStarted) -> None:
        self.status = "planning"
        self.active_since = self.time

    def _resumed(self, event: happened.RunResumed) -> None:
        self._pause()
        self.active_since = self.time
        self.status = "planning" if self.plan is None else self._between()

    def _waiting(self, event: happened.RunWaiting) -> None:
        self._pause(self.time)
        self.status = "waiting"

    def _finished(self, event: happened.RunFinished) -> None:
        self._pause(self.time)
        self.finished = event
        self.status = event.status

    def _pause(self, until: float | None = None) -> None:
        """Without `until` the host died, at an unknown moment after its last event: that time is nobody's."""
        if self.active_since is not None and until is not None:
            self.spent = self.usage(until)
        self.active_since = None

    def _proposed(self, event: happened.PlanProposed) -> None:
        if event.rejected:  # until a good one is accepted, the host may die and ask for it again
            self._forget_completions(None)
            self.turns.append(Rejected(reasons=event.rejected))
            self.pending = self.pending_step = None

    def _accepted(self, event: happened.PlanAccepted) -> None:
        self._forget_completions(None)
        self.plan = event.plan
        self._add(event.plan.steps)
        self._planned(event.plan.revision, event.plan.steps, event.plan.text, event.plan.note)

    def _patched(self, event: happened.PlanPatched) -> None:
        self._forget_completions(None)
        patch = event.patch
        assert self.plan is not None
        self.plan = patched(self.plan, patch)
        for id in patch.cancel:
            self._end(id, "cancelled")
        for step in patch.replace:
            self.steps[step.id] = step
            self.unfinished[step.id] = step
            self.states[step.id] = "pending"
        self._add(patch.add)
        self._planned(event.revision, (*patch.replace, *patch.add), patch.text, patch.note)

    def _add(self, steps: Iterable[Step]) -> None:
        for step in steps:
            self.steps[step.id] = self.unfinished[step.id] = step
            self.states[step.id] = "pending"

    def _planned(self, revision: int, steps: tuple[Step, ...], text: str, note: str) -> None:
        self.pending = self.pending_step = None
        self.unjudged = {}  # a verdict that came first was followed, and spoke for them as well
        self.turns.append(Planned(revision=revision, steps=steps, text=text))
        if note and note not in self.notes:
            self.notes = (*self.notes, note)
        self.status = "executing"

    def _step_ready(self, event: happened.StepReady) -> None:
        self.states[event.step or ""] = "ready"

    def _step_started(self, event: happened.StepStarted) -> None:
        id = event.step or ""
        self.states[id] = "running"
        self.unjudged.pop(id, None)
        self.unfinished.setdefault(id, self.steps[id])  # a retry begins a step anew that had ended
        if isinstance(self.pending, Retry) and self.pending.step == id:
            self.pending = self.pending_step = None
        if event.attempt != self.attempts.get(id):
            self.spent = msgspec.structs.replace(self.spent, steps=self.spent.steps + 1)
        self.attempts[id] = event.attempt
        self.status = "executing"

    def _tool_called(self, event: happened.ToolCalled) -> None:
        if event.step is not None:
            self.intents[event.step] = Intent(event.tool, event.key, event.effect, event.arguments)

    def _tool_returned(self, event: happened.ToolReturned) -> None:
        if event.is_untrusted and not self.is_tainted:
            self.is_tainted, self.tainted_by = True, event.step or ""
        if event.step is None or event.result is None:
            return
        self.results[event.step] = event.result
        self.errors.pop(event.step, None)
        self._intent_ended(event.step, has_failed=False)
        self._came_to(event.step, event.result)
        self._end(event.step, "succeeded")
        self.unjudged[event.step] = None
        self.turns.append(Observed(step=self.steps[event.step], result=event.result))

    def _tool_failed(self, event: happened.ToolFailed) -> None:
        if event.is_untrusted and not self.is_tainted:
            self.is_tainted, self.tainted_by = True, event.step or ""
        if event.step is None:
            return
        self.errors[event.step] = event.error
        if event.outcome in ("failed", "cancelled"):
            self._intent_ended(event.step, has_failed=event.outcome == "failed")
        if event.outcome == "failed":
            self._came_to(event.step, event.error)
        self._end(event.step, event.outcome)
        if event.outcome == "failed":
            self.unjudged[event.step] = None
        self.turns.append(
            Observed(
                step=self.steps[event.step],
                error=event.error,
                is_bug=event.is_bug,
                is_transient=event.may_work_later,
            )
        )

    def _came_to(self, id: str, outcome: ToolResult | str) -> None:
        """Count it once for each revision: what one plan does many times is no circle, and ends with that plan."""
        step, intent = self.steps[id], self.intents.get(id)
        alike = likeness(step.tool, intent.arguments if intent is not None else step.arguments, outcome)
        revision = self.plan.revision if self.plan is not None else 0
        times, newest = self.seen.get(alike, (0, -1))
        if newest != revision:
            times += 1
            self.seen[alike] = (times, revision)
        self.rounds[id] = times
        self.moves += step.tool != "answer"

    def _intent_ended(self, step: str, *, has_failed: bool) -> None:
        if (intent := self.intents.get(step)) is not None:
            self.intents[step] = msgspec.structs.replace(intent, has_ended=True, has_failed=has_failed)

    def _end(self, step: str, state: StepState) -> None:
        assert state in FINISHED
        self.states[step] = state
        self.unfinished.pop(step, None)
        self.granted.pop(step, None)
        self.refused.pop(step, None)
        self._forget_completions(step)
        if self.answers:
            self.answers = {id: answer for id, answer in self.answers.items() if answer.step != step}
        self.status = self._between()

    def _between(self) -> RunStatus:
        return "executing" if self.unfinished else "reflecting"

    def _model_called(self, event: happened.ModelCalled) -> None:
        self.called[event.call] = event

    def _model_returned(self, event: happened.ModelReturned) -> None:
        called = self.called.pop(event.call, None)
        self.spent = msgspec.structs.replace(
            self.spent,
            prompt_tokens=self.spent.prompt_tokens + event.prompt_tokens,
            completion_tokens=self.spent.completion_tokens + event.completion_tokens,
            model_calls=self.spent.model_calls + 1,
        )
        if called is not None and not event.error:
            self.completions[event.call] = (called, event)

    def _forget_completions(self, step: str | None) -> None:
        """Something came of them: a plan, a verdict, or the end of the step they were made for."""
        if self.completions:
            self.completions = {call: pair for call, pair in self.completions.items() if pair[0].step != step}

    def _verdict(self, event: happened.VerdictIssued) -> None:
        verdict = event.verdict
        if event.step is None:
            self._forget_completions(None)
        else:
            self.unjudged.pop(event.step, None)
        if isinstance(verdict, Accept) and event.step is not None:
            return
        self.turns.append(Judged(verdict=verdict))
        is_going_on = isinstance(verdict, Accept) or (isinstance(verdict, Replan) and verdict.is_next)
        if event.step is None and event.by != "host" and not is_going_on:
            self.judged = len(self.turns)
        self.pending, self.pending_step, self.pending_by = verdict, event.step, event.by
        if event.by == "escalation" and isinstance(verdict, Replan):
            self._escalated(verdict.reason)
        if isinstance(verdict, Replan):
            self.status = "planning"
            if not verdict.is_next:
                self.spent = msgspec.structs.replace(self.spent, replans=self.spent.replans + 1)

    def _escalated(self, why: str) -> None:
        """The newcomer begins anew: what its predecessor did in circles, and how often it changed its mind, is not its own."""
        self.escalated, self.replans_before = why, self.spent.replans
        self.seen, self.rounds = {}, {}
        model = self.submitted.roles.get("escalation", "") if self.submitted is not None else ""
        self.notes = (f"The larger model '{model}' planned this, since the run's own planner could not go on.",)

    def _asked(self, event: happened.QuestionAsked) -> None:
        self.questions[event.id] = event

    def _answered(self, event: happened.QuestionAnswered) -> None:
        question = self.questions.pop(event.id, None)
        self.answers[event.id] = event
        if isinstance(self.pending, Ask) and (question is None or question.step is None):
            self.pending = Replan("the user answered", is_next=True)
        self.seen = {}  # what the user said may make a difference
        if question is not None:
            self.said[question.question] = event.answer
        self.turns.append(Answered(question=question.question if question else "", answer=event.answer))

    def _approval_requested(self, event: happened.ApprovalRequested) -> None:
        self.approvals[event.approval] = event

    def _approval_resolved(self, event: happened.ApprovalResolved) -> None:
        request = self.approvals.pop(event.approval, None)
        if request is None or request.step is None:
            return
        if event.granted:
            self.granted[request.step] = request
        else:
            self.refused[request.step] = (request.digest, event.reason or "the user did not approve it")

    def _spent(self, event: happened.BudgetSpent) -> None:
        """The event's usage is the whole so far; its clock goes on from there."""
        self.spent = event.usage
        if event.child:
            self.children[event.child] = event.of_child
        if self.active_since is not None:
            self.active_since = self.time


def patched(plan: Plan, patch: Patch) -> Plan:
    """The plan of the next revision. Assumes that the patch was validated against this plan."""
    gone = frozenset(patch.cancel)
    replaced = {step.id: step for step in patch.replace}
    kept = plan.steps
    if gone or replaced:
        kept = tuple(replaced.get(step.id, step) for step in kept if step.id not in gone)
    return Plan(
        steps=(*kept, *patch.add),
        revision=plan.revision + 1,
        is_open=patch.is_open,
        text=patch.text or plan.text,
        note=patch.note or plan.note,
    )


_HANDLERS: dict[type[Event], Callable[[Fold, Any], None]] = {
    happened.RunSubmitted: Fold._submitted,
    happened.RunForked: Fold._forked,
    happened.RunStarted: Fold._started,
    happened.RunResumed: Fold._resumed,
    happened.RunWaiting: Fold._waiting,
    happened.RunFinished: Fold._finished,
    happened.PlanProposed: Fold._proposed,
    happened.PlanAccepted: Fold._accepted,
    happened.PlanPatched: Fold._patched,
    happened.StepReady: Fold._step_ready,
    happened.StepStarted: Fold._step_started,
    happened.ToolCalled: Fold._tool_called,
    happened.ToolReturned: Fold._tool_returned,
    happened.ToolFailed: Fold._tool_failed,
    happened.ModelCalled: Fold._model_called,
    happened.ModelReturned: Fold._model_returned,
    happened.VerdictIssued: Fold._verdict,
    happened.QuestionAsked: Fold._asked,
    happened.QuestionAnswered: Fold._answered,
    happened.ApprovalRequested: Fold._approval_requested,
    happened.ApprovalResolved: Fold._approval_resolved,
    happened.BudgetSpent: Fold._spent,
}
