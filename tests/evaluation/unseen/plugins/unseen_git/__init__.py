"""Commits, branches and files of a git repository."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_git import tools

    return stateless(Contributions(tools=(tools.log, tools.branches, tools.changed)))
