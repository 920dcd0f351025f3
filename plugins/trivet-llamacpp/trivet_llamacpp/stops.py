"""Text that ends before a stop string.

llama.cpp would watch for them too, but takes the tokens it holds back meanwhile for one, which spoils their logprobs.
"""

from collections.abc import Sequence


class Stops:
    """Holds back what may still become a stop string."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(filter(None, stops))
        self._held = ""
        self.is_over = False
        """One was reached; nothing follows."""

    def push(self, text: str) -> str:
        """The text that is certain now."""
        self._held += text
        found = min((place for stop in self._stops if (place := self._held.find(stop)) >= 0), default=-1)
        if found >= 0:
            self.is_over = True
            text, self._held = self._held[:found], ""
            return text
        keep = max((_overlap(self._held, stop) for stop in self._stops), default=0)
        cut = len(self._held) - keep
        text, self._held = self._held[:cut], self._held[cut:]
        return text

    def finish(self) -> str:
        """What was held back for a stop string that did not come."""
        text, self._held = self._held, ""
        return text


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that `stop` begins with."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)
