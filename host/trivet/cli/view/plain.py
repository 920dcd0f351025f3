"""Plain lines on stderr, for pipes, logs and dumb terminals."""

from trivet.cli.screen import echo
from trivet.cli.view import wording
from trivet_sdk import events as happened
from trivet_sdk.events import Record


class PlainLines:
    def __init__(self) -> None:
        self._is_paused = False
        self._held: list[str] = []

    def show(self, record: Record) -> None:
        self._held += lines(record)
        if not self._is_paused:
            self._tell()

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        self._tell()

    def close(self) -> None:
        self._tell()

    def _tell(self) -> None:
        for line in self._held:
            echo(line, err=True)
        self._held.clear()


def lines(record: Record) -> list[str]:
    """What a record says to a person; most say nothing. What goes on over several lines is indented below the first."""
    return [said.replace("\n", "\n    ") for said in _said(record)]


def _said(record: Record) -> list[str]:
    match record.event:
        case happened.RunSubmitted(goal=goal):
            return [f"run {record.run}: {wording.shortened(goal.text, 200)}"]
        case happened.RunForked(source=source, at=at):
            return [f"forked from run {source} at {at}"]
        case happened.RunResumed(reason=reason):
            return [f"run {record.run} goes on{f': {reason}' if reason else ''}"]
        case happened.PlanProposed() as proposed if said := wording.proposal(proposed):
            return [said]
        case happened.PlanAccepted(plan=plan):
            return ["plan", *(f"  {step.id}  {wording.step(step)}" for step in plan.steps)]
        case happened.PlanPatched(patch=patch, revision=revision):
            added = [f"  {step.id}  {wording.step(step)}" for step in (*patch.add, *patch.replace)]
            return [f"plan, revision {revision}", *added, *(f"  {id}  cancelled" for id in patch.cancel)]
        case happened.StepStarted(step=step, attempt=attempt):
            return [f"{step} started{f', attempt {attempt}' if attempt > 1 else ''}"]
        case happened.ToolReturned(step=step, result=result, seconds=seconds) if step:
            said = wording.shortened(wording.outcome(result), 160) if result else "a large result"
            return [f"{step} done in {seconds:.2f} s: {said}"]
        case happened.ToolFailed(step=step, error=error) if step:
            return [f"{step} failed: {error}"]
        case happened.ModelCalled() as called:
            return [wording.activity(called)]
        case happened.ApprovalRequested(step=step, tool=tool, arguments=arguments):
            return [f"{step} needs approval: {wording.call(tool, arguments)}"]
        case happened.ApprovalResolved(step=step, granted=granted, reason=reason):
            return [f"{step} {'approved' if granted else 'not approved'}{f': {reason}' if reason else ''}"]
        case happened.QuestionAsked(question=question):
            return [f"question: {question}"]
        case happened.VerdictIssued() as issued if said := wording.handover(issued):
            return [said]
        case happened.VerdictIssued(verdict=verdict):
            return [f"verdict: {wording.verdict(verdict) or wording.quiet_verdict(verdict)}"]
        case _:
            return []
