"""An evaluation carried out: case after case through one host, each result kept before the next begins."""

from collections.abc import Callable

from trivet.app import Host
from trivet.evaluation.case import Conditions, Result, Suite
from trivet.evaluation.record import Evaluation, Keeper


def ignore(result: Result) -> None:
    """Nobody is told."""


async def evaluate(
    suite: Suite, host: Host, conditions: Conditions, keeper: Keeper, tell: Callable[[Result], None] = ignore
) -> Evaluation:
    """Attempt all cases that have no result yet, one at a time. Cancelled, what is done is kept: `reopen` goes on.

    Raises what a case raises that makes the others pointless, and OSError where results cannot be kept.
    """
    left = set(keeper.evaluation.left)
    for case in suite.cases:
        if case.id in left:
            result = await case.attempt(host, conditions)
            keeper.keep(result)
            tell(result)
    keeper.complete()
    return keeper.evaluation
