"""The small declared model, where it is at hand."""

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from platformdirs import user_data_path

from trivet_llamacpp.backend import LlamaBackend
from trivet_sdk import Model, WeightsMissing


@pytest.fixture
def smollm(skip_without: Callable[[str, str], None]) -> Path:
    """SmolLM2-135M below TRIVET_TEST_WEIGHTS, or in the home as `trivet models pull` leaves it."""
    homes = [Path(os.environ.get("TRIVET_HOME") or user_data_path("trivet", appauthor=False)) / "weights"]
    if named := os.environ.get("TRIVET_TEST_WEIGHTS"):
        homes.insert(0, Path(named))
    found = next((file for home in homes for file in (home / "smollm2-135m").glob("*.gguf")), None)
    if found is None:
        skip_without("weights", "no 'smollm2-135m' here: run `trivet models pull smollm2-135m`")
        raise AssertionError
    return found


def nothing(name: str) -> Path:
    raise WeightsMissing(name)


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[LlamaBackend]:
    async with LlamaBackend(nothing, tmp_path) as backend:
        yield backend


@pytest.fixture
async def model(backend: LlamaBackend, smollm: Path) -> Model:
    return await backend.open("small", {"path": str(smollm), "window": 1024})
