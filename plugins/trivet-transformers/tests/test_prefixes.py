"""A kept prefix saves work and changes nothing."""

from pathlib import Path

import pytest

from trivet_sdk import Completion, GenerateRequest, Model, collect
from trivet_sdk.message import system, user
from trivet_transformers.backend import TransformersBackend
from trivet_transformers.prefixes import CHUNK, Prefixes, _shared

TOOLS = "The brown fox jumps over the lazy dog near the river bank. " * 14


async def open_tiny(backend: TransformersBackend, tiny: Path, dtype: str = "float32") -> Model:
    return await backend.open("tiny", {"path": str(tiny), "device": "cpu", "dtype": dtype, "prefixes": 2})


async def ask(model: Model, goal: str, **request: object) -> Completion:
    fields = {"messages": (system(TOOLS), user(goal)), "max_tokens": 24, "logprobs": True, **request}
    return await collect(model.generate(GenerateRequest(**fields)))  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
async def test_completion_behind_a_kept_prefix_is_the_same_to_the_last_bit(
    backend: TransformersBackend, tiny: Path, dtype: str
) -> None:
    model = await open_tiny(backend, tiny, dtype)
    await ask(model, "Which animal is lazy?")
    warm = await ask(model, "Which one jumps?")
    cold = await ask(model, "Which one jumps?", kv="off")
    assert warm.cached_tokens >= CHUNK
    assert warm.cached_tokens % CHUNK == 0
    assert cold.cached_tokens == 0
    assert (warm.text, warm.logprobs) == (cold.text, cold.logprobs)


async def test_whole_prompt_again_reads_only_its_end(backend: TransformersBackend, tiny: Path) -> None:
    model = await open_tiny(backend, tiny)
    first = await ask(model, "Which animal is lazy?")
    again = await ask(model, "Which animal is lazy?")
    assert again.prompt_tokens - again.cached_tokens <= CHUNK
    assert (again.text, again.logprobs) == (first.text, first.logprobs)


async def test_choices_are_scored_alike_behind_a_kept_prefix(backend: TransformersBackend, tiny: Path) -> None:
    model = await open_tiny(backend, tiny)
    choices = ("the fox", "the lazy dog", "river")
    cold = await ask(model, "Which?", choices=choices, logprobs=False, kv="off")
    await ask(model, "Who?", choices=choices, logprobs=False)
    warm = await ask(model, "Which?", choices=choices, logprobs=False)
    assert warm.cached_tokens > 0
    assert warm.scores == cold.scores


async def test_request_without_reuse_leaves_nothing(backend: TransformersBackend, tiny: Path) -> None:
    model = await open_tiny(backend, tiny)
    await ask(model, "Which?", kv="off")
    assert (await ask(model, "Which?")).cached_tokens == 0


class _Layers:
    """Stands for keys and values where only the bookkeeping is looked at."""

    def __init__(self) -> None:
        self.layers: list[object] = []

    def crop(self, tokens_to_remove: int) -> None:
        assert tokens_to_remove < 0


def test_least_recently_used_prefix_goes_first() -> None:
    prefixes = Prefixes(2)
    one, two, three = ([number] * CHUNK for number in (1, 2, 3))
    prefixes.keep("", one, _Layers())
    prefixes.keep("", two, _Layers())
    assert prefixes.take("", [*one, 0]) is not None
    prefixes.keep("", three, _Layers())
    assert prefixes.take("", [*one, 0]) is not None
    assert prefixes.take("", [*two, 0]) is None


def test_longer_prefix_replaces_the_one_it_begins_with() -> None:
    prefixes = Prefixes(4)
    prefixes.keep("", [1] * CHUNK, _Layers())
    prefixes.keep("", [1] * CHUNK * 2, _Layers())
    prefixes.keep("", [1] * CHUNK, _Layers())
    assert len(prefixes) == 1


def test_prefix_belongs_to_its_adapter() -> None:
    prefixes = Prefixes(4)
    prefixes.keep("adapter", [1] * CHUNK, _Layers())
    assert prefixes.take("", [1] * (CHUNK + 1)) is None
    assert prefixes.take("adapter", [1] * (CHUNK + 1)) is not None


def test_last_token_of_a_prompt_is_always_read() -> None:
    prefixes = Prefixes(4)
    prefixes.keep("", [1] * CHUNK * 2, _Layers())
    taken = prefixes.take("", [1] * CHUNK * 2)
    assert taken is not None
    assert taken[1] == CHUNK


@pytest.mark.parametrize(("one", "other", "length"), [([], [1], 0), ([1, 2], [1, 2, 3], 2), ([1, 2, 3], [1, 9, 3], 1)])
def test_shared_length(one: list[int], other: list[int], length: int) -> None:
    assert _shared(one, other) == length
