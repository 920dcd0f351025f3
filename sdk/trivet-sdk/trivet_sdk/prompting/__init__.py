"""What a planner over a language model needs: the plan as a schema, the run as messages, the answer as a plan."""

from .conversation import Conversations, render_goal, render_plan
from .earlier import render_earlier
from .outline import outline
from .plan_schema import plan_schema
from .plan_text import next_number, plan_of_calls, read_plan
from .signature import render_tools, signature
from .wire_names import from_wire, to_wire

__all__ = [
    "Conversations",
    "from_wire",
    "next_number",
    "outline",
    "plan_of_calls",
    "plan_schema",
    "read_plan",
    "render_earlier",
    "render_goal",
    "render_plan",
    "render_tools",
    "signature",
    "to_wire",
]
