"""The journal's tables, in today's format."""

FORMAT = 2
"""Kept in `user_version`. A journal of a later format is left alone, one of an earlier format is migrated."""

HOSTS = """
CREATE TABLE hosts(
    id TEXT PRIMARY KEY, pid INTEGER NOT NULL, started TEXT NOT NULL, boot TEXT NOT NULL, beat REAL NOT NULL
) WITHOUT ROWID;
CREATE TRIGGER runs_are_claimed_by_known_hosts BEFORE UPDATE OF owner ON runs
    WHEN new.owner IS NOT NULL AND NOT EXISTS(SELECT 1 FROM hosts WHERE id=new.owner)
    BEGIN SELECT RAISE(ABORT, 'a newer trivet has changed this journal: start again what is running'); END;
"""
# Only hosts that hold runs have a row, and `beat` is the Unix time of their newest sign of life. The trigger keeps a host of
# format 1, which was running when the journal was migrated, from working on a run: it would neither beat nor note blobs.

SNAPSHOTS = """
CREATE TABLE snapshots(
    run TEXT NOT NULL, seq INTEGER NOT NULL, fold INTEGER NOT NULL, payload BLOB NOT NULL, PRIMARY KEY(run, seq)
);
"""
# The state after event `seq` as fold version `fold` makes it. May be thrown away at any time: the events are the truth.

BLOB_REFS = """
CREATE TABLE blob_refs(run TEXT NOT NULL, blob TEXT NOT NULL, PRIMARY KEY(run, blob)) WITHOUT ROWID;
CREATE INDEX blob_refs_by_blob ON blob_refs(blob);
"""
# Written with the events that name the blobs: a blob without a row is nobody's.

REQUESTS = """
CREATE TABLE requests(run TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY(run, id)) WITHOUT ROWID;
"""
# Questions and approvals that are open, so that a listing knows whom a run waits for without reading its events.

SCHEMA = f"""
CREATE TABLE runs(
    id TEXT PRIMARY KEY, parent TEXT, workspace TEXT NOT NULL, client TEXT NOT NULL, status TEXT NOT NULL,
    goal TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL,
    owner TEXT, pid INTEGER, started TEXT, boot TEXT, conversation TEXT, finished REAL
) WITHOUT ROWID;
CREATE INDEX runs_by_time ON runs(created);
CREATE INDEX runs_by_parent ON runs(parent) WHERE parent IS NOT NULL;
CREATE INDEX runs_by_conversation ON runs(conversation) WHERE conversation IS NOT NULL;
CREATE TABLE events(
    cursor INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, seq INTEGER NOT NULL, topic TEXT NOT NULL,
    v INTEGER NOT NULL, time REAL NOT NULL, step TEXT, payload TEXT, blob TEXT, UNIQUE(run, seq)
);
CREATE TABLE inbox(
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL, kind TEXT NOT NULL, payload TEXT NOT NULL, time REAL NOT NULL
);
{HOSTS}{SNAPSHOTS}{BLOB_REFS}{REQUESTS}"""
# `events.cursor` is the home-wide feed: AUTOINCREMENT keeps a reader's place meaningful after runs were deleted.
# `inbox` is how one host speaks to the run of another; only the run's owner writes its events.
