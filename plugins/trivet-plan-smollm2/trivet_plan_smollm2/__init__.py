"""The planner that needs no key and no network: SmolLM2-135M with an adapter, under a grammar of what is really there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec

from trivet_sdk import Contributions, PluginContext, hookimpl

__all__ = ["activate"]


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """Contribute the planner `plan-smollm2`."""
    from trivet_plan_smollm2.limits import Limits
    from trivet_plan_smollm2.planner import SmallPlanner

    limits = msgspec.convert(dict(context.settings.get("limits", {})), Limits)
    yield Contributions(planners={"plan-smollm2": SmallPlanner(limits)})
