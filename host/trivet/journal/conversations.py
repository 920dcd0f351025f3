"""Questions to the journal about conversations: chains of runs that bear one id. They block as the reader's do."""

from collections.abc import Sequence

from trivet.errors import UnknownConversation
from trivet.journal.reader import Reader


def newest(reader: Reader, workspace: str) -> str | None:
    """The conversation in this folder to which something was said last."""
    query = "SELECT conversation FROM runs WHERE conversation IS NOT NULL AND workspace=? ORDER BY created DESC LIMIT 1"
    return next((str(row[0]) for row in reader.rows(query, (workspace,))), None)


def found(reader: Reader, prefix: str) -> str:
    """The conversation whose id begins so, or that of the run whose id does. Raises UnknownConversation."""
    beginning = (prefix, len(prefix))
    query = "SELECT DISTINCT conversation FROM runs WHERE conversation IS NOT NULL AND substr({}, 1, ?2)=?1 LIMIT 6"
    for column in ("conversation", "id"):
        ids = [str(row[0]) for row in reader.rows(query.format(column), beginning)]
        if prefix in ids:
            return prefix
        if len(ids) == 1:
            return ids[0]
        if ids:
            raise UnknownConversation(prefix, ids[:5])
    raise UnknownConversation(prefix)


def known(reader: Reader, runs: Sequence[str]) -> set[str]:
    """Those of the runs that there are."""
    marks = ",".join("?" * len(runs))
    return {str(row[0]) for row in reader.rows(f"SELECT id FROM runs WHERE id IN ({marks})", runs)}
