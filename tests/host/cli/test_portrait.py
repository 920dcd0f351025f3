"""`trivet runs show` draws a run: its plan as a graph, its time as bars."""

import itertools
import json
from collections.abc import Collection, Mapping
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.host.cli import scripted
from tests.host.cli.conftest import Site, Trivet
from tests.host.cli.test_run import install
from trivet.cli.view import lanes
from trivet.cli.view.portrait import Portrait
from trivet.cli.view.timeline import Timeline
from trivet.journal import open_journal
from trivet_sdk import Finish, Goal, Patch, Plan, Record, Replan, Step, Usage, result
from trivet_sdk import events as happened
from trivet_sdk.events import Event

DOWN = "│├┼┤╮"
"""Marks from which a line goes on downwards."""


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, list[str]]:
    count = draw(st.integers(1, 14))
    return {
        f"s{number}": draw(st.lists(st.sampled_from([f"s{n}" for n in range(number)]), unique=True, max_size=4))
        if number
        else []
        for number in range(count)
    }


def traced(rows: list[lanes.Row]) -> dict[str, set[str]]:
    """What each step needs, as somebody reads it off the drawing."""
    needs: dict[str, set[str]] = {}
    flowing: dict[int, set[str]] = {}  # column -> the steps whose results go down there
    for row in rows:
        line = f"{row.left}@{row.right}"
        at = len(row.left) // 2
        found = set(flowing.get(at, ()))
        column = at
        while column and line[2 * column - 1] == "─":
            column -= 1
            if line[2 * column] in "├╰┼┴":
                found |= flowing[column]
            if line[2 * column] in "├╰":
                break
        needs[row.step] = found
        marks = {place: line[2 * place] for place in range((len(line) + 1) // 2)}
        after = {
            place: flowing.get(place, set()) if mark != "╮" else set() for place, mark in marks.items() if mark in DOWN
        }
        column = at
        if line[2 * at + 1 : 2 * at + 2] == "─":
            while marks[column] not in "╮┤":
                column += 1
            after[column] = after[column] | {row.step}
        else:
            after[at] = {row.step}
        flowing = after
    return needs


@given(graphs())
def test_graph_can_be_read_off_its_drawing(needs: dict[str, list[str]]) -> None:
    rows = lanes.rows(needs)
    assert rows is not None or len(needs) > lanes.WIDEST
    if rows is not None:
        assert traced(rows) == {step: set(wanted) for step, wanted in needs.items()}
        place = {row.step: number for number, row in enumerate(rows)}
        assert all(place[need] < place[step] for step, wanted in needs.items() for need in wanted)


@given(graphs())
def test_step_that_leads_nowhere_has_nothing_right_below_it(needs: dict[str, list[str]]) -> None:
    rows = lanes.rows(needs) or []
    needed = {need for wanted in needs.values() for need in wanted}
    for above, below in itertools.pairwise(rows):
        if above.step not in needed:
            line = f"{below.left}@{below.right}".ljust(len(above.left) + 1)
            assert line[len(above.left)] in " ─╮"


def drawn(needs: Mapping[str, Collection[str]]) -> list[str]:
    return [f"{row.left}●{row.right} {row.step}" for row in lanes.rows(needs) or []]


def test_results_for_the_same_steps_travel_together() -> None:
    parts = [f"s{number}" for number in range(1, 31)]
    assert drawn({**{part: [] for part in parts}, "all": parts}) == [
        "●─╮ s1", *(f"●─┤ {part}" for part in parts[1:]), "  ● all"
    ]  # fmt: skip
    assert drawn({"s1": [], "s2": ["s1"], "s3": ["s1"], "s4": ["s2", "s3"], "s5": []}) == [
        "● s1", "├─● s2", "●─┤ s3", "  ● s4", "● s5"
    ]  # fmt: skip


def test_graph_that_nobody_could_follow_is_not_drawn() -> None:
    needs: dict[str, list[str]] = {f"s{number}": [] for number in range(40)} | {
        f"t{number}": [f"s{number}"] for number in range(40)
    }
    crossed = {**needs, **{f"t{number}": [f"s{number}", f"s{(number + 7) % 40}"] for number in range(40)}}
    assert lanes.rows(needs) is not None
    assert lanes.rows(crossed) is None


def records(*happenings: tuple[float, Event]) -> list[Record]:
    return [Record(run="r1", seq=n, time=time, event=event) for n, (time, event) in enumerate(happenings, 1)]


def bars(timeline: Timeline, width: int) -> list[str]:
    cells = {"work": "#", "wait": "?", "": " "}
    return ["".join(cells[cell] for cell in row).rstrip() for row in timeline.bars(width)]


def timed(*happenings: tuple[float, Event], now: float) -> Timeline:
    timeline = Timeline()
    for record in records(*happenings):
        timeline.add(record)
    return timeline.close(now)


def test_bars_lie_where_the_time_was_spent() -> None:
    timeline = timed(
        (0, happened.RunStarted(host="h")),
        (0, happened.ModelCalled(call="m3", model="m", purpose="plan")),
        (2, happened.ModelReturned(call="m3", prompt_tokens=30, completion_tokens=4)),
        (2, happened.StepStarted(step="s1")),
        (2, happened.StepStarted(step="s2")),
        (4, happened.ToolReturned(step="s1", tool="t", result=result("x"))),
        (4, happened.ApprovalRequested(step="s2", approval="a7", tool="t", arguments={}, digest="")),
        (6, happened.ApprovalResolved(step="s2", approval="a7", granted=True)),
        (8, happened.ToolFailed(step="s2", tool="t", error="no")),
        (8, happened.StepStarted(step="s2", attempt=2)),
        now=10,
    )
    assert bars(timeline, 10) == ["##", "  ##", "  ##??####"]
    assert [timeline.seconds_of(row) for row in timeline.rows] == [2, 2, 6]
    assert (timeline.rows[0].prompt_tokens, timeline.rows[0].completion_tokens) == (30, 4)


def test_night_of_waiting_hides_nothing() -> None:
    night = 36_000.0
    timeline = timed(
        (0, happened.RunStarted(host="h")),
        (0, happened.StepStarted(step="s1")),
        (4, happened.RunWaiting(reason="?")),
        (4 + night, happened.RunResumed(host="h")),
        (6 + night, happened.ToolReturned(step="s1", tool="t", result=result("x"))),
        (6 + night, happened.StepStarted(step="s2")),
        (8 + night, happened.ToolReturned(step="s2", tool="t", result=result("x"))),
        now=8 + night,
    )
    assert bars(timeline, 9) == ["####?##", "       ##"]
    assert timeline.seconds_still == night
    assert timeline.seconds_of(timeline.rows[0]) == 6


def test_time_in_which_nobody_had_the_run_is_none_of_its_work() -> None:
    timeline = timed(
        (0, happened.RunStarted(host="h")),
        (0, happened.StepStarted(step="s1")),
        (4, happened.ToolCalled(step="s1", tool="t")),
        (104, happened.RunResumed(host="other")),
        (104, happened.StepStarted(step="s1")),
        (108, happened.ToolReturned(step="s1", tool="t", result=result("x"))),
        now=108,
    )
    assert timeline.seconds_still == 100
    assert bars(timeline, 9) == ["####?####"]


PLAN = Plan(
    steps=(
        Step(id="s1", tool="table.load", arguments={"path": "数据/天气.csv"}),
        Step(id="s2", tool="table.sum", arguments={"column": "雨量"}, needs=("s1",)),
        Step(id="s3", tool="answer", arguments={"text": "{{s2}}"}),
    )
)
PATCH = Patch(
    revision=1, add=(Step(id="s4", tool="answer", arguments={"text": "没有雨"}, needs=("s1",)),), cancel=("s3",)
)
RAIN = (
    (
        0.0,
        happened.RunSubmitted(
            goal=Goal(text="哪个月的雨最多？", workspace="/天气"), roles={"planner": "p", "model": "m"}
        ),
    ),
    (0.0, happened.RunStarted(host="h")),
    (0.0, happened.ModelCalled(call="m3", model="m", purpose="plan")),
    (1.0, happened.ModelReturned(call="m3", prompt_tokens=1200, completion_tokens=52)),
    (1.0, happened.PlanAccepted(plan=PLAN)),
    (1.0, happened.StepStarted(step="s1")),
    (3.0, happened.ToolReturned(step="s1", tool="table.load", result=result("x"))),
    (3.0, happened.StepStarted(step="s2")),
    (4.0, happened.ToolFailed(step="s2", tool="table.sum", error="there is no column '雨量'")),
    (4.0, happened.VerdictIssued(step="s2", verdict=Replan("no rain"), by="reflector")),
    (4.0, happened.PlanPatched(patch=PATCH, revision=2)),
    (4.0, happened.StepStarted(step="s4")),
    (4.0, happened.ToolReturned(step="s4", tool="answer", result=result("没有雨"))),
    (4.0, happened.VerdictIssued(verdict=Finish("没有雨"), by="reflector")),
    (4.0, happened.RunFinished(status="succeeded", answer="没有雨", artifacts=("表.csv",), usage=Usage(steps=3))),
)


def portrait(
    width: int, *happenings: tuple[float, Event], status: str = "succeeded", now: float | None = None
) -> list[str]:
    return [line.plain.rstrip() for line in Portrait(records(*happenings), status, now).lines(width)]


def test_whole_run_at_60_columns() -> None:
    head, goal, when, *rest = portrait(60, *RAIN)
    assert (head, goal) == ("run r1  succeeded", "哪个月的雨最多？")
    assert when.endswith(", in /天气")
    assert rest == [
        "planner p, model m",
        "",
        "Plan, revision 2",
        "✓    s1  table.load(path=数据/天气.csv)",
        "├─✗  s2  table.sum(column=雨量)",
        "│ │      there is no column '雨量'",
        "│ -  s3  answer(text={{s2}})  (cancelled in revision 2)",
        "✓    s4  answer(text=没有雨)  (new in revision 2)",
        "",
        "Time                  tokens in + out  0               4.0 s",
        "m3 planning    1.0 s       1,200 + 52  █████",
        "s1 table.load  2.0 s                        ███████████",
        "s2 table.sum   1.0 s                                   █████",
        "s4 answer       0 ms                                       █",
        "",
        "Spent  3 of 50 steps, 1,252 tokens in 1 model call, 4.0 s, 1 of 6 replans",
    ]


def test_run_at_work_shows_how_far_it_is() -> None:
    lines = portrait(60, *RAIN[:6], status="executing", now=3.0)
    assert "▸  s1  table.load(path=数据/天气.csv)" in lines
    assert "·  s2  table.sum(column=雨量)" in lines
    assert "s1 table.load  2.0 s                          ██████████████" in lines
    assert lines[-1] == "Spent  1 of 50 steps, 1,252 tokens in 1 model call, 3.0 s"


def test_fork_shows_whence_it_came_and_only_its_own_time() -> None:
    forked = happened.RunForked(
        source="r0", at=9, changed={"goal": "x", "model": "small"}, usage=Usage(steps=2, prompt_tokens=9)
    )
    lines = portrait(60, *RAIN[:9], (50.0, forked), (51.0, happened.RunResumed(host="h")), status="planning", now=52.0)
    assert "forked from r0 at 9, with another goal, model m" in lines
    assert lines[-1].endswith("(before the fork: 2 steps, 9 tokens)")
    assert not [line for line in lines if line.startswith("Time")]


def test_graph_that_is_too_wide_is_told_in_words() -> None:
    steps = [Step(id=f"s{n}", tool="t") for n in range(40)]
    steps += [
        Step(id=f"t{n}", tool="t", needs=tuple(f"s{(n + k) % 40}" for k in (0, 7, 11, 12, 13))) for n in range(40)
    ]
    lines = portrait(
        80, RAIN[0], RAIN[1], (1.0, happened.PlanAccepted(plan=Plan(steps=tuple(steps)))), status="executing"
    )
    assert "·  s0   t()" in lines
    assert "·  t0   t()  (needs s0, s7, s11 and 2 more)" in lines


@pytest.mark.usefixtures("alone")
def test_command_draws_and_lists_and_says_how_to_go_on(site: Site, home: Path, trivet: Trivet) -> None:
    install(site, home)
    done = trivet("run", scripted.goal(("scripted.say", {"text": "你好"}), ("ask", {"question": "Which?"})), "--json")
    run = json.loads(done.out.splitlines()[0])["run"]
    shown = trivet("runs", "show", run, COLUMNS="80").out
    assert shown.startswith(f"run {run}  waiting\n")
    assert "\nPlan\n✓    s1  scripted.say(text=你好)\n  !  s2  ask(question=Which?)\n" in shown
    assert shown.endswith(f'\n\nIt asks: Which?\nAnswer with: trivet runs answer {run} "…"\n')
    listed = trivet("runs", "show", run, "--events").out.splitlines()
    assert listed[1] == " 2  run.started"
    numbers = [int(line[:2]) for line in listed if line[:2].strip().isdigit()]
    assert numbers == list(range(1, len(numbers) + 1))
    assert trivet("runs", "cancel", run).code == 0
    assert trivet("runs", "show", run).out.endswith(
        f"\nAnswer\ncancelled by the user\n\nTo go on from there in a new run: trivet runs fork {run}\n"
    )


@pytest.mark.usefixtures("alone")
def test_run_that_nobody_works_on_says_how_to_go_on(home: Path, trivet: Trivet) -> None:
    async def written() -> None:
        async with open_journal(home) as journal:
            first, *more = records(*RAIN[:6])
            await journal.create(first, more, claim=False)

    anyio.run(written)
    assert trivet("runs", "show", "r1").out.endswith(
        "\n\nNobody works on it; `trivet runs resume r1` goes on with it.\n"
    )


@pytest.mark.usefixtures("alone")
def test_run_that_waits_for_its_sub_goal_names_it(site: Site, home: Path, trivet: Trivet) -> None:
    install(site, home)
    inner = scripted.goal(("ask", {"question": "哪一个？"}))
    done = trivet("run", scripted.goal(("pursue", {"goal": inner})), "--json")
    run = json.loads(done.out.splitlines()[0])["run"]
    assert trivet("runs", "show", run).out.endswith(f"\n\nStep s1 is a run of its own: trivet runs show {run}.s1\n")
    child = trivet("runs", "show", f"{run}.s1").out
    assert f"\na part of run {run}\n" in child
    assert child.endswith(f'\n\nIt asks: 哪一个？\nAnswer with: trivet runs answer {run}.s1 "…"\n')


@pytest.mark.parametrize("time", [-1e15, 1e18])
def test_a_run_from_elsewhere_may_have_begun_at_no_time_at_all(time: float) -> None:
    submitted = happened.RunSubmitted(goal=Goal(text="去", workspace="/w"))
    lines = [line.plain for line in Portrait(records((time, submitted)), "interrupted", None).lines(80)]
    assert lines[2] == "a time that is in no calendar, in /w"
