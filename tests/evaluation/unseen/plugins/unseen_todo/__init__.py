"""Tasks in todo.txt."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_todo import tools

    return stateless(Contributions(tools=(tools.open_, tools.add_task, tools.done)))
