"""What makes an effect happen once: the key of a call, and when the journal must be durable before it."""

from trivet.journal.state import Intent
from trivet_sdk.tool import Effect, ToolSpec


def key_of(run: str, step: str, before: Intent | None) -> str:
    """`run/step/group`. The same for every repetition of a call whose end is not known; a deliberate repeat after a
    known end is a new call and gets the next group."""
    if before is None:
        return f"{run}/{step}/0"
    if not before.has_ended:
        return before.key
    return f"{run}/{step}/{int(before.key.rpartition('/')[2]) + 1}"


def is_intent_durable(effect: Effect) -> bool:
    """Whether the intent must have reached the disk before the call begins."""
    return effect != "pure"


def is_end_durable(effect: Effect) -> bool:
    """Whether to wait for the disk after the call: what cannot be repeated should not be forgotten either."""
    return effect == "effectful"


def outcome_if_cut_short(effect: Effect) -> str:
    """What is known of a call that was cancelled or overran its time."""
    return "unknown" if effect == "effectful" else "cancelled"


_RISK: dict[Effect, int] = {"pure": 0, "idempotent": 1, "effectful": 2}


def new_risk(planned: ToolSpec, now: ToolSpec) -> str | None:
    """What a tool has become that it was not when it was planned with and agreed to."""
    if _RISK[now.effect] > _RISK[planned.effect]:
        return now.effect
    if now.egress and not planned.egress:
        return "one that sends data away"
    if now.untrusted_output and not planned.untrusted_output:
        return "one that brings text from outside"
    return None
