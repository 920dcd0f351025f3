"""Which runs go when old ones are removed. Pure, over what a listing knows."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from trivet.journal.reader import RunSummary

DAY = 86_400.0


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """`older_than` (seconds), `keep_last` and `max_size` (bytes) each name runs that go; `statuses` and `workspace` say which
    runs are meant at all. Without any of the first three all that are meant go."""

    older_than: float | None = None
    keep_last: int | None = None
    max_size: int | None = None
    statuses: Collection[str] = ()
    workspace: str | None = None

    def __bool__(self) -> bool:
        return self != Limits()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A run with its sub-goals."""

    run: RunSummary
    size: int
    """Bytes of events and blobs."""
    is_held: bool = False
    """By a living host, itself or one of its sub-goals."""


def candidates(runs: Sequence[RunSummary], sizes: Mapping[str, int]) -> list[Candidate]:
    """Newest first, as `runs` are."""
    parents = {run.id: run.parent for run in runs}
    size: dict[str, int] = {}
    held: set[str] = set()
    for run in runs:
        root, above = run.id, run.parent
        while above is not None and above in parents:
            root, above = above, parents[above]
        size[root] = size.get(root, 0) + sizes.get(run.id, 0)
        if run.pid is not None:
            held.add(root)
    return [
        Candidate(run=run, size=size[run.id], is_held=run.id in held)
        for run in runs
        if run.parent is None or run.parent not in parents
    ]


def going(found: Sequence[Candidate], limits: Limits, now: float) -> list[Candidate]:
    """Those that go, oldest first. Runs that are not over stay unless `statuses` names theirs, and a held one always."""
    meant = [
        each
        for each in found
        if (limits.workspace is None or each.run.workspace == limits.workspace)
        and (each.run.status in limits.statuses if limits.statuses else True)
    ]
    names_all = limits.older_than is None and limits.keep_last is None and limits.max_size is None
    going: list[Candidate] = []
    size = 0
    for place, each in enumerate(meant):
        size += each.size
        goes = (
            names_all
            or (limits.older_than is not None and now - each.run.updated > limits.older_than)
            or (limits.keep_last is not None and place >= limits.keep_last)
            or (limits.max_size is not None and size > limits.max_size)
        )
        if goes and not each.is_held and (each.run.is_finished or limits.statuses):
            going.append(each)
    return going[::-1]
