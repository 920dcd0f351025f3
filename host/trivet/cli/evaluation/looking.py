"""`trivet eval list`, `show` and `compare`: evaluations that were kept in the home."""

import time
from typing import Any

import click
import msgspec

from trivet.cli import options
from trivet.cli.columns import print_columns, print_json
from trivet.cli.evaluation.plot import plotted
from trivet.cli.evaluation.tables import as_document, interval, percent, print_totals, seconds, why
from trivet.cli.screen import echo, in_line
from trivet.evaluation import Comparison, Evaluation, compared, evaluations, find, totals

CHANGED = 12
"""Cases named in a comparison, at most, of those that one evaluation has right and the first has not, and the reverse."""


@click.command("list", cls=options.Command)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def list_(as_json: bool) -> None:
    """List evaluations, newest first."""
    found = evaluations(options.settings().home)
    if as_json:
        print_json([_summary(each) for each in found])
        return
    head = ("ID", "SUITE", "LABEL", "PLANNER", "MODEL", "CASES", "RIGHT", "WRONG", "MEDIAN", "STATE", "OF")
    print_columns(head, [_line(each) for each in found])


@click.command(cls=options.Command)
@click.argument("evaluation")
@click.option("--failed", is_flag=True, help="Also each case that is not right, with its goal's run.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def show(evaluation: str, failed: bool, as_json: bool) -> None:
    """Show what came of EVALUATION, named by its label or by the first letters of its id."""
    found = find(options.settings().home, evaluation)
    if as_json:
        print_json(as_document(found))
        return
    record = found.record
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.started))
    echo(f"{record.suite} of {record.source}, {began}: planner {record.roles['planner']}, model {_model(found)}\n")
    for key, value in record.given.items():
        echo(f"{key} = {value}")
    print_totals(found)
    if failed:
        echo()
        rows = [
            (each.verdict, each.case, each.run, in_line(why(each)) or "held back")
            for each in found.results
            if each.verdict != "right"
        ]
        print_columns(("VERDICT", "CASE", "RUN", "WHY"), rows)


@click.command(cls=options.Command)
@click.argument("evaluation", nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def compare(evaluation: tuple[str, ...], as_json: bool) -> None:
    """Compare two or more EVALUATIONs, named by labels or by the first letters of their ids, over the cases that all of
    them attempted.

    \b
    GAINED and LOST are cases against the first one; CHANCE is how probable so large a difference
    is if neither is better (McNemar's exact test).
    """
    if len(evaluation) < 2:
        raise click.UsageError("Name two evaluations or more. `trivet eval list` shows them.")
    home = options.settings().home
    try:
        comparison = compared([find(home, each) for each in evaluation])
    except ValueError as error:
        raise click.UsageError(f"These evaluations cannot be compared: {error}.") from None
    if as_json:
        print_json(_document(comparison))
        return
    _print_table(comparison)
    echo()
    for line in plotted(comparison):
        echo(line)


def _print_table(comparison: Comparison) -> None:
    head = ("EVALUATION", "PLANNER", "MODEL", "RIGHT", "", "95%", "WRONG", "DECLINED", "ASKED", "MEDIAN", "P90", "CPU")
    rows = []
    for column in comparison.columns:
        total, pair = column.total, column.against_first
        rows.append(
            (
                column.name,
                column.evaluation.record.roles["planner"],
                _model(column.evaluation),
                str(total.right.count),
                percent(total.right),
                interval(total.right),
                *(str(share.count) for share in (total.wrong, total.declined, total.asked)),
                seconds(total.median),
                seconds(total.p90),
                seconds(total.cpu),
                *(
                    ("", "", "")
                    if pair is None
                    else (f"+{len(pair.gained)}", f"-{len(pair.lost)}", f"{pair.chance:.3f}")
                ),
            )
        )
    print_columns((*head, "GAINED", "LOST", "CHANCE"), rows)
    left_out = f"; {comparison.left_out} that only some attempted are left out" if comparison.left_out else ""
    echo(f"\nOver {comparison.cases} cases{left_out}.")
    for column in comparison.columns:
        if (pair := column.against_first) is not None:
            for word, cases in (("gained", pair.gained), ("lost", pair.lost)):
                if cases:
                    more = f" and {len(cases) - CHANGED} more" if len(cases) > CHANGED else ""
                    echo(f"{column.name} {word}: {', '.join(cases[:CHANGED])}{more}")


def _line(evaluation: Evaluation) -> tuple[str, ...]:
    found = _summary(evaluation)
    total = totals(evaluation.results)
    return (
        found["id"],
        found["suite"],
        found["label"],
        found["planner"],
        found["model"],
        f"{total.cases}/{found['cases']}",
        str(total.right.count),
        str(total.wrong.count),
        seconds(total.median),
        found["state"],
        found["source"],
    )


def _summary(evaluation: Evaluation) -> dict[str, Any]:
    record, total = evaluation.record, totals(evaluation.results)
    return {
        "id": record.id,
        "suite": record.suite,
        "label": record.conditions.label,
        "source": record.source,
        "planner": record.roles["planner"],
        "model": _model(evaluation),
        "cases": len(record.cases),
        "attempted": total.cases,
        "right": total.right.count,
        "wrong": total.wrong.count,
        "started": record.started,
        "state": "interrupted" if evaluation.completion is None else "complete",
    }


def _model(evaluation: Evaluation) -> str:
    model = evaluation.record.model
    return str(model.get("weights") or model.get("name") or evaluation.record.roles["model"])


def _document(comparison: Comparison) -> dict[str, Any]:
    columns = [
        {
            **_summary(column.evaluation),
            "totals": msgspec.to_builtins(column.total),
            "classes": msgspec.to_builtins(column.groups),
            "gained": list(column.against_first.gained) if column.against_first else [],
            "lost": list(column.against_first.lost) if column.against_first else [],
            "chance": column.against_first.chance if column.against_first else None,
        }
        for column in comparison.columns
    ]
    return {"cases": comparison.cases, "left_out": comparison.left_out, "evaluations": columns}
