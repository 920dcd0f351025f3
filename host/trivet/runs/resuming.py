"""Many runs taken up again, a few at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import anyio
import msgspec

from trivet.runs.options import RunOutcome
from trivet_sdk.errors import TrivetError

AT_ONCE = 4


class Resumption(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the runs, in the order in which they ended."""

    outcomes: Sequence[RunOutcome] = ()
    left: Mapping[str, TrivetError] = {}
    """Runs that could not be taken up or gone on with, and why, by id."""


async def resumed(
    runs: Sequence[str], pursue: Callable[[str], Awaitable[RunOutcome | None]], at_once: int
) -> Resumption:
    """`pursue` gives None for a run that somebody else has gone on with meanwhile: that one is not ours to tell of."""
    outcomes: list[RunOutcome] = []
    left: dict[str, TrivetError] = {}
    room = anyio.CapacityLimiter(at_once)

    async def take_up(run: str) -> None:
        async with room:
            try:
                if (outcome := await pursue(run)) is not None:
                    outcomes.append(outcome)
            except TrivetError as error:
                left[run] = error

    async with anyio.create_task_group() as group:
        for run in runs:
            group.start_soon(take_up, run)
    return Resumption(outcomes=outcomes, left=left)
