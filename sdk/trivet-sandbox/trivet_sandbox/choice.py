"""Which sandbox the settings of a plugin that runs programs name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trivet_sandbox.backend import Backend
from trivet_sandbox.bare import Bare
from trivet_sandbox.reduced import reduced_backend
from trivet_sandbox.result import Result


@dataclass(frozen=True, kw_only=True)
class Choice:
    name: Literal["bubblewrap", "landlock"] = "bubblewrap"
    bare: Bare | None = None
    """None unless somebody has agreed to run programs without a sandbox."""

    def backend(self) -> Backend | None:
        """None stands for bubblewrap. No other takes the place of one that cannot be had: raises SandboxUnavailable."""
        if self.bare is not None:
            return self.bare
        return reduced_backend() if self.name == "landlock" else None


def choice_of(plugin: str, settings: Mapping[str, Any]) -> Choice:
    """By the settings `backend` and `unsafe_no_sandbox`. Raises SandboxFailed if the latter is set and nobody has agreed to
    it."""
    confirmed = settings["unsafe_no_sandbox"]
    bare = None if confirmed is False else Bare(f"plugins.{plugin}.config.unsafe_no_sandbox", confirmed)
    return Choice(name=settings["backend"], bare=bare)


def stamp_of(result: Result) -> Iterator[str]:
    """What must stand in front of a result that no full sandbox has made."""
    if result.isolation == "none":
        yield "Run without a sandbox, as `unsafe_no_sandbox` says."
    elif result.isolation == "reduced":
        yield "Run in the reduced sandbox 'landlock'."
