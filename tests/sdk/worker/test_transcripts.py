"""Transcripts on their way to a worker: whole on the other side, though each turn travels once."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from trivet_sdk import Exchange, Goal, Plan, Step, ToolResult, ToolSpec, Transcript, result
from trivet_sdk.transcript import Observed, Planned
from trivet_sdk.worker.tool_lists import ToolList, ToolListReceiver, ToolListSender
from trivet_sdk.worker.transcripts import Growth, TranscriptReceiver, TranscriptSender


def across(growth: Growth) -> Growth:
    return msgspec.msgpack.decode(msgspec.msgpack.encode(growth), type=Growth)


def run_of(name: str, steps: int) -> list[Transcript]:
    """A run as it grows, a step at a time."""
    goal = Goal(text=f"目标 {name}")
    turn = Observed(step=Step(id="s1", tool="t.say"), result=result("said before"))
    earlier = tuple(
        Exchange(run=f"{name}{number}", goal="之前", status="succeeded", answer="7", turns=(turn,))
        for number in range("abcd".find(name[0]) + 1)
    )
    grown = [Transcript(run=name, goal=goal, earlier=earlier)]
    results: dict[str, ToolResult] = {}
    for number in range(1, steps + 1):
        step = Step(id=f"s{number}", tool="t.say", arguments={"n": number})
        plan = Plan(steps=(step,), revision=number)
        results = {**results, step.id: result(f"said {number}", {"n": number})}
        turns = (
            *grown[-1].turns,
            Planned(revision=number, steps=(step,)),
            Observed(step=step, result=results[step.id]),
        )
        grown.append(
            Transcript(
                run=name,
                goal=goal,
                earlier=earlier,
                plan=plan,
                states=dict.fromkeys(results, "succeeded"),
                results=results,
                attempts=dict.fromkeys(results, 1),
                turns=turns,
                judged=len(turns) - number % 2,
            )
        )
    return grown


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 6)), max_size=30))
def test_receiver_always_has_the_whole_transcript(told: list[tuple[str, int]]) -> None:
    """Also where runs are forgotten for want of room, or one goes back to an earlier state."""
    runs = {name: run_of(name, 6) for name in "abcd"}
    sender, receiver = TranscriptSender(runs=2), TranscriptReceiver()
    for name, length in told:
        assert receiver.transcript(across(sender.growth(runs[name][length]))) == runs[name][length]


def test_each_turn_travels_once_and_keeps_its_identity_on_the_other_side() -> None:
    sender, receiver = TranscriptSender(), TranscriptReceiver()
    sizes: list[int] = []
    before: Transcript | None = None
    for transcript in run_of("c", 50):
        growth = sender.growth(transcript)
        sizes.append(len(msgspec.msgpack.encode(msgspec.structs.replace(growth, states={}, attempts={}))))
        now = receiver.transcript(across(growth))
        if before is not None:
            assert all(old is new for old, new in zip(before.turns, now.turns, strict=False))
            assert now.goal is before.goal
            assert now.earlier is before.earlier
        before = now
    assert max(sizes[2:]) < sizes[2] + 20  # no larger for the fiftieth step than for the second


def test_sender_that_is_not_certain_tells_everything_again() -> None:
    sender = TranscriptSender()
    transcript = run_of("r", 3)[-1]
    sender.growth(transcript)
    assert sender.growth(transcript).turns == ()
    sender.forget("r")
    assert sender.growth(transcript).turns == transcript.turns


def test_list_of_tools_travels_once_for_all_runs_that_share_it() -> None:
    def spec(name: str) -> ToolSpec:
        return ToolSpec(name=name, summary="s", parameters={"type": "object"})

    sender, receiver = ToolListSender(slots=2), ToolListReceiver()
    lists = [(spec("a.a"),), (spec("b.b"), spec("a.a")), (spec("c.c"),)]
    for each in [*lists, *lists, lists[0], lists[0]]:
        assert receiver.specs(sender.list(each)) == each
    assert sender.list(tuple(lists[0])) == ToolList(sender.list(lists[0]).slot, None)
