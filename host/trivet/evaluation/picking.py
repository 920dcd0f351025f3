"""Which cases of a suite are attempted. Pure."""

from collections import Counter
from collections.abc import Sequence

import msgspec

from trivet.errors import nearest
from trivet.evaluation.case import Suite


def picked(suite: Suite, *, groups: Sequence[str] = (), ids: Sequence[str] = (), limit: int | None = None) -> Suite:
    """The suite with those cases only, in its order. With a limit, one of each group counts before a second of any.

    Raises ValueError, a sentence, for a group or an id that it does not have, or if nothing is left."""
    _refuse_unknown(suite, "class", groups, [case.group for case in suite.cases])
    _refuse_unknown(suite, "case", ids, [case.id for case in suite.cases])
    left = [case for case in suite.cases if (not groups or case.group in groups) and (not ids or case.id in ids)]
    if not left:
        raise ValueError(f"no case of the suite {suite.source} is left")
    if limit is not None:
        turns: Counter[str] = Counter()
        rounds = {}
        for case in left:
            rounds[case.id] = turns[case.group]
            turns[case.group] += 1
        kept = set(sorted(rounds, key=lambda id: rounds[id])[:limit])
        left = [case for case in left if case.id in kept]
    return msgspec.structs.replace(suite, cases=tuple(left))


def _refuse_unknown(suite: Suite, what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for each in wanted:
        if each not in known:
            all_of_them = f" There is: {', '.join(dict.fromkeys(known))}." if what == "class" else ""
            raise ValueError(f"the suite {suite.source} has no {what} '{each}'.{nearest(each, known) or all_of_them}")
