"""The plugin's settings, as it uses them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trivet_sandbox import Limits
from trivet_sandbox.limits import MB


@dataclass(frozen=True, kw_only=True)
class Settings:
    timeout: float
    """Seconds."""
    limits: Limits
    is_writable: bool
    packages: tuple[str, ...]
    sessions: int
    spare: int
    idle: float
    """Seconds."""


def settings_of(found: Mapping[str, Any]) -> Settings:
    return Settings(
        timeout=found["timeout"],
        limits=Limits(memory=found["memory"] * MB),
        is_writable=found["workspace"] == "write",
        packages=tuple(found["packages"]),
        sessions=found["sessions"],
        spare=found["spare"],
        idle=found["idle"],
    )
