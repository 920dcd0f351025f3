"""What a user asks for, and how much may be spent on it."""

from pathlib import Path

import msgspec


class Budget(msgspec.Struct, frozen=True, kw_only=True):
    """Upper bounds of one run; `None` means no bound. A child run spends its parent's."""

    max_steps: int | None = 50
    max_tokens: int | None = None
    """Prompt and completion tokens of all model calls together."""
    max_seconds: float | None = None
    """Wall time while the run is worked on; waiting for a person does not count."""
    max_replans: int = 6
    """Replans after a disappointment; a step-by-step planner's next step does not count."""
    max_retries: int = 2
    """Repeats of one step."""

    def after(self, usage: "Usage") -> "Budget":
        """What is left once so much is spent; of a bound that is overrun nothing is. Retries are counted by step."""
        return Budget(
            max_steps=None if self.max_steps is None else max(0, self.max_steps - usage.steps),
            max_tokens=None if self.max_tokens is None else max(0, self.max_tokens - usage.tokens),
            max_seconds=None if self.max_seconds is None else max(0.0, self.max_seconds - usage.seconds),
            max_replans=max(0, self.max_replans - usage.replans),
            max_retries=self.max_retries,
        )


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent so far."""

    steps: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    model_calls: int = 0
    seconds: float = 0.0
    replans: int = 0

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            steps=self.steps + other.steps,
            prompt_tokens=self.prompt_tokens + other.prompt_tokens,
            completion_tokens=self.completion_tokens + other.completion_tokens,
            model_calls=self.model_calls + other.model_calls,
            seconds=self.seconds + other.seconds,
            replans=self.replans + other.replans,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(
            steps=self.steps - other.steps,
            prompt_tokens=self.prompt_tokens - other.prompt_tokens,
            completion_tokens=self.completion_tokens - other.completion_tokens,
            model_calls=self.model_calls - other.model_calls,
            seconds=self.seconds - other.seconds,
            replans=self.replans - other.replans,
        )


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file handed over with the goal; seen read-only as `attachments/<name>`."""

    name: str
    blob: str
    """SHA-256 of its bytes, its address in the blob store."""
    size: int
    """Bytes."""
    source: str = ""
    """The path that the user gave, as typed; names the file in messages."""
    origin: str = ""
    """The address from which the file was downloaded, if it bore the mark that says so."""


class Goal(msgspec.Struct, frozen=True, kw_only=True):
    """A user's wish, in the user's words."""

    text: str
    workspace: str = "."
    """Absolute path of the directory the goal is about; nothing outside it is written."""
    attachments: tuple[Attachment, ...] = ()
    criteria: tuple[str, ...] = ()
    """Conditions under which the user would call it achieved, if any were given."""

    @property
    def folder(self) -> Path:
        return Path(self.workspace)
