"""A run as a whole: its goal, its plan as a graph, when what was done and what it cost."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from trivet.cli.moment import moment
from trivet.cli.screen import in_line, shown, width_of
from trivet.cli.view import lanes, wording
from trivet.cli.view.timeline import Row, Timeline
from trivet.journal.fold import Fold
from trivet_sdk import events as happened
from trivet_sdk.events import Record
from trivet_sdk.plan import Step

_ASKING = ("!", "bold yellow")
_CELLS = {"work": "█", "wait": "░", "": " "}
_STATUS = {"succeeded": "green", "failed": "red", "cancelled": "yellow", "exhausted": "yellow", "waiting": "yellow"}
_GOAL = 600
"""Characters of a goal that are shown; `--events` and `--json` have all."""


class Portrait:
    """Of a run's records until now. `status` as a listing has it; `now`: Unix time, while a host works on it."""

    def __init__(self, records: Sequence[Record], status: str, now: float | None) -> None:
        self._status = status
        self._now = now
        self._fold = Fold(records[0].run)
        self._timeline = Timeline()
        self._forked: happened.RunForked | None = None
        self._revisions: dict[str, str] = {}
        for record in records:
            self._fold.apply(record)
            if isinstance(record.event, happened.RunForked):
                self._timeline = Timeline()  # what stands before took place in another run
            self._timeline.add(record)
            self._note(record.event)
        self._timeline.close(records[-1].time if now is None else now)
        self._begun = records[0].time
        asking = (*self._fold.approvals.values(), *self._fold.questions.values())
        self._asking = {each.step for each in asking}

    def lines(self, width: int) -> Iterator[Text]:
        yield from self._head()
        if self._fold.steps:
            yield Text()
            yield from self._graph(width)
        if self._timeline.rows:
            yield Text()
            yield from self._times(width)
        yield Text()
        yield self._spent()

    def _note(self, event: happened.Event) -> None:
        match event:
            case happened.RunForked():
                self._forked = event
            case happened.PlanPatched(patch=patch, revision=revision):
                self._revisions.update((step.id, f"new in revision {revision}") for step in patch.add)
                self._revisions.update((step.id, f"replaced in revision {revision}") for step in patch.replace)
                self._revisions.update((id, f"cancelled in revision {revision}") for id in patch.cancel)
            case _:
                pass

    def _head(self) -> Iterator[Text]:
        fold = self._fold
        head = Text.assemble(
            ("run ", "dim"), (fold.run, "bold"), "  ", (self._status, _STATUS.get(self._status, "cyan"))
        )
        yield head
        text = shown(fold.goal.text)
        yield Text(text if len(text) <= _GOAL else f"{text[: _GOAL - 1]}…", style="bold")
        yield Text(f"{moment(self._begun, '%Y-%m-%d %H:%M:%S')}, in {in_line(fold.goal.workspace)}", "dim")
        if (submitted := fold.submitted) is not None:
            if submitted.parent is not None:
                yield Text(f"a part of run {submitted.parent}", "dim")
            roles = [
                f"{role} {in_line(submitted.roles[role])}" for role in ("planner", "model") if role in submitted.roles
            ]
            if roles:
                yield Text(", ".join(roles), "dim")
        if self._forked is not None:
            yield Text(self._origin(self._forked), "cyan")
        if fold.escalated and submitted is not None:
            larger = in_line(submitted.roles.get("escalation", ""))
            yield Text(f"handed over to the larger model '{larger}': {shown(fold.escalated)}", "cyan")

    def _origin(self, forked: happened.RunForked) -> str:
        roles = self._fold.submitted.roles if self._fold.submitted is not None else {}
        changed = [
            f"another {name}" if name == "goal" else f"{name} {in_line(roles.get(name, ''))}".strip()
            for name in forked.changed
        ]
        with_what = f", with {', '.join(changed)}" if changed else ""
        return f"forked from {forked.source} at {forked.at}{with_what}"

    # The plan

    def _graph(self, width: int) -> Iterator[Text]:
        fold = self._fold
        revision = fold.plan.revision if fold.plan is not None else 1
        yield Text(f"Plan{f', revision {revision}' if revision > 1 else ''}", "bold")
        rows = lanes.rows({id: step.depends_on for id, step in fold.steps.items()})
        is_drawn = rows is not None and 2 * max(len(row.left + row.right) for row in rows) < width
        if rows is None or not is_drawn:
            rows = [lanes.Row(id, "", "", "") for id in fold.steps]
        gutter = max(len(row.left + row.right) + 1 for row in rows)
        ids = max(width_of(in_line(id)) for id in fold.steps)
        for row in rows:
            step = fold.steps[row.step]
            beside = "" if is_drawn else self._needs(step)
            yield self._step(row, step, gutter, ids, width, beside)
            if (error := fold.errors.get(step.id, "")) and fold.states[step.id] in ("failed", "unknown", "skipped"):
                indent = gutter + ids + 4
                line = Text(row.below.ljust(indent), "dim")
                yield line.append(wording.shortened(error, width - indent), "red")

    def _step(self, row: lanes.Row, step: Step, gutter: int, ids: int, width: int, beside: str) -> Text:
        mark, style = _ASKING if step.id in self._asking else wording.MARKS[self._fold.states[step.id]]
        line = Text(row.left, "dim").append(mark, style).append(row.right, "dim")
        id = in_line(step.id)
        line.append(" " * (gutter - line.cell_len + 2)).append(id, "dim").append(" " * (ids - width_of(id) + 2))
        attempts = self._fold.attempts.get(step.id, 1)
        remarks = [beside, self._revisions.get(step.id, ""), f"{attempts} attempts" if attempts > 1 else ""]
        remark = "".join(f"  ({each})" for each in remarks if each)
        room = max(width - line.cell_len - len(remark), 16)
        faint = "dim" if style == "dim" else ""
        return line.append(wording.shortened(wording.step(step), room), faint).append(remark, "dim")

    def _needs(self, step: Step) -> str:
        needs = [id for id in self._fold.steps if id in step.depends_on]
        more = f" and {len(needs) - 3} more" if len(needs) > 4 else ""
        return f"needs {', '.join(needs[:3] if more else needs)}{more}" if needs else ""

    # Time and tokens

    def _times(self, width: int) -> Iterator[Text]:
        timeline = self._timeline
        labels = [self._label(row, width // 3) for row in timeline.rows]
        beside = [_seconds(timeline.seconds_of(row)) for row in timeline.rows]
        tokens = [_tokens(row) for row in timeline.rows]
        first, second, third = (max(width_of(each) for each in column) for column in (labels, beside, tokens))
        head = "tokens in + out" if third else ""
        third = max(third, len(head))
        room = max(width - first - second - third - (6 if third else 4), 10)
        total = _seconds(timeline.seconds)
        lead = " " * max(first + second - 2, 0)
        line = Text("Time", "bold").append(f"{lead}{f'  {head.rjust(third)}' if third else ''}  ", "dim")
        yield line.append(f"0{total.rjust(room - 1)}", "dim")
        for row, label, seconds, count, cells in zip(
            timeline.rows, labels, beside, tokens, timeline.bars(room), strict=True
        ):
            line = Text(label + " " * (first - width_of(label)) + "  " + seconds.rjust(second))
            if third:
                line.append("  " + count.rjust(third), "dim")
            line.append("  ").append(self._bar(row, cells))
            line.rstrip()
            yield line
        if any("wait" in cells for cells in timeline.bars(room)) or timeline.seconds_still:
            waited = f"; the run stood still for {_seconds(timeline.seconds_still)}" if timeline.seconds_still else ""
            yield Text(f"░ waiting for a person, or for somebody to go on{waited}", "dim")

    def _bar(self, row: Row, cells: Sequence[str]) -> Text:
        state = self._fold.states.get(row.step, "")
        work = "red" if row.has_failed or state in ("failed", "unknown") else "green" if row.step else "blue"
        styles = {"work": work, "wait": "yellow", "": ""}
        return Text.assemble(*((_CELLS[cell], styles[cell]) for cell in cells))

    def _label(self, row: Row, width: int) -> str:
        if row.call is not None:
            purpose = wording.PURPOSES.get(row.call.purpose, row.call.purpose or "a model call")
            return wording.shortened(f"{row.call.call} {purpose}", width)
        step = self._fold.steps.get(row.step)
        return wording.shortened(f"{row.step} {step.tool if step is not None else ''}", width)

    def _spent(self) -> Text:
        fold = self._fold
        usage, budget = fold.usage(self._now), fold.budget
        parts = [
            _of(f"{usage.steps:,}", budget.max_steps, "step", usage.steps),
            _of(f"{usage.tokens:,}", budget.max_tokens, "token", usage.tokens)
            + f" in {usage.model_calls:,} model call{'' if usage.model_calls == 1 else 's'}",
            _seconds(usage.seconds) + (f" of {budget.max_seconds:g} s" if budget.max_seconds is not None else ""),
        ]
        if usage.replans:
            parts.append(f"{usage.replans} of {budget.max_replans} replans")
        line = Text("Spent  ", "bold").append(", ".join(parts))
        if self._forked is not None and self._forked.usage.steps + self._forked.usage.tokens:
            before = self._forked.usage
            line.append(f"  (before the fork: {before.steps:,} steps, {before.tokens:,} tokens)", "dim")
        return line


def _of(count: str, bound: int | None, what: str, number: int) -> str:
    if bound is not None:
        return f"{count} of {bound:,} {what}s"
    return f"{count} {what}{'' if number == 1 else 's'}"


def _tokens(row: Row) -> str:
    return f"{row.prompt_tokens:,} + {row.completion_tokens:,}" if row.prompt_tokens + row.completion_tokens else ""


def _seconds(seconds: float) -> str:
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 100:
        return f"{seconds:.1f} s"
    if seconds < 6000:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"
