"""Whether a call may be made: what its nature, the user's rules and the run's mode say, before anybody is asked. Pure."""

from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from trivet.approval_rules import Decision
from trivet.runs import approvals
from trivet_sdk.plan import Json
from trivet_sdk.tool import ToolSpec

Ruling = Callable[[str, Mapping[str, Json]], tuple[str, Decision] | None]
"""Name and decision of the user's rule about a call of this tool with these arguments; None if there is none."""


class Permission(NamedTuple):
    verdict: Literal["granted", "refused", "ask"]
    why: str = ""
    """Why it needs an agreement at all; empty for what needs none."""
    rule: str = ""
    """Name of the user's rule that has decided."""


def permission(
    spec: ToolSpec,
    arguments: Mapping[str, Json],
    *,
    mode: approvals.Mode,
    ruling: Ruling,
    is_tainted: bool,
    tainted_by: str = "",
) -> Permission:
    """A rule of the user's names the tool, and so holds even once text from outside may be behind the call; the mode does
    not, so `always` asks about that which cannot be undone or sends data away."""
    rule = ruling(spec.name, arguments)
    why = approvals.reason_to_ask(spec, is_tainted=is_tainted)
    if rule is not None and rule[1] == "never":
        return Permission("refused", why or "you have said so", rule[0])
    if rule is not None and rule[1] == "ask" and not why:
        why = "you want to be asked"
    if not why:
        return Permission("granted")
    if rule is not None and rule[1] == "always":
        return Permission("granted", why, rule[0])
    is_grave = spec.effect == "effectful" or spec.egress
    if is_tainted and is_grave:
        whence = f" in step {tainted_by}" if tainted_by else ""
        why = f"{why}, and this run has read text from outside{whence}"
    if mode == "never":
        return Permission("refused", why)
    if mode == "always" and not (is_tainted and is_grave) and rule is None:
        return Permission("granted")
    return Permission("ask", why)


def in_words(rule: str, *, is_granted: bool) -> str:
    """The reason that is recorded where a rule has decided."""
    return f"rule '{rule}' of the settings {'allows' if is_granted else 'forbids'} it"


def no_rules(tool: str, arguments: Mapping[str, Json]) -> None:
    """Of a user who has said nothing once and for all."""
