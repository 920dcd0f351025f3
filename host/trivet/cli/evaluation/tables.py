"""What an evaluation came to, as a table for people and as a document for programs."""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from trivet.cli.columns import print_columns
from trivet.cli.screen import echo
from trivet.evaluation import Evaluation, Result, Share, Totals, by_group, totals


def print_totals(evaluation: Evaluation) -> None:
    """A row for each group, and one for all."""
    results = evaluation.results
    total = totals(results)
    measures = list(total.measures)
    head = [
        "CLASS",
        "CASES",
        "RIGHT",
        "",
        "95%",
        "WRONG",
        "DECLINED",
        "ASKED",
        "TIMEOUT",
        "BROKEN",
        "MEDIAN",
        "P90",
        "CPU",
    ]
    rows = [_row(name, each, measures) for name, each in {**by_group(results), "all": total}.items()]
    print_columns((*head, *(name.upper() for name in measures)), rows)
    if len(measures):
        echo()
        for name, share in total.measures.items():
            echo(f"{name}: {share.count} of {share.of}, {percent(share)} ({interval(share)})")
    completion = evaluation.completion
    if completion is not None and completion.resident_bytes:
        echo(f"\nThe host held {completion.resident_bytes / 1e9:.2f} GB of memory at most.")
    echo(f"\n{last_line(evaluation)}")


def last_line(evaluation: Evaluation) -> str:
    total = totals(evaluation.results)
    return (
        f"right {total.right.count}/{total.cases} claimed-wrong {total.wrong.count}/{total.cases} "
        f"median {seconds(total.median)}   (evaluation {evaluation.record.id})"
    )


def as_document(evaluation: Evaluation) -> dict[str, Any]:
    """JSON: the record, totals of all and of each group, and the results."""
    results = evaluation.results
    document: dict[str, Any] = {
        "record": evaluation.record,
        "completion": evaluation.completion,
        "totals": _document(totals(results)),
        "classes": {name: _document(each) for name, each in by_group(results).items()},
        "results": results,
    }
    built: dict[str, Any] = msgspec.to_builtins(document)
    return built


def why(result: Result) -> str:
    """What was not as expected, and of one without a claim what it said instead."""
    said = (result.answer,) if result.verdict == "honest" and result.answer else ()
    return "; ".join((*result.reasons, *result.notes, *said))


def percent(share: Share) -> str:
    return f"{share.value:.0%}" if share.of else "–"


def interval(share: Share) -> str:
    low, high = share.interval
    return f"{low:.0%}–{high:.0%}"


def seconds(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.1f} s"


def _row(name: str, total: Totals, measures: Sequence[str]) -> list[str]:
    counts = (total.wrong, total.declined, total.asked, total.timeout, total.broken)
    return [
        name,
        str(total.cases),
        str(total.right.count),
        percent(total.right),
        interval(total.right),
        *(str(share.count or "·") for share in counts),
        seconds(total.median),
        seconds(total.p90),
        seconds(total.cpu),
        *(percent(total.measures[each]) if each in total.measures else "·" for each in measures),
    ]


def _document(total: Totals) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(total)
    shares = {name: getattr(total, name) for name in ("right", "wrong", "declined", "asked", "timeout", "broken")}
    for place, named in ((built, shares), (built["measures"], total.measures)):
        for name, share in named.items():
            low, high = share.interval
            place[name] = {
                "count": share.count,
                "share": round(share.value, 4),
                "interval": [round(low, 4), round(high, 4)],
            }
    return built
