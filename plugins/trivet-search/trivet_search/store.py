"""Files and passages in SQLite: the truth of which words and vectors are made."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec

from trivet_search.document import Document, Passage

CLEAN, UNWRITTEN, GONE = 0, 1, 2
"""State of a file: its words are in the index, are yet to be written there, are yet to be taken out."""
VERSION = 3
_TABLES = """
CREATE TABLE IF NOT EXISTS facts(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS files(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size INT NOT NULL, changed INT NOT NULL, hash BLOB NOT NULL,
    unit TEXT NOT NULL, is_foreign INT NOT NULL, skipped TEXT NOT NULL, state INT NOT NULL);
CREATE TABLE IF NOT EXISTS passages(
    id INTEGER PRIMARY KEY, file INT NOT NULL, first INT NOT NULL, last INT NOT NULL, start INT NOT NULL, end INT NOT NULL,
    heading TEXT NOT NULL, text TEXT NOT NULL, embedded INT NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS passages_of_file ON passages(file);
CREATE INDEX IF NOT EXISTS unembedded ON passages(id) WHERE embedded = 0;
CREATE TABLE IF NOT EXISTS free(id INTEGER PRIMARY KEY);
"""


class Seen(msgspec.Struct, frozen=True):
    """What is known of a file since it was last looked at. `changed` is in nanoseconds, 0 where it may not be trusted."""

    id: int
    size: int
    changed: int
    hash: bytes


class Found(msgspec.Struct, frozen=True):
    """A passage with the file it is of."""

    id: int
    name: str
    unit: str
    is_foreign: bool
    passage: Passage


class Store:
    """One connection, for one thread at a time."""

    def __init__(self, path: Path) -> None:
        self._db = apsw.Connection(str(path))
        self._db.set_busy_timeout(10_000)
        self._db.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000")
        self._db.execute(_TABLES)

    def close(self) -> None:
        self._db.close()

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return list(self._db.execute(sql, values))

    def one(self, sql: str, *values: Any) -> Any:
        row = next(iter(self._db.execute(sql, values)), None)
        return None if row is None else row[0]

    @property
    def changes(self) -> int:
        """Rises with whatever anybody writes."""
        return int(self.one("PRAGMA data_version")) + self._db.total_changes()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._db:
            yield

    def fact(self, name: str) -> Any:
        return self.one("SELECT value FROM facts WHERE name = ?", name)

    def set_fact(self, name: str, value: Any) -> None:
        self._db.execute("INSERT OR REPLACE INTO facts VALUES(?, ?)", (name, value))

    def seen(self) -> dict[str, Seen]:
        rows = self._db.execute("SELECT name, id, size, changed, hash FROM files WHERE state < ?", (GONE,))
        return {name: Seen(*rest) for name, *rest in rows}

    def touch(self, file: int, changed: int) -> None:
        self._db.execute("UPDATE files SET changed = ? WHERE id = ?", (changed, file))

    def put(
        self,
        name: str,
        size: int,
        changed: int,
        hash: bytes,
        document: Document | None,
        passages: Sequence[Passage],
        why: str,
    ) -> int:
        """Take the place of whatever was known of the file."""
        if (old := self.one("SELECT id FROM files WHERE name = ?", name)) is not None:
            self._free(old)
        unit = document.unit if document else "line"
        self._db.execute(
            "INSERT INTO files(name, size, changed, hash, unit, is_foreign, skipped, state) VALUES(?,?,?,?,?,?,?,?) "
            "ON CONFLICT(name) DO UPDATE SET size=excluded.size, changed=excluded.changed, hash=excluded.hash, "
            "unit=excluded.unit, is_foreign=excluded.is_foreign, skipped=excluded.skipped, state=excluded.state",
            (name, size, changed, hash, unit, bool(document and document.is_foreign), why, UNWRITTEN),
        )
        file = int(self.one("SELECT id FROM files WHERE name = ?", name))
        ids = self._ids(len(passages))
        self._db.executemany(
            "INSERT INTO passages(id, file, first, last, start, end, heading, text) VALUES(?,?,?,?,?,?,?,?)",
            [
                (id, file, p.line, p.end_line, p.start, p.end, p.heading, p.text)
                for id, p in zip(ids, passages, strict=True)
            ],
        )
        return file

    def leave(self, file: int) -> None:
        """The file is no longer there."""
        self._free(file)
        self._db.execute("UPDATE files SET state = ? WHERE id = ?", (GONE, file))

    def unwritten(self, limit: int) -> list[tuple[int, str, int]]:
        """Id, name and state of files whose words are not in the index as they should be."""
        return self.rows("SELECT id, name, state FROM files WHERE state <> 0 ORDER BY id LIMIT ?", limit)

    def written(self, files: Sequence[tuple[int, str, int]]) -> None:
        with self._db:
            for file, _, state in files:
                if state == GONE:
                    self._db.execute("DELETE FROM files WHERE id = ?", (file,))
                else:
                    self._db.execute("UPDATE files SET state = 0 WHERE id = ?", (file,))

    def unwrite(self) -> None:
        """The index of words is lost: all of it is to be written again."""
        self._db.execute("UPDATE files SET state = ? WHERE state = 0", (UNWRITTEN,))

    def passages(self, file: int) -> list[tuple[int, Passage]]:
        sql = "SELECT id, first, last, start, end, heading, text FROM passages WHERE file = ?"
        return [(row[0], _passage(row[1:])) for row in self._db.execute(sql, (file,))]

    def found(self, ids: Sequence[int]) -> list[Found]:
        """In this order; those that have gone meanwhile are left out."""
        sql = (
            "SELECT p.id, f.name, f.unit, f.is_foreign, p.first, p.last, p.start, p.end, p.heading, p.text "
            "FROM passages p JOIN files f ON f.id = p.file WHERE p.id = ?"
        )
        rows = [row for id in ids for row in self._db.execute(sql, (id,))]
        return [Found(row[0], row[1], row[2], bool(row[3]), _passage(row[4:])) for row in rows]

    def beginnings(self, ids: Sequence[int], characters: int) -> tuple[list[int], list[str]]:
        """Those that are there, each with its titles and so many characters of its text."""
        sql = f"SELECT id, heading || ' ' || substr(text, 1, ?) FROM passages WHERE id IN ({','.join('?' * len(ids))})"
        rows = self.rows(sql, characters, *ids)
        return [row[0] for row in rows], [row[1] for row in rows]

    def last_passage(self) -> int:
        return int(self.one("SELECT max(id) FROM passages") or 0)

    def files_under(self, folder: str) -> list[int]:
        """Ids of the file of that name, or of those in the folder."""
        like = folder.rstrip("/") + "/"
        sql = "SELECT id FROM files WHERE name = ? OR substr(name, 1, ?) = ?"
        return [row[0] for row in self._db.execute(sql, (folder, len(like), like))]

    def _free(self, file: int) -> None:
        self._db.execute("INSERT INTO free SELECT id FROM passages WHERE file = ?", (file,))
        self._db.execute("DELETE FROM passages WHERE file = ?", (file,))

    def _ids(self, count: int) -> list[int]:
        """Freed numbers first: they are rows of the vectors' file, which so stays as short as it can."""
        ids = [row[0] for row in self._db.execute("SELECT id FROM free LIMIT ?", (count,))]
        self._db.executemany("DELETE FROM free WHERE id = ?", [(id,) for id in ids])
        last = int(
            self.one("SELECT max(id) FROM (SELECT max(id) id FROM passages UNION SELECT max(id) FROM free)") or 0
        )
        last = max([last, *ids])
        return [*ids, *range(last + 1, last + 1 + count - len(ids))]


def _passage(row: Sequence[Any]) -> Passage:
    first, last, start, end, heading, text = row
    return Passage(start=start, end=end, line=first, end_line=last, heading=heading, text=text)
