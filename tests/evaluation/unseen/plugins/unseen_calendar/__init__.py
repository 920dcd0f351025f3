"""Appointments in agenda.ics."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_calendar import tools

    return stateless(Contributions(tools=(tools.day, tools.when, tools.add)))
