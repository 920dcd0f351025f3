"""The questions as a suite, read from the package's own files."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from trivet.errors import SuiteUnreadable
from trivet.evaluation.bfcl.bfcl_case import BfclCase
from trivet.evaluation.bfcl.manners import Manner
from trivet.evaluation.bfcl.package import VERSION
from trivet.evaluation.case import Suite

CATEGORIES = {
    "simple": "simple_python",
    "multiple": "multiple",
    "parallel": "parallel",
    "parallel_multiple": "parallel_multiple",
    "irrelevance": "irrelevance",
}
"""Category -> file. The leaderboard's other AST categories are of other languages, or its users' own ("live")."""
SPLITS = {"develop": 0, "held": 1}
"""Split -> parity of a question's number in its file."""


def load_bfcl(package: Path, manner: Manner, categories: Sequence[str] = (), split: str | None = None) -> Suite:
    """In an order that is drawn once and for all, so that the first N are a fair sample of each category.

    Raises SuiteUnreadable where the package is not what it was."""
    chosen = [name for name in CATEGORIES if not categories or name in categories]
    try:
        cases = [case for name in chosen for case in _cases(package, name, manner, split)]
    except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise SuiteUnreadable(package, f"it is not bfcl-eval {VERSION} ({error!r})") from None
    cases.sort(key=lambda case: hashlib.sha256(case.id.encode()).digest())
    return Suite(
        name="bfcl",
        source=f"bfcl-eval {VERSION}, {manner}",
        digest=hashlib.sha256(f"{VERSION}/{manner}/{split}/{','.join(chosen)}".encode()).hexdigest(),
        cases=tuple(cases),
    )


def _cases(package: Path, name: str, manner: Manner, split: str | None) -> Iterator[BfclCase]:
    data = package / "bfcl_eval" / "data"
    file = f"BFCL_v4_{CATEGORIES[name]}.json"
    answers = data / "possible_answer" / file
    truth = {line["id"]: line["ground_truth"] for line in _lines(answers)} if name != "irrelevance" else {}
    for number, line in enumerate(_lines(data / file)):
        if split is not None and number % 2 != SPLITS[split]:
            continue
        yield BfclCase(
            id=line["id"],
            group=name,
            question=line["question"][0][-1]["content"],
            functions=tuple(line["function"]),
            truth=tuple(truth[line["id"]]) if truth else (),
            manner=manner,
            package=package,
        )


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
