"""The default reflector: cheap checks first, then a model."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from trivet_critic.critic import Critic, rigour_of

    return stateless(Contributions(reflectors={"critic": Critic(rigour_of(context.settings))}))
