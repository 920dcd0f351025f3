"""How the planner is set up: its settings as a value."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """What each means is said in `config.schema.json`."""

    mode: Literal["auto", "tools", "schema"] = "auto"
    role: str = "model"
    repairs: int = 1
    result_characters: int = 4000
    temperature: float = 0.0
    seed: int | None = None
    instructions: str = ""


def manner_of(settings: Mapping[str, Any]) -> Manner:
    return msgspec.convert(dict(settings), Manner)
