"""Models and embedders against their contract."""

import math
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import anyio
import pytest

from trivet_sdk import Delta, GenerateRequest, Message, ModelUnavailable, UnsupportedRequest
from trivet_sdk.conformance import check_embedder, check_model
from trivet_sdk.testing import ScriptedModel


def reply(request: GenerateRequest) -> str:
    if request.choices:
        return "blue"
    return '{"colour": "red"}' if request.schema is not None else "a nice red one"


async def test_a_model_that_keeps_its_contract() -> None:
    assert await check_model(ScriptedModel(reply, repeats=True)) == ()


async def test_a_model_may_refuse_what_it_does_not_claim() -> None:
    def plain(request: GenerateRequest) -> str:
        if request.schema is not None or request.choices:
            raise UnsupportedRequest("plain", "takes text only")
        return reply(request)

    assert await check_model(ScriptedModel(plain, repeats=True, features=frozenset())) == ()
    assert await check_model(ScriptedModel(plain, repeats=True)) == (
        "model 'scripted' claims `schema`, but refuses it",
        "model 'scripted' claims `choices`, but refuses them",
    )
    assert await check_model(ScriptedModel(reply, repeats=True, features=frozenset(["magic"]))) == (
        "model 'scripted' does not claim `schema`, but takes one; it must raise UnsupportedRequest",
        "model 'scripted' does not claim `choices`, but takes them; it must raise UnsupportedRequest",
        "model 'scripted' claims features that nobody knows: magic",
    )


class Model(ScriptedModel):
    """One that says something else than its contract has it."""

    def __init__(self, deltas: Callable[[GenerateRequest], AsyncIterator[Delta]], measure: Any = 5) -> None:
        super().__init__(features=frozenset())
        self._deltas, self._measure = deltas, measure

    def generate(self, request: GenerateRequest) -> AsyncIterator[Delta]:
        return self._deltas(request)

    async def measure(self, messages: Sequence[Message]) -> int:
        return self._measure * len(messages)  # type: ignore[no-any-return]


async def test_streams_end_with_finish_and_usage() -> None:
    async def silent(request: GenerateRequest) -> AsyncIterator[Delta]:
        if request.schema is not None or request.choices:
            raise UnsupportedRequest("m", "takes text only")
        yield Delta(finish="stop")

    async def endless(request: GenerateRequest) -> AsyncIterator[Delta]:
        yield Delta(text="a")

    assert await check_model(Model(silent)) == (
        "model 'scripted' does not count its tokens with the last delta",
        "model 'scripted' says nothing",
    )
    assert (await check_model(Model(endless)))[:2] == (
        "model 'scripted' must say `finish` once, with the last delta",
        "model 'scripted' cannot answer: model '' stopped in the middle of an answer. Try again.",
    )


async def test_limits_stops_and_measures_are_watched() -> None:
    async def talkative(request: GenerateRequest) -> AsyncIterator[Delta]:
        if request.schema is not None or request.choices:
            raise UnsupportedRequest("m", "takes text only")
        yield Delta(text="a nice red one")
        yield Delta(prompt_tokens=3, completion_tokens=4, finish="stop")

    assert await check_model(Model(talkative, measure=0)) == (
        "model 'scripted' measures a prompt as 0 tokens and a longer one as 0",
        "model 'scripted' wrote 4 tokens where 2 were allowed",
        "model 'scripted' goes on over the stop string 'nice'",
    )


async def test_a_model_that_fails_or_hangs_is_named() -> None:
    off = ScriptedModel(ModelUnavailable("scripted", "is off"), repeats=True)
    assert await check_model(off) == ("model 'scripted' cannot answer: model 'scripted' is off",)

    async def hang(request: GenerateRequest) -> AsyncIterator[Delta]:
        await anyio.sleep_forever()
        yield Delta()

    assert (await check_model(Model(hang), timeout=0.05))[0] == "model 'scripted' did not answer within 0.05 seconds"
    assert (await check_model(3))[0].startswith("3 is no model: it needs name, window,")


class Embedder:
    """Counts characters; `dimensions` is what it promises."""

    name = "counting"

    def __init__(self, dimensions: int = 2, scale: float = 1.0, shift: float = 0.0) -> None:
        self.dimensions, self._scale, self._shift = dimensions, scale, shift

    async def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        angles = [len(text) / 10 + self._shift * len(texts) for text in texts]
        return [[self._scale * math.cos(angle), self._scale * math.sin(angle)] for angle in angles]


@pytest.mark.parametrize(
    ("embedder", "sentence"),
    [
        (Embedder(), None),
        (Embedder(dimensions=3), "embedder 'counting' returns vectors that have not the 3 dimensions it promises"),
        (Embedder(scale=2.0), "embedder 'counting' returns vectors whose length is not 1"),
        (Embedder(shift=1.0), "embedder 'counting' embeds 'x' in one way alone and in another among other texts"),
        (3, "3 is no embedder: it needs name, dimensions and embed"),
    ],
)
async def test_embedders(embedder: object, sentence: str | None) -> None:
    found = await check_embedder(embedder)
    assert sentence in found if sentence is not None else found == ()
