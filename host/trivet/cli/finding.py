"""What `trivet doctor` says of one thing."""

from typing import Literal, NamedTuple


class Finding(NamedTuple):
    what: str
    verdict: Literal["ok", "note", "wrong"]
    sentence: str
