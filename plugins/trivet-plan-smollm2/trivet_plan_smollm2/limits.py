"""Where the planner declines instead of guessing."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Where to decline; set on held-out goals (see the model card)."""

    nearness: float = 0.0
    """Of the best tool's nearest example."""
    score: float = -1.6
    """Of a plan, in nats."""
    checked_score: float = -3.0
    """Of a search, whose outcome is checked by its passage."""
    plain: float = 0.42
    """Nearness of a tool with a plain schema, by its name, summary and examples."""
    example: float = 0.55
    """Nearness of a tool's example, where the goal has all its arguments."""
    passage: float = 0.5
    """Share of the goal's words that a passage must hold."""
