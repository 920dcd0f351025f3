"""A run's state is a fold over its events: the same in one go and record by record, live and read back."""

from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from trivet.journal import snapshots
from trivet.journal.events import decode, encode
from trivet.journal.fold import Fold
from trivet_sdk import Accept, Ask, Budget, Goal, Patch, Plan, Record, Replan, Retry, Step, Usage, result
from trivet_sdk import events as happened
from trivet_sdk.events import BY_TOPIC, Event
from trivet_sdk.transcript import FINISHED, Answered, Judged, Observed, Planned, Transcript


class Folded(msgspec.Struct):
    status: str
    transcript: Transcript


GOLDEN = Path(__file__).parent / "golden"


def fold(*events: Event, times: tuple[float, ...] = ()) -> Fold:
    every = times or tuple(float(n) for n in range(len(events)))
    records = [Record(run="r", seq=n, time=t, event=e) for n, (e, t) in enumerate(zip(events, every, strict=True), 1)]
    return Fold("r").apply_all(records)


SUBMITTED = happened.RunSubmitted(goal=Goal(text="g"), budget=Budget(max_steps=5))
ONE = Plan(steps=(Step(id="s1", tool="t"),), note="by hand")


def test_clock_stops_while_a_run_waits_and_while_nobody_has_it() -> None:
    state = fold(
        SUBMITTED,
        happened.RunStarted(host="a"),
        happened.RunWaiting(reason="q"),
        happened.RunResumed(host="a"),
        happened.StepReady(step="s1"),
        happened.RunResumed(host="b", reason="the host had died at an unknown moment"),
        happened.RunFinished(status="failed"),
        times=(0, 10, 13, 100, 104, 500, 502),
    )
    assert state.usage().seconds == 3 + 2
    assert state.status == "failed"


def test_transcript_tells_what_happened_in_order() -> None:
    state = fold(
        SUBMITTED,
        happened.RunStarted(host="a"),
        happened.PlanAccepted(plan=ONE),
        happened.StepStarted(step="s1", attempt=1),
        happened.ToolCalled(step="s1", tool="t", key="r/s1/0", effect="idempotent"),
        happened.ToolFailed(step="s1", tool="t", error="busy"),
        happened.VerdictIssued(step="s1", verdict=Retry("s1")),
        happened.StepStarted(step="s1", attempt=2),
        happened.ToolCalled(step="s1", tool="t", key="r/s1/1", effect="idempotent"),
        happened.ToolReturned(step="s1", tool="t", result=result("fine"), is_untrusted=True),
        happened.VerdictIssued(step="s1", verdict=Accept()),
        happened.VerdictIssued(verdict=Ask("which?")),
        happened.QuestionAsked(question="which?", id="q1"),
        happened.QuestionAnswered(id="q1", answer="this"),
    )
    transcript = state.transcript
    assert [type(turn) for turn in transcript.turns] == [Planned, Observed, Judged, Observed, Judged, Answered]
    assert transcript.states == {"s1": "succeeded"}
    assert transcript.attempts == {"s1": 2}
    assert transcript.errors == {}
    assert transcript.is_tainted
    assert transcript.usage.steps == 2
    assert state.intents["s1"].key == "r/s1/1"
    assert state.pending == Replan("the user answered", is_next=True)
    assert state.notes == ("by hand",)


def test_completion_is_kept_until_something_comes_of_it() -> None:
    called = happened.ModelCalled(call="m1", model="m", options={"digest": "d"})
    returned = happened.ModelReturned(call="m1", text="a plan", prompt_tokens=5, completion_tokens=2)
    paid = (SUBMITTED, happened.RunStarted(host="a"), called, returned)
    assert fold(*paid).completions == {"m1": (called, returned)}
    proposed = happened.PlanProposed(plan=ONE)
    assert fold(*paid, proposed).completions == {"m1": (called, returned)}  # nobody has accepted it yet
    assert fold(*paid, proposed, happened.PlanAccepted(plan=ONE)).completions == {}
    assert fold(*paid, happened.PlanProposed(plan=ONE, rejected=("no",))).completions == {}
    assert fold(*paid).usage() == Usage(prompt_tokens=5, completion_tokens=2, model_calls=1, seconds=2.0)


def test_end_of_a_step_is_to_be_judged_until_a_verdict_tells_of_it_or_a_new_plan_follows() -> None:
    ended = (
        SUBMITTED,
        happened.PlanAccepted(plan=Plan(steps=(Step(id="s1", tool="t"), Step(id="s2", tool="t")))),
        happened.StepStarted(step="s1"),
        happened.ToolFailed(step="s1", tool="t", error="no"),
        happened.ToolFailed(step="s2", tool="t", error="skipped", outcome="skipped"),
    )
    assert list(fold(*ended).unjudged) == ["s1"]
    assert fold(*ended, happened.VerdictIssued(step="s1", verdict=Accept())).unjudged == {}
    assert fold(*ended, happened.StepStarted(step="s1", attempt=2)).unjudged == {}
    patch = Patch(revision=1, add=(Step(id="s3", tool="t"),))
    assert fold(*ended, happened.PlanPatched(patch=patch, revision=2)).unjudged == {}


def test_patch_keeps_what_has_ended_and_cancels_and_replaces_what_has_not() -> None:
    plan = Plan(steps=tuple(Step(id=f"s{n}", tool="t") for n in (1, 2, 3)))
    patch = Patch(revision=1, cancel=("s2",), replace=(Step(id="s3", tool="u"),), add=(Step(id="s4", tool="t"),))
    state = fold(
        SUBMITTED,
        happened.PlanAccepted(plan=plan),
        happened.StepStarted(step="s1"),
        happened.ToolReturned(step="s1", tool="t", result=result("done")),
        happened.PlanPatched(patch=patch, revision=2),
    )
    assert state.states == {"s1": "succeeded", "s2": "cancelled", "s3": "pending", "s4": "pending"}
    assert state.plan is not None
    assert [(each.id, each.tool) for each in state.plan.steps] == [("s1", "t"), ("s3", "u"), ("s4", "t")]
    assert (state.plan.revision, list(state.unfinished)) == (2, ["s3", "s4"])


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.jsonl")), ids=lambda path: path.stem)
def test_golden_journals_fold_to_what_they_always_did(path: Path) -> None:
    *lines, expected = path.read_text(encoding="utf-8").splitlines()
    records = []
    for line in lines:
        flat: dict[str, Any] = msgspec.json.decode(line)
        topic, version, seq, run, time = (flat.pop(key) for key in ("topic", "v", "seq", "run", "time"))
        records.append(Record(run=run, seq=seq, time=time, event=decode(topic, version, msgspec.json.encode(flat))))
    state = Fold(records[0].run).apply_all(records)
    # Compared as objects: fields that a later version adds have their defaults in an old journal.
    assert Folded(state.status, state.transcript) == msgspec.json.decode(expected, type=Folded)


def test_every_event_survives_its_encoding() -> None:
    samples: dict[str, dict[str, Any]] = {
        "run.submitted": {"goal": Goal(text="数")},
        "run.started": {"host": "h"},
        "plan.proposed": {"plan": ONE, "rejected": ("no",)},
        "plan.accepted": {"plan": ONE},
        "plan.patched": {"patch": Patch(revision=1), "revision": 2},
        "model.called": {"call": "m1", "model": "m"},
        "model.returned": {"call": "m1"},
        "tool.called": {"tool": "t"},
        "tool.returned": {"tool": "t", "result": result("x", {"y": 1})},
        "tool.failed": {"tool": "t", "error": "e", "may_work_later": True},
        "approval.requested": {"approval": "a1", "tool": "t", "arguments": {}, "digest": "d"},
        "approval.resolved": {"approval": "a1", "granted": True},
        "question.asked": {"question": "q", "id": "q1"},
        "question.answered": {"id": "q1", "answer": "a"},
        "verdict.issued": {"verdict": Replan("r", is_next=True)},
        "budget.spent": {"usage": Usage(steps=1)},
        "context.packed": {"messages": 1, "tokens": 2},
        "run.waiting": {"reason": "r"},
        "run.resumed": {"host": "h"},
        "run.forked": {"source": "r", "at": 3},
        "run.rated": {"rating": 1},
        "run.finished": {"status": "succeeded"},
    }
    for topic, kind in BY_TOPIC.items():
        event = kind(**samples.get(topic, {}))
        assert decode(topic, kind.version, encode(event)) == event


class RunMachine(RuleBasedStateMachine):
    """Any order in which a run may go on: the fold never loses a step, and reading back gives the same state."""

    @initialize()
    def begin(self) -> None:
        self.fold = Fold("r")
        self.records: list[Record] = []
        self.snapshots: list[tuple[int, bytes]] = []
        self.ids = 0
        self.write(SUBMITTED)
        self.write(happened.RunStarted(host="h"))

    def write(self, event: Event) -> None:
        read_back = decode(event.topic, event.version, encode(event))
        record = Record(run="r", seq=len(self.records) + 1, time=float(len(self.records)), event=read_back)
        self.records.append(record)
        self.fold.apply(record)
        self.snapshots.append((record.seq, snapshots.encoded(self.fold)))

    def new_steps(self, count: int) -> tuple[Step, ...]:
        self.ids += count
        return tuple(Step(id=f"s{n}", tool="t") for n in range(self.ids - count + 1, self.ids + 1))

    def in_state(self, *states: str) -> list[str]:
        return [id for id, state in self.fold.states.items() if state in states]

    @precondition(lambda self: self.fold.plan is None)
    @rule(count=st.integers(1, 4))
    def plan(self, count: int) -> None:
        self.write(happened.PlanAccepted(plan=Plan(steps=self.new_steps(count))))

    @precondition(lambda self: self.fold.plan is not None)
    @rule(count=st.integers(0, 3), data=st.data())
    def patch(self, count: int, data: st.DataObject) -> None:
        assert self.fold.plan is not None
        pending = self.in_state("pending")
        gone = data.draw(st.lists(st.sampled_from(pending), unique=True)) if pending else []
        replaced = tuple(Step(id=id, tool="u") for id in pending if id not in gone)[:1]
        revision = self.fold.plan.revision
        patch = Patch(revision=revision, add=self.new_steps(count), cancel=tuple(gone), replace=replaced)
        self.write(happened.PlanPatched(patch=patch, revision=revision + 1))

    @precondition(lambda self: self.in_state("pending", "failed"))
    @rule(data=st.data())
    def start(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.in_state("pending", "failed")))
        self.write(happened.StepStarted(step=id, attempt=self.fold.attempts.get(id, 0) + 1))
        self.write(happened.ToolCalled(step=id, tool="t", key=f"r/{id}/0"))

    @precondition(lambda self: self.in_state("running"))
    @rule(data=st.data(), outcome=st.sampled_from(["ok", "failed", "unknown", "cancelled"]))
    def end(self, data: st.DataObject, outcome: Any) -> None:
        id = data.draw(st.sampled_from(self.in_state("running")))
        if outcome == "ok":
            self.write(happened.ToolReturned(step=id, tool="t", result=result("x", {"n": 1})))
        else:
            self.write(happened.ToolFailed(step=id, tool="t", error="e", outcome=outcome))

    @rule(verdict=st.sampled_from([Accept(), Replan("r"), Replan("n", is_next=True), Ask("q")]))
    def judge(self, verdict: Any) -> None:
        self.write(happened.VerdictIssued(verdict=verdict))

    @rule(step=st.sampled_from([None, "s1"]), is_failing=st.booleans())
    def complete(self, step: str | None, is_failing: bool) -> None:
        call = f"m{self.fold.seq}"
        self.write(happened.ModelCalled(step=step, call=call, model="m", options={"digest": "d"}))
        if not is_failing:
            self.write(happened.ModelReturned(step=step, call=call, text="数", prompt_tokens=3, completion_tokens=2))

    @rule()
    def propose_in_vain(self) -> None:
        self.write(happened.PlanProposed(rejected=("no such tool",)))

    @rule(text=st.text(max_size=5))
    def ask(self, text: str) -> None:
        self.write(happened.QuestionAsked(step="s1", question=text, id=f"q{self.fold.seq}"))
        self.write(happened.RunWaiting(reason="for an answer"))

    @precondition(lambda self: self.fold.questions)
    @rule(answer=st.text(max_size=5))
    def answer(self, answer: str) -> None:
        self.write(happened.QuestionAnswered(step="s1", id=next(iter(self.fold.questions)), answer=answer))

    @rule(
        arguments=st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False, allow_infinity=False) | st.integers())
    )
    def request(self, arguments: dict[str, float]) -> None:
        approval = f"a{self.fold.seq}"
        self.write(
            happened.ApprovalRequested(step="s1", approval=approval, tool="t", arguments={**arguments}, digest="d")
        )

    @precondition(lambda self: self.fold.approvals)
    @rule(granted=st.booleans())
    def resolve(self, granted: bool) -> None:
        self.write(happened.ApprovalResolved(approval=next(iter(self.fold.approvals)), granted=granted))

    @rule(seconds=st.floats(0, 1e6))
    def spend(self, seconds: float) -> None:
        self.write(happened.BudgetSpent(usage=Usage(steps=self.fold.usage().steps, seconds=seconds)))

    @rule()
    def resume(self) -> None:
        self.write(happened.RunResumed(host="other"))

    def teardown(self) -> None:
        """A snapshot at any cut, and the rest: the same state as from the start."""
        if not hasattr(self, "fold"):
            return
        self.write(happened.RunFinished(status="failed", answer="否"))
        for seq, snapshot in self.snapshots:
            taken_up = snapshots.decoded(snapshot)
            assert taken_up is not None
            assert taken_up.apply_all(self.records[seq:]) == self.fold
            assert taken_up.transcript == self.fold.transcript

    @invariant()
    def unfinished_are_exactly_those_that_have_not_ended(self) -> None:
        if hasattr(self, "fold"):
            expected = {id for id, state in self.fold.states.items() if state not in FINISHED}
            assert set(self.fold.unfinished) == expected
            assert set(self.fold.states) == set(self.fold.steps)
            assert {id for id, s in self.fold.states.items() if s == "succeeded"} <= set(self.fold.results)

    @invariant()
    def reading_back_gives_the_same_state(self) -> None:
        if hasattr(self, "fold"):
            again = Fold("r").apply_all(self.records)
            assert again.transcript == self.fold.transcript
            assert (again.status, again.pending, again.usage()) == (
                self.fold.status,
                self.fold.pending,
                self.fold.usage(),
            )


RunMachine.TestCase.settings = hypothesis_settings(max_examples=40, stateful_step_count=25, deadline=None)
TestRunMachine = RunMachine.TestCase
