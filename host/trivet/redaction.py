"""Texts without secrets: values that are known, and whatever looks like a key."""

import re
from collections.abc import Iterable
from typing import Any

_LEAST = 6
"""Letters of a known secret. A shorter one would take words out of every text, and is no secret."""
_LOOKS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\b(?:sk|pk|rk)[-_](?:[A-Za-z]+[-_])*[A-Za-z0-9_-]{16,}"  # OpenAI, Anthropic, Stripe
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}|\bglpat-[A-Za-z0-9_-]{16,}|\bhf_[A-Za-z0-9]{20,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[A-Za-z0-9_-]{30,}|\bxox[a-z]-[A-Za-z0-9-]{10,}"
    r"|\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"  # JSON web tokens
    r"|(?<=://)[^\s/:@]+:[^\s/@]+(?=@)"  # name and password of an address
    r"|(?i:(?<=bearer ))[A-Za-z0-9._~+/=-]{16,}",
    re.DOTALL,
)
REMOVED = "[secret removed]"


class Redaction:
    """`secrets` are values that must not leave."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({each for each in secrets if len(each) >= _LEAST}, key=len, reverse=True)
        self._known = re.compile("|".join(map(re.escape, known))) if known else None
        self._bytes = tuple(each.encode() for each in known)
        self.count = 0
        """Places where something was removed."""

    def text(self, text: str) -> str:
        if self._known is not None:
            text, times = self._known.subn(REMOVED, text)
            self.count += times
        text, times = _LOOKS.subn(REMOVED, text)
        self.count += times
        return text

    def value(self, value: Any) -> Any:
        """The same of every text in it, keys included."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {
                    self.text(key) if isinstance(key, str) else key: self.value(inner) for key, inner in value.items()
                }
            case list() | tuple():
                return [self.value(inner) for inner in value]
            case _:
                return value

    def is_in(self, content: bytes) -> bool:
        """Whether a known secret is, or what looks like one."""
        if any(secret in content for secret in self._bytes):
            return True
        return _LOOKS.search(content.decode("utf-8", "ignore")) is not None
