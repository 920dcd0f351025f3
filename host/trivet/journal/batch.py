"""What one commit takes: collected on the loop while the commit before it is under way, then handed to the writer whole."""

from asyncio import Future
from collections.abc import Callable
from typing import Any

import apsw

Job = Callable[[apsw.Connection], Any]
"""Reads and writes inside the transaction; must check before it writes, since the transaction goes on if it raises."""


class Batch:
    """Rows, blobs they refer to, the newest status of each run, what else follows from the rows (run, statement, values),
    jobs, and who waits. `runs` are those whose rows these are, and for whom somebody waits."""

    __slots__ = ("blobs", "following", "jobs", "rows", "runs", "statuses", "waiting")

    def __init__(self) -> None:
        self.rows: list[tuple[Any, ...]] = []
        self.blobs: list[tuple[str, bytes]] = []
        self.statuses: dict[str, tuple[str, float, float | None]] = {}
        self.following: list[tuple[str, str, tuple[Any, ...]]] = []
        self.jobs: list[tuple[Job, Future[Any] | None]] = []
        self.waiting: list[tuple[str, Future[None]]] = []
        self.runs: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.rows or self.jobs or self.waiting)

    def of_run(self, run: str) -> "Batch":
        """The part that concerns one run; jobs are not anybody's."""
        part = Batch()
        part.rows = [row for row in self.rows if row[0] == run]
        part.waiting = [each for each in self.waiting if each[0] == run]
        part.following = [each for each in self.following if each[0] == run]
        part.blobs = self.blobs
        part.statuses = {run: self.statuses[run]} if run in self.statuses else {}
        part.runs = {run}
        return part
