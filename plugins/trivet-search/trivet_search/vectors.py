"""The vectors of passages, in a file that is mapped, not loaded: row n belongs to passage n."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy
import numpy.typing

Floats = numpy.typing.NDArray[numpy.float32]
BLOCK = 100_000
"""Rows compared at once, so that a search needs no memory in proportion to the index."""


class Vectors:
    """Exact search: 100,000 rows of 384 numbers are read in less time than a graph of them takes to load."""

    def __init__(self, path: Path, dimensions: int) -> None:
        self._path = path
        self._dimensions = dimensions
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._mapped: Floats | None = None

    def close(self) -> None:
        self._mapped = None
        os.close(self._file)

    def put(self, ids: list[int], vectors: Any) -> None:
        rows = numpy.ascontiguousarray(vectors, dtype=numpy.float32)
        for id, row in zip(ids, rows, strict=True):
            os.pwrite(self._file, row.tobytes(), id * self._dimensions * 4)

    def sync(self) -> None:
        os.fdatasync(self._file)

    def best(
        self, vector: Any, allowed: numpy.typing.NDArray[numpy.bool_], limit: int, also: Sequence[int] = ()
    ) -> tuple[dict[int, float], dict[int, float]]:
        """Cosines, by id, of the nearest, nearest first, and of the others in `also`; of those allowed (`allowed[id]`)."""
        rows = self._rows()
        count = min(len(rows), len(allowed))
        wanted = numpy.asarray(vector, dtype=numpy.float32)
        scores = numpy.empty(count, dtype=numpy.float32)
        for start in range(0, count, BLOCK):
            end = min(start + BLOCK, count)
            numpy.dot(rows[start:end], wanted, out=scores[start:end])
        scores[~allowed[:count]] = -2.0
        limit = min(limit, int(allowed[:count].sum()))
        if not limit:
            return {}, {}
        nearest = numpy.argpartition(-scores, limit - 1)[:limit]
        best = {int(id): float(scores[id]) for id in nearest[numpy.argsort(-scores[nearest], kind="stable")]}
        return best, {id: float(scores[id]) for id in also if id not in best and id < count and allowed[id]}

    def _rows(self) -> Floats:
        count = os.fstat(self._file).st_size // (self._dimensions * 4)
        if self._mapped is None or len(self._mapped) != count:
            self._mapped = (
                numpy.memmap(self._path, numpy.float32, "r", shape=(count, self._dimensions)).view(numpy.ndarray)
                if count
                else numpy.zeros((0, self._dimensions), dtype=numpy.float32)
            )
        return self._mapped
