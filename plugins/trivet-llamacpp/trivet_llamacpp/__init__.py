"""Language models as GGUF files on this machine, by llama.cpp."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from trivet_llamacpp.backend import LlamaBackend
from trivet_sdk import Contributions, PluginContext, hookimpl


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """Quick: llama.cpp is loaded with the first request. Leaving releases every model."""
    async with LlamaBackend(context.weights, context.cache_dir) as backend:
        yield Contributions(models={"llamacpp": backend})
