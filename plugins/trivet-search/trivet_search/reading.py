"""Files become documents; what cannot be read says why."""

import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import PurePosixPath

import msgspec

from trivet_sdk.decoding import decode
from trivet_search.document import Document, Unreadable
from trivet_search.mail import is_mailbox, mail_document, mailbox_document
from trivet_search.markup import html_document

SECONDS = 60.0
"""For one PDF or DOCX."""
_STRANGE = re.compile(r"[^\x09-\x0d\x1b\x20-\ufffc\ufffe-\U0010ffff]")
_APART = frozenset([".pdf", ".docx"])
_MAILBOXES = frozenset([".mbox", ".mbx", ""])
_MARKDOWN = frozenset([".md", ".markdown", ".rst", ".adoc", ".org"])
_TABLES = frozenset([".csv", ".tsv", ".tab"])
_CODE = frozenset(
    ".py .pyi .js .mjs .cjs .ts .tsx .jsx .java .kt .scala .c .h .cc .cpp .hpp .cs .go .rs .rb .php .swift .lua .pl .r "
    ".jl .sh .bash .zsh .ps1 .sql .vue .svelte .zig .ex .exs .erl .hs .ml .clj .dart .m .css .scss".split()
)
_OTHERS = {
    ".zip": "an archive", ".gz": "an archive", ".tar": "an archive", ".7z": "an archive", ".xz": "an archive",
    ".png": "a picture", ".jpg": "a picture", ".jpeg": "a picture", ".gif": "a picture", ".webp": "a picture",
    ".mp3": "a recording", ".mp4": "a film", ".wav": "a recording", ".xlsx": "a workbook", ".parquet": "a table in binary form",
}  # fmt: skip


class Reading:
    """Reads one file at a time. Close it: there may be a process behind it."""

    def __init__(self, largest: int, is_cancelled: Callable[[], bool], seconds: float = SECONDS) -> None:
        """`largest`: bytes of a text; a PDF or DOCX may be five times as large."""
        self._largest = largest
        self._is_cancelled = is_cancelled
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def limit(self, name: str) -> int:
        return self._largest * (5 if PurePosixPath(name).suffix.casefold() in _APART else 1)

    def document(self, name: str, content: bytes) -> Document:
        """Raises Unreadable."""
        suffix = PurePosixPath(name).suffix.casefold()
        if suffix in _OTHERS:
            raise Unreadable(f"it is {_OTHERS[suffix]}")
        if not content.strip():
            raise Unreadable("it is empty")
        if suffix in _APART:
            return self._read_apart(suffix, content)
        if suffix == ".eml":
            return mail_document(content)
        if suffix in _MAILBOXES and is_mailbox(content):
            return mailbox_document(content)
        decoded = decode(content)
        if _is_binary(decoded.text):
            raise Unreadable("it is no text")
        text = decoded.text.replace("\r\n", "\n").replace("\r", "\n")
        if suffix in (".html", ".htm", ".xhtml"):
            return html_document(text)
        if suffix in _TABLES:
            return Document(text=text, form="table")
        if suffix in _CODE:
            return Document(text=text, form="code")
        return Document(text=text, form="markdown" if suffix in _MARKDOWN or suffix in ("", ".txt") else "prose")

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _read_apart(self, suffix: str, content: bytes) -> Document:
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            process = self._process = subprocess.Popen(
                [sys.executable, "-m", "trivet_search.reader"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert process.stdin is not None
        try:
            process.stdin.write(msgspec.json.encode((suffix, len(content))) + b"\n")
            process.stdin.write(content)
            process.stdin.flush()
        except BrokenPipeError:
            pass  # its end is told below
        answered = msgspec.json.decode(self._answer(process), type=Document | str)
        if isinstance(answered, str):
            raise Unreadable(answered)
        return answered

    def _answer(self, process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        received = bytearray()
        end = time.monotonic() + self._seconds
        while not received.endswith(b"\n"):
            if self._is_cancelled() or time.monotonic() > end:
                self.close()
                raise Unreadable(f"reading it took longer than {self._seconds:g} seconds")
            if select.select([process.stdout], [], [], 0.2)[0]:
                piece = os.read(process.stdout.fileno(), 1 << 20)
                if not piece:
                    self.close()
                    raise Unreadable("its reader broke down over it")
                received += piece
        return bytes(received)


def _is_binary(text: str) -> bool:
    """A NUL, or many characters that no text has. Looks at the beginning and the middle."""
    for sample in (text[:4096], text[len(text) // 2 :][:4096]):
        if "\0" in sample:
            return True
        if len(_STRANGE.findall(sample)) > len(sample) * 0.1:
            return True
    return False
