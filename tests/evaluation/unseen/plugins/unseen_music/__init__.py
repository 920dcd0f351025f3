"""A collection of songs in songs.json."""

from contextlib import AbstractAsyncContextManager

from trivet_sdk import Contributions, PluginContext, hookimpl, stateless


@hookimpl
def activate(context: PluginContext) -> AbstractAsyncContextManager[Contributions]:
    from unseen_music import tools

    return stateless(Contributions(tools=(tools.by_artist, tools.song, tools.playlist)))
