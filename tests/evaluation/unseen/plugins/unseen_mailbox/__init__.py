"""E-mail messages in the folder mail."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_mailbox import tools

    return stateless(Contributions(tools=(tools.from_sender, tools.about, tools.unread, tools.draft)))
