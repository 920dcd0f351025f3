"""What a person reads when a run has ended, or waits."""

from trivet.app import RunOutcome
from trivet.cli import failure
from trivet.cli.screen import echo, in_line
from trivet.runs import budget


def conclude(outcome: RunOutcome) -> None:
    """What a person reads at the end: the answer on stdout, all else on stderr."""
    if outcome.status == "waiting":
        how_to_answer(outcome)
        return
    if outcome.answer:
        echo(outcome.answer)
    for path in outcome.artifacts:
        echo(f"wrote {in_line(path)}", err=True)
    if outcome.note:
        failure.note(outcome.note)
    if outcome.status != "succeeded":
        words = {"failed": "Not achieved", "cancelled": "Cancelled", "exhausted": "The budget is exhausted"}
        is_said = outcome.reason.lower() in outcome.answer.lower()
        echo(f"{words[outcome.status]}{'.' if is_said else f': {outcome.reason}'}", err=True)
        if outcome.status == "exhausted" and (flag := budget.flag_of(outcome.reason)):
            setting = f"run.{flag.replace('-', '_')}"
            echo(f"Give a run more with --{flag} N, or every run: trivet config set {setting} N", err=True)


def how_to_answer(outcome: RunOutcome) -> None:
    echo(f'{outcome.reason}\nAnswer with: trivet runs answer {outcome.run} "…"', err=True)
