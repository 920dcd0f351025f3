"""Language models and embeddings on this machine, by transformers and torch."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from trivet_sdk import Contributions, PluginContext, hookimpl
from trivet_transformers.backend import TransformersBackend
from trivet_transformers.embedder import LocalEmbedder


@hookimpl
@asynccontextmanager
async def activate(context: PluginContext) -> AsyncIterator[Contributions]:
    """Quick: torch is imported when the first model is opened or the first text embedded."""
    named = context.settings.get("embedder_path") or ""

    def encoder_folder() -> Path:
        return Path(named).expanduser() if named else context.weights("minilm")

    yield Contributions(
        models={"transformers": TransformersBackend(context.weights, context.cache_dir)},
        embedders={
            "minilm": LocalEmbedder("minilm", encoder_folder, context.settings.get("embedder_device") or "auto")
        },
    )
