"""What was typed in chats, kept in the home for the next: readable by its owner only."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from prompt_toolkit.history import FileHistory

FILE = "chat_history"
LARGEST = 1_000_000
"""Bytes beyond which the older half is dropped when a chat begins."""
_ENTRY = b"\n# "


class PrivateHistory(FileHistory):
    """A history that cannot be kept is still one of this chat: what goes wrong on the disk is no reason to stop talking."""

    def __init__(self, home: Path) -> None:
        super().__init__(str(home / FILE))
        with suppress(OSError):
            self._prepare()

    def load_history_strings(self) -> Iterable[str]:
        try:
            return super().load_history_strings()
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        with suppress(OSError):
            super().store_string(string)

    def _prepare(self) -> None:
        """Made with its mode, so that it is never open to others, not even for a moment."""
        os.close(os.open(self.filename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        path = Path(os.fsdecode(self.filename))
        if path.stat().st_size <= LARGEST:
            return
        content = path.read_bytes()
        begins = content.find(_ENTRY, len(content) // 2)
        shorter = path.with_name(f"{path.name}.new")
        with open(os.open(shorter, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content[begins:] if begins >= 0 else b"")
        shorter.replace(path)
