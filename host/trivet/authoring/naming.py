"""What a new plugin may be called."""

import re
from collections.abc import Iterable

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


def near(id: str, taken: Iterable[str]) -> str | None:
    """A name that this one would be taken for: the same but for one letter, two swapped letters, or the hyphens."""
    return next((other for other in sorted(taken) if other != id and _is_near(id, other)), None)


def _is_near(one: str, other: str) -> bool:
    if one.replace("-", "") == other.replace("-", ""):
        return True
    if len(one) < 4 or len(other) < 4:
        return False  # `sql` and `ssl` are two things
    if abs(len(one) - len(other)) > 1:
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    rest_one, rest_other = one[start:], other[start:]
    is_swap = rest_one[:2] == rest_other[:2][::-1] and rest_one[2:] == rest_other[2:]
    return is_swap or rest_one[1:] == rest_other[1:] or rest_one[1:] == rest_other or rest_one == rest_other[1:]
