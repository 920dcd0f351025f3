"""Models behind any OpenAI-compatible endpoint."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """One HTTP session for every model and every run, for as long as the plugin lives."""
    from trivet_openai.backend import OpenAIBackend
    from trivet_openai.session import open_session

    async with open_session() as session:
        yield Contributions(models={"openai": OpenAIBackend(session, context.secret)})
