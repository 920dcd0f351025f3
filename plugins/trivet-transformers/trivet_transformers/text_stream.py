"""Tokens as text, piece by piece, ending before a stop string."""

from collections.abc import Sequence

from tokenizers import Tokenizer
from tokenizers.decoders import DecodeStream


class TextStream:
    """Holds back what may still become a stop string, or is only a part of a character."""

    def __init__(self, tokenizer: Tokenizer, stop: Sequence[str]) -> None:
        self._tokenizer = tokenizer
        self._stream = DecodeStream(skip_special_tokens=True)
        self._stop = tuple(filter(None, stop))
        self._held = ""
        self.is_over = False
        """A stop string was reached; nothing follows."""

    def push(self, token: int) -> str:
        """The text that is certain after this token."""
        if self.is_over:
            return ""
        self._held += self._stream.step(self._tokenizer, token) or ""
        found = min((place for stop in self._stop if (place := self._held.find(stop)) >= 0), default=-1)
        if found >= 0:
            self.is_over = True
            text, self._held = self._held[:found], ""
            return text
        keep = max((_overlap(self._held, stop) for stop in self._stop), default=0)
        cut = len(self._held) - keep
        text, self._held = self._held[:cut], self._held[cut:]
        return text

    def finish(self) -> str:
        """What was held back for a stop string that did not come."""
        text, self._held = ("" if self.is_over else self._held), ""
        return text


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that `stop` begins with."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
