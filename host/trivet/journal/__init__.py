"""What happened, kept: an append-only journal on SQLite with large payloads beside it, and the fold that reads it."""

from trivet.journal.blobs import BlobStore
from trivet.journal.journal import Journal, open_journal
from trivet.journal.reader import Message, RunSummary

__all__ = ["BlobStore", "Journal", "Message", "RunSummary", "open_journal"]
