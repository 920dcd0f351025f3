"""The index of one place: what it holds, and the passages that fit a query by words and by meaning."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import msgspec
import numpy

from trivet_sdk.provenance import Provenance
from trivet_search.place import Place
from trivet_search.refreshing import Step, alone, refresh
from trivet_search.spelling import MOST, Spelling
from trivet_search.store import VERSION, Found, Store
from trivet_search.vectors import Vectors
from trivet_search.words import Words, is_mostly_foreign

DEPTH = 100
"""Passages that words and meaning contribute each."""
KNOWN = 1000
"""Passages whose scores by words are known, for those that only meaning found; the score of any other is next to none."""
SAMPLE = 500
"""Passages from which is told how rare a trigram is."""
LEFT_OUT = 2
Meaning: TypeAlias = Literal["auto", "always", "never"]


class Match(msgspec.Struct, frozen=True):
    path: str
    found: Found
    score: float
    by: tuple[str, ...]
    is_foreign: bool = False
    """It holds text from outside: it is of an e-mail, was downloaded, or is named so by the settings."""


class Ranked(NamedTuple):
    """Scores by passage, best first, and of others that may be asked for."""

    best: dict[int, float]
    others: dict[int, float]


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """Scores by passage, to be fused."""

    words: dict[int, float]
    meaning: dict[int, float]
    spelling: dict[int, float] = {}
    by: dict[int, tuple[str, ...]]
    """What found it: `words`, `meaning` or both."""


class Contents(msgspec.Struct, frozen=True, kw_only=True):
    files: int
    passages: int
    waiting: int
    """Passages that are yet to be embedded."""
    skipped: tuple[tuple[str, str], ...]
    """Name and reason."""


class Index:
    """For one thread at a time. `folder` is the plugin's own, never the user's."""

    def __init__(
        self,
        place: Place,
        folder: Path,
        *,
        language: str,
        meaning: Meaning,
        largest: int,
        provenance: Provenance | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.place = place
        self._folder = folder
        self._largest = largest
        self._meaning = meaning
        self._provenance = provenance or Provenance()
        self._store = Store(folder / "passages.db")
        self._words = self._written_words(f"words-{VERSION}-{language}", language)
        self._vectors: Vectors | None = None
        self._allowed: tuple[Any, Any] = (None, None)
        self._spelling: tuple[int, Spelling] | None = None
        if self._store.fact("meaning") != meaning:
            self._store.rows("UPDATE passages SET embedded = 0")
            self._store.set_fact("meaning", meaning)

    def _written_words(self, name: str, language: str) -> Words:
        """Files are marked as written for one folder of words only; for any other, or a new one, all are to be written. The mark
        is lasting: who opens the index next may be another process."""
        words = Words(self._folder / name, language)
        if words.is_new or self._store.fact("words") != name:
            with self._store.transaction():
                self._store.unwrite()
                self._store.set_fact("words", name)
            for old in self._folder.glob("words-*"):
                if old.name != name:
                    shutil.rmtree(old, ignore_errors=True)
        return words

    def close(self) -> None:
        if self._vectors is not None:
            self._vectors.close()
        self._store.close()

    def refresh(self, is_cancelled: Callable[[], bool]) -> Iterator[Step]:
        """Raises Busy."""
        return refresh(self.place, self._folder, self._store, self._words, self._largest, is_cancelled)

    def contents(self) -> Contents:
        one = self._store.one
        skipped = self._store.rows("SELECT name, skipped FROM files WHERE skipped <> '' AND state < 2 ORDER BY name")
        return Contents(
            files=int(one("SELECT count(*) FROM files WHERE skipped = '' AND state < 2")),
            passages=int(one("SELECT count(*) FROM passages")),
            waiting=int(one("SELECT count(*) FROM passages WHERE embedded = 0")) if self._meaning != "never" else 0,
            skipped=tuple((self.place.prefix + name, reason) for name, reason in skipped),
        )

    # Meaning

    def suits(self, text: str) -> bool:
        """Whether a text is to be compared by meaning."""
        return self._meaning == "always" or (self._meaning == "auto" and not is_mostly_foreign(text))

    def unembedded(self, embedder: str, limit: int) -> list[tuple[int, str]]:
        """Id and text of passages whose meaning is not known to this embedder yet."""
        if self._meaning == "never":
            return []
        if self._store.fact("embedder") not in (None, embedder):
            self._forget(embedder, None)
        sql = "SELECT id, heading, text FROM passages WHERE embedded = 0 ORDER BY id LIMIT ?"
        while rows := self._store.rows(sql, limit):
            suiting = [
                (id, f"{heading}\n{text}" if heading else text) for id, heading, text in rows if self.suits(text)
            ]
            if suiting:
                return suiting
            with self._store.transaction():
                self._mark([row[0] for row in rows], LEFT_OUT)
        return []

    def keep(self, embedder: str, texts: Sequence[tuple[int, str]], vectors: Any) -> None:
        """Only for passages that are still what they were. Raises Busy."""
        rows = numpy.asarray(vectors, dtype=numpy.float32)
        with alone(self._folder):
            open_vectors = self._open(embedder, rows.shape[1])
            now = dict(
                self._store.rows(
                    f"SELECT id, text FROM passages WHERE id IN ({_marks(texts)})", *[id for id, _ in texts]
                )
            )
            same = [place for place, (id, text) in enumerate(texts) if id in now and text.endswith(now[id])]
            ids = [texts[place][0] for place in same]
            open_vectors.put(ids, rows[same])
            open_vectors.sync()
            foreign = [id for id, text in now.items() if not self.suits(text)]
            with self._store.transaction():
                self._mark(ids, 1)
                self._mark(foreign, LEFT_OUT)

    def _open(self, embedder: str, dimensions: int) -> Vectors:
        if not self._is_of(embedder) or self._store.fact("dimensions") != dimensions:
            self._forget(embedder, dimensions)
        if self._vectors is None:
            self._vectors = Vectors(self._folder / "vectors", dimensions)
        return self._vectors

    def _forget(self, embedder: str, dimensions: int | None) -> None:
        """Vectors of another embedder, or of another shape, are of no use any more."""
        if self._vectors is not None:
            self._vectors.close()
            self._vectors = None
        (self._folder / "vectors").unlink(missing_ok=True)
        with self._store.transaction():
            self._store.rows("UPDATE passages SET embedded = 0")
            self._store.set_fact("embedder", embedder)
            self._store.set_fact("dimensions", dimensions)

    def _is_of(self, embedder: str) -> bool:
        return bool(self._store.fact("embedder") == embedder)

    def _mark(self, ids: Sequence[int], state: int) -> None:
        for id in ids:
            self._store.rows("UPDATE passages SET embedded = ? WHERE id = ?", state, id)

    # Search

    def by_words(self, query: str, under: str = "") -> Ranked:
        """BM25 scores."""
        found = self._words.best(query, KNOWN, self._store.files_under(under) if under else None)
        return Ranked(dict(islice(found.items(), DEPTH)), found)

    def by_meaning(self, embedder: str, vector: Any, under: str = "", also: Sequence[int] = ()) -> Ranked:
        """`also` are passages whose likeness is wanted as well."""
        dimensions = self._store.fact("dimensions")
        if not self._is_of(embedder) or dimensions is None:
            return Ranked({}, {})
        vectors = self._open(embedder, int(dimensions))
        return Ranked(*vectors.best(vector, self._may_be(under), DEPTH, also))

    def candidates(self, query: str, words: Ranked, nearest: Ranked) -> Candidates:
        """What words, letters and meaning say of the passages that words or meaning found."""
        missing = [id for id in nearest.best if id not in words.best]
        ids, texts = self._store.beginnings([*words.best, *missing], MOST)
        return Candidates(
            words=words.best | {id: words.others[id] for id in missing if id in words.others},
            meaning=nearest.best | nearest.others,
            spelling=dict(zip(ids, self._known_spelling().scores(query, texts), strict=True)),
            by={
                id: (*(("words",) if id in words.best else ()), *(("meaning",) if id in nearest.best else ()))
                for id in (*words.best, *nearest.best)
            },
        )

    def _known_spelling(self) -> Spelling:
        """Of some passages; drawn anew when there are twice as many, or half."""
        last = self._store.last_passage()
        if self._spelling is None or self._spelling[0] != last.bit_length():
            some = sorted({1 + number * last // SAMPLE for number in range(SAMPLE)})
            self._spelling = (last.bit_length(), Spelling(self._store.beginnings(some, MOST)[1]))
        return self._spelling[1]

    def at(self, name: str, place: int) -> int | None:
        """Id of the passage of a file at a line, page or paragraph; the nearest one above."""
        sql = (
            "SELECT p.id FROM passages p JOIN files f ON f.id = p.file WHERE f.name = ? AND p.first <= ? "
            "ORDER BY p.last < ?, p.first DESC, p.start LIMIT 1"
        )
        found = self._store.one(sql, name, max(place, 1), place)
        if found is None:  # it begins further down
            sql = "SELECT min(p.id) FROM passages p JOIN files f ON f.id = p.file WHERE f.name = ?"
            found = self._store.one(sql, name)
        return None if found is None else int(found)

    def found(self, ids: Sequence[int]) -> list[Found]:
        return self._store.found(ids)

    def matches(self, scores: Mapping[int, float], by: Mapping[int, tuple[str, ...]]) -> list[Match]:
        """These passages, in this order; those that have gone meanwhile are left out."""
        return [
            Match(
                self.place.prefix + found.name, found, scores[found.id], by.get(found.id, ()), self._is_foreign(found)
            )
            for found in self._store.found(list(scores))
        ]

    def _is_foreign(self, found: Found) -> bool:
        """Looked up now: a file may have been marked since it was read."""
        return found.is_foreign or bool(self.place.origin(found.name, self._provenance))

    def _may_be(self, under: str) -> Any:
        """`[id]`: whether the passage is there, embedded, and under that file or folder."""
        key = (self._store.changes, under)
        if self._allowed[0] != key:
            sql = "SELECT id FROM passages WHERE embedded = 1"
            if under:
                files = self._store.files_under(under)
                sql += f" AND file IN ({','.join(map(str, files))})"
            ids = numpy.fromiter((row[0] for row in self._store.rows(sql)), dtype=numpy.int64)
            allowed = numpy.zeros(int(ids.max()) + 1 if len(ids) else 0, dtype=bool)
            allowed[ids] = True
            self._allowed = (key, allowed)
        return self._allowed[1]


def _marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
