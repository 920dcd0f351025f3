"""What a reflector may decide."""

from typing import TypeAlias

import msgspec


class Accept(msgspec.Struct, frozen=True, tag="accept"):
    """Go on."""

    reason: str = ""


class Retry(msgspec.Struct, frozen=True, tag="retry"):
    """Do this step again, as it is."""

    step: str
    reason: str = ""


class Replan(msgspec.Struct, frozen=True, tag="replan"):
    """Ask the planner for a patch; `is_next` says that nothing failed and the planner is only asked to go on."""

    reason: str
    is_next: bool = False


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Ask the user; the run waits."""

    question: str
    reason: str = ""


class Finish(msgspec.Struct, frozen=True, tag="finish"):
    """The goal is achieved."""

    answer: str
    reason: str = ""


class GiveUp(msgspec.Struct, frozen=True, tag="give_up"):
    """The goal is not achieved and will not be; `found` is what there is to show nevertheless."""

    reason: str
    found: str = ""


Verdict: TypeAlias = Accept | Retry | Replan | Ask | Finish | GiveUp
