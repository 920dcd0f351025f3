"""Does what a plugin brings keep its contract? One check for each kind, and one for the plugin as a whole.

A check returns a sentence for each fault, so that a test is

    async def test_the_plugin_keeps_its_contract():
        assert await check_plugin(trivet_calculate, samples={"evaluate": {"expression": "1 + 1"}}) == ()

Beyond shapes, a check makes the calls that show the behaviour: tools write where they may, plans can run, a model
counts its tokens. What a thing is good for is not asked.

In pytest, one line makes a test of each part (see `trivet_sdk.testing.pytest_plugin`); outside it,
`trivet plugins check PATH` and `python -m trivet_sdk.conformance MODULE` do.
"""

from .contexts import check_context
from .embedders import check_embedder
from .examination import Examined, examine
from .executors import check_executor
from .gateways import check_gateway
from .given import Given, given_in
from .guards import check_guard
from .journals import check_journal
from .models import check_model
from .planners import check_planner, plan_request
from .plugins import check_plugin
from .policies import check_policy
from .reflectors import check_reflector
from .services import check_service
from .tools import check_tool

__all__ = [
    "Examined",
    "Given",
    "check_context",
    "check_embedder",
    "check_executor",
    "check_gateway",
    "check_guard",
    "check_journal",
    "check_model",
    "check_planner",
    "check_plugin",
    "check_policy",
    "check_reflector",
    "check_service",
    "check_tool",
    "examine",
    "given_in",
    "plan_request",
]
