"""One answer of the larger model: the likeliest, or a sample by a seed."""

from collections.abc import Sequence

import msgspec

from trivet_plan_smollm2.words.similarity import Similarity
from trivet_sdk import Completion, GenerateRequest, Message, Model, Services, ToolSpec, collect

WARMTH = 0.4
"""Temperature of a sample."""


class Asking(msgspec.Struct, frozen=True):
    """Who is asked, for which run, and what its answers are tried with."""

    tools: Sequence[ToolSpec]
    model: Model
    services: Services
    run: str
    similarity: Similarity


async def sampled(
    model: Model,
    messages: tuple[Message, ...],
    run: str,
    *,
    longest: int,
    stop: tuple[str, ...],
    seed: int | None = None,
    warmth: float = WARMTH,
) -> Completion:
    """`seed`: none for the likeliest answer. `longest`: tokens."""
    request = GenerateRequest(
        messages=messages,
        temperature=0.0 if seed is None else warmth,
        seed=seed,
        max_tokens=longest,
        stop=stop,
        run=run,
        purpose="plan",
    )
    return await collect(model.generate(request))
