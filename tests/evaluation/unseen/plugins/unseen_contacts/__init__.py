"""People in contacts.vcf."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_contacts import tools

    return stateless(Contributions(tools=(tools.phone, tools.birthday, tools.email, tools.in_town)))
