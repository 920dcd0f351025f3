"""What the plugin publishes."""

from typing import ClassVar

from trivet_sandbox.result import Isolation, Status
from trivet_sdk import Event


class ProgramRan(Event, frozen=True, kw_only=True):
    """A program has come to its end, whichever."""

    topic: ClassVar[str] = "python.program_ran"
    run: str
    """Empty for a call by hand."""
    step: str
    status: Status
    isolation: Isolation
    """How far it was apart from the machine: `full`, `reduced` or `none`."""
    seconds: float
