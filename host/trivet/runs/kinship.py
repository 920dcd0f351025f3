"""Which runs belong together: a run, its sub-goals, and theirs."""

from trivet.journal.journal import Journal
from trivet_sdk.events import TERMINAL

_FINISHED = ", ".join(f"'{status}'" for status in sorted(TERMINAL))
_ABOVE = (
    "WITH RECURSIVE line(id, parent, status, depth) AS (SELECT id, parent, status, 0 FROM runs WHERE id=?"
    " UNION SELECT runs.id, runs.parent, runs.status, depth + 1 FROM runs JOIN line ON runs.id=line.parent)"
    " SELECT id, status FROM line ORDER BY depth"
)
_BELOW = (
    "WITH RECURSIVE family(id, depth) AS (SELECT id, 0 FROM runs WHERE id=?"
    " UNION SELECT runs.id, depth + 1 FROM runs JOIN family ON parent=family.id)"
    f" SELECT family.id FROM family JOIN runs USING(id) WHERE status NOT IN ({_FINISHED})"
)


async def head_of(journal: Journal, run: str) -> str:
    """The run with which this one goes on: the topmost above it, as far as those between are not finished."""
    head = run
    for id, status in await journal.look(_ABOVE, (run,)):
        if id != run and status in TERMINAL:
            break
        head = id
    return head


async def unfinished_below(journal: Journal, run: str) -> list[str]:
    """Its sub-goals that have not ended, the deepest first."""
    return [id for (id,) in await journal.look(f"{_BELOW} AND depth>0 ORDER BY depth DESC, id", (run,))]


async def asking(journal: Journal, run: str, request: str) -> list[str]:
    """Those of the run and its unfinished sub-goals that have an open request whose id is like this: `q*`, `a*`, `q12`."""
    query = f"{_BELOW} AND EXISTS(SELECT 1 FROM requests WHERE run=family.id AND requests.id GLOB ?) ORDER BY depth, created"
    return [id for (id,) in await journal.look(query, (run, request))]
