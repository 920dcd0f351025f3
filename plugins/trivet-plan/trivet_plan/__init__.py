"""The default planner, over any model."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_plan.manner import manner_of
    from trivet_plan.planner import ModelPlanner

    return stateless(Contributions(planners={"plan": ModelPlanner(manner_of(context.settings))}))
