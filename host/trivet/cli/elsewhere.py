"""Where a configured model is: on this machine, or somewhere that what it is told is sent to. Pure."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from trivet.cli.screen import in_line
from trivet.runs.escalation import ESCALATION, NEVER
from trivet.settings import Settings


def elsewhere(definition: Mapping[str, Any]) -> str:
    """The host that a model's endpoint is at, if that is not this machine; else empty."""
    try:
        host = urlsplit(str(definition.get("base_url", ""))).hostname or ""
    except ValueError:
        return ""
    if host == "localhost":
        return ""
    try:
        return "" if ipaddress.ip_address(host).is_loopback else host
    except ValueError:
        return host


def departure(settings: Settings) -> str:
    """A sentence where a run may hand its goal over to a model on another machine; else empty."""
    model = settings.roles.get(ESCALATION, NEVER)
    host = elsewhere(settings.models.get(model, {}))
    if not host:
        return ""
    return (
        f"where the planner cannot go on, the goal and what was found are sent to {in_line(host)} (model '{model}'); "
        f"`trivet config set roles.{ESCALATION} {NEVER}` keeps them here"
    )
