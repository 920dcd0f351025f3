"""The plugin's settings, as it uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trivet_python.environment import checked
from trivet_sandbox import Limits
from trivet_sandbox.choice import Choice, choice_of
from trivet_sandbox.limits import MB


@dataclass(frozen=True, kw_only=True)
class Settings:
    timeout: float
    """Seconds."""
    limits: Limits
    is_writable: bool
    packages: tuple[str, ...]
    """Requirements."""
    beside: tuple[str, ...]
    sandbox: Choice
    sessions: int
    spare: int
    idle: float
    """Seconds."""


def settings_of(plugin: str, found: Mapping[str, Any]) -> Settings:
    """Raises SandboxFailed if `unsafe_no_sandbox` is set and nobody has agreed to it; Unreadable."""
    return Settings(
        timeout=found["timeout"],
        limits=Limits(memory=found["memory"] * MB),
        is_writable=found["workspace"] == "write",
        packages=checked(tuple(found["packages"])),
        beside=tuple(found["beside"]),
        sandbox=choice_of(plugin, found),
        sessions=found["sessions"],
        spare=found["spare"],
        idle=found["idle"],
    )
