"""The declared weights, where they are at hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

from trivet_sdk import Completion, GenerateRequest, Model, collect
from trivet_sdk.message import system, user
from trivet_transformers.backend import TransformersBackend
from trivet_transformers.embedder import LocalEmbedder
from trivet_transformers.prefixes import CHUNK

CAPITAL = (user("What is the capital of France?"),)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
async def smollm(weights: Callable[[str], Path], cache: Path) -> Model:
    return await TransformersBackend(weights, cache).open("local", {"weights": "smollm2-135m", "device": "cpu"})


async def ask(model: Model, **fields: Any) -> Completion:
    return await collect(model.generate(GenerateRequest(**{"messages": CAPITAL, "max_tokens": 60, **fields})))


async def test_smollm2_knows_a_capital(smollm: Model) -> None:
    completion = await ask(smollm)
    assert completion.text == "The capital of France is Paris."
    assert completion.finish == "stop"
    assert smollm.window == 8192
    assert smollm.is_small


async def test_smollm2_prefers_the_true_choice(smollm: Model) -> None:
    completion = await ask(
        smollm, choices=("The capital is Paris.", "The capital is London.", "The capital is cheese.")
    )
    assert completion.text == "The capital is Paris."
    assert completion.scores[0] > completion.scores[1] > completion.scores[2]


async def test_smollm2_fills_a_schema(smollm: Model) -> None:
    schema = {
        "type": "object",
        "properties": {"country": {"type": "string", "maxLength": 12}, "capital": {"type": "string", "maxLength": 12}},
        "required": ["country", "capital"],
        "additionalProperties": False,
    }
    completion = await ask(smollm, schema=schema)
    filled = json.loads(completion.text)
    assert list(filled) == ["country", "capital"]
    assert filled["capital"] == "Paris"


async def test_smollm2_behind_a_kept_prefix_says_the_same(smollm: Model) -> None:
    long = system("You are a librarian who answers in one sentence. " * 30)
    await ask(smollm, messages=(long, user("Who wrote Hamlet?")), max_tokens=4)
    request: dict[str, Any] = {"messages": (long, *CAPITAL), "max_tokens": 12, "logprobs": True}
    warm, cold = await ask(smollm, **request), await ask(smollm, kv="off", **request)
    assert warm.cached_tokens >= 2 * CHUNK
    assert (warm.text, warm.logprobs) == (cold.text, cold.logprobs)


async def test_minilm_knows_what_is_near(weights: Callable[[str], Path]) -> None:
    embedder = LocalEmbedder("minilm", lambda: weights("minilm"), "cpu")
    assert embedder.dimensions == 384
    vectors = numpy.asarray(
        await embedder.embed(["How heavy is the bird?", "weight of the penguin", "the stock market fell"])
    )
    nearness = vectors @ vectors.T
    assert nearness[0, 1] > 0.5 > nearness[0, 2]
