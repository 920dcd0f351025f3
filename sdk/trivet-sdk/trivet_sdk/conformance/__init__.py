"""Does what a plugin brings keep its contract? One check for each kind, and one for the plugin as a whole.

A check returns a sentence for each fault, so that a test is

    async def test_the_plugin_keeps_its_contract():
        assert await check_plugin(trivet_calculate, samples={"evaluate": {"expression": "1 + 1"}}) == ()

Beyond shapes, a check makes the calls that show the behaviour: tools write where they may, plans can run, a model
counts its tokens. What a thing is good for is not asked.
"""

from .embedders import check_embedder
from .models import check_model
from .planners import check_planner, plan_request
from .plugins import check_plugin
from .reflectors import check_reflector
from .tools import check_tool

__all__ = [
    "check_embedder",
    "check_model",
    "check_planner",
    "check_plugin",
    "check_reflector",
    "check_tool",
    "plan_request",
]
