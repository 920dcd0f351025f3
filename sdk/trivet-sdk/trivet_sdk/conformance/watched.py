"""Examining in a process that another one watches, over lines of JSON on what was stdout.

`{"now": …}` before each subject, at the end `{"examined": […]}` or `{"broken": …}`. Whatever the plugin prints goes to stderr.
"""

import os
import sys
from typing import Any

import msgspec

from .given import Given


class Lines:
    def __init__(self) -> None:
        self._channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
        os.dup2(2, 1)

    def given(self) -> Given:
        """What the watcher wrote to stdin."""
        return msgspec.json.decode(sys.stdin.buffer.read(), type=Given)

    def tell(self, value: dict[str, Any]) -> None:
        self._channel.write(msgspec.json.encode(value).decode() + "\n")
        self._channel.flush()

    def say(self, sentence: str) -> None:
        """For a person, where nobody watches."""
        self._channel.write(f"{sentence}\n")
        self._channel.flush()
