"""What a new plugin may be called."""

import re

from trivet_sdk.errors import TrivetError

_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
LONGEST = 40


class UnusableName(TrivetError):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name, self.reason = name, reason

    def __str__(self) -> str:
        return f"a plugin cannot be called '{self.name}': {self.reason}"


def checked_id(name: str) -> str:
    """The id of a plugin by this name; `trivet-words` is `words`. Raises UnusableName."""
    id = name.removeprefix("trivet-")
    if not _ID.fullmatch(id):
        lowered = re.sub(r"[^a-z0-9]+", "-", id.lower()).strip("-")
        hint = f" `{lowered}` would do." if _ID.fullmatch(lowered) else ""
        raise UnusableName(name, f"a name is lower case letters and digits, with a `-` between words.{hint}")
    if len(id) > LONGEST:
        raise UnusableName(name, f"it has {len(id)} characters, and people type it. At most {LONGEST}.")
    return id
