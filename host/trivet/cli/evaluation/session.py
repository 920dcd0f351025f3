"""An evaluation under the eyes of the user: begun or gone on with, watched, interrupted, and its table at the end."""

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import anyio
import click
import msgspec

from trivet.app import open_host
from trivet.cli import failure, options
from trivet.cli.columns import print_json
from trivet.cli.evaluation.progress import Progress
from trivet.cli.evaluation.tables import as_document, print_totals
from trivet.cli.interruption import interruptible
from trivet.cli.screen import echo
from trivet.cli.staffing import make_ready, tell_failed
from trivet.evaluation import Conditions, Evaluation, Suite, begin, evaluate, evaluations, picked, reopen
from trivet.evaluation.record import Keeper
from trivet.settings import Settings


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What the options of every suite's command say; see `suite_options`."""

    only: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    limit: int | None = None
    is_continued: bool = False
    as_json: bool = False
    report: Path | None = None
    at_least: float | None = None


def suite_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all suites have. The command is called with `conditions`, `settings` and `how` in their place."""

    def called(
        *args: Any,
        planner: str | None,
        reflector: str | None,
        model: str | None,
        seconds: float,
        label: str,
        only: str,
        ids: str,
        limit: int | None,
        is_continued: bool,
        as_json: bool,
        report: Path | None,
        at_least: float | None,
        **kwargs: Any,
    ) -> Any:
        settings = options.settings(roles__planner=planner, roles__reflector=reflector, roles__model=model)
        conditions = Conditions(seconds=seconds, label=label)
        how = How(
            only=_split(only),
            ids=_split(ids),
            limit=limit,
            is_continued=is_continued,
            as_json=as_json,
            report=report,
            at_least=at_least,
        )
        return command(*args, settings=settings, conditions=conditions, how=how, **kwargs)

    called.__doc__, called.__name__ = command.__doc__, command.__name__
    called.__click_params__ = getattr(command, "__click_params__", [])  # type: ignore[attr-defined]
    for decorate in reversed(_OPTIONS):
        called = decorate(called)
    return called


_OPTIONS = (
    click.option("--planner", metavar="NAME", help="Who makes the plans."),
    click.option("--reflector", metavar="NAME", help="Who judges what came back."),
    click.option("--model", metavar="NAME", help="Which model of the settings serves."),
    click.option("--only", metavar="CLASS,…", default="", help="Cases of these classes."),
    click.option("--id", "ids", metavar="ID,…", default="", help="These cases."),
    click.option(
        "--limit", metavar="N", type=options.WholeNumber(min=1), help="So many cases, of all classes in turn."
    ),
    click.option(
        "--seconds",
        metavar="S",
        type=options.Number(min=0, min_open=True),
        default=120.0,
        help="One case may take.  [default: 120]",
    ),
    click.option("--label", metavar="NAME", default="", help="What to call this evaluation in comparisons."),
    click.option("--continue", "is_continued", is_flag=True, help="Go on with the newest one that was interrupted."),
    click.option("--json", "as_json", is_flag=True, help="The results as JSON on stdout; nothing else."),
    click.option(
        "--report",
        metavar="FILE",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write them there as JSON, too.",
    ),
    click.option(
        "--at-least",
        metavar="PERCENT",
        type=options.Number(min=0, max=100),
        help="Exit with 1 if fewer cases are right.",
    ),
)


def carried_out(
    settings: Settings, suite: Suite, conditions: Conditions, how: How, plugins: Sequence[object] = ()
) -> int:
    """Attempt the suite's cases, show how it goes, keep and print what came of it. Returns the exit code: 0 done,
    1 fewer right than `--at-least`, 130 interrupted.

    Raises UsageError for cases that the suite does not have, and where there is nothing to go on with."""
    try:
        suite = picked(suite, groups=how.only, ids=how.ids, limit=how.limit)
    except ValueError as error:
        raise click.UsageError(_sentence(str(error))) from None
    settings = make_ready(settings)
    keeper = _resumable(settings, suite) if how.is_continued else begin(settings, suite, conditions)
    if how.is_continued:
        suite = msgspec.structs.replace(suite, cases=tuple(c for c in suite.cases if c.id in keeper.evaluation.left))
        conditions = keeper.evaluation.record.conditions
    is_done = anyio.run(_work, settings, suite, conditions, keeper, plugins)
    evaluation = keeper.evaluation
    if how.report is not None:
        how.report.write_text(json.dumps(as_document(evaluation), ensure_ascii=False, indent=1) + "\n", "utf-8")
    if not is_done:
        left = len(evaluation.left)
        echo(f"\nStopped with {left} of {len(evaluation.record.cases)} cases left. --continue goes on.", err=True)
        return failure.INTERRUPTED
    if how.as_json:
        print_json(as_document(evaluation))
    else:
        print_totals(evaluation)
    return _code(evaluation, how)


async def _work(
    settings: Settings, suite: Suite, conditions: Conditions, keeper: Keeper, plugins: Sequence[object]
) -> bool:
    """Whether it came to its end."""
    is_done = False
    with ExitStack() as life:
        async with open_host(settings, plugins) as host:
            work = anyio.CancelScope()
            life.enter_context(interruptible(work.cancel, lambda: "Stopped. --continue goes on."))
            progress = life.enter_context(Progress(len(suite.cases), sys.stderr))
            named = tell_failed(host, set())
            with work:
                await evaluate(suite, host, conditions, keeper, progress.tell)
                is_done = True
            tell_failed(host, named)
    return is_done


def _resumable(settings: Settings, suite: Suite) -> Keeper:
    for evaluation in evaluations(settings.home):
        record = evaluation.record
        if record.suite == suite.name and record.digest == suite.digest and evaluation.completion is None:
            if record.roles != settings.roles:
                differing = next(role for role in settings.roles if record.roles.get(role) != settings.roles[role])
                raise click.UsageError(
                    f"Evaluation {record.id} was begun with {differing} '{record.roles.get(differing, '')}'. Go on with "
                    f"that one (--{differing} …), or begin afresh without --continue."
                )
            return reopen(settings, evaluation)
    raise click.UsageError("There is no interrupted evaluation of this suite as it is now. Begin without --continue.")


def _code(evaluation: Evaluation, how: How) -> int:
    right = sum(result.verdict == "right" for result in evaluation.results)
    if how.at_least is not None and right < how.at_least / 100 * len(evaluation.results):
        failure.say(
            f"{right} of {len(evaluation.results)} cases are right, and at least {how.at_least:g}% were asked for."
        )
        return failure.NOT_ACHIEVED
    return failure.ACHIEVED


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?")) else ".")
