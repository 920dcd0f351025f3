"""One answer of the larger model: the likeliest, or a sample by a seed."""

from trivet_sdk import Completion, GenerateRequest, Message, Model, collect

WARMTH = 0.4
"""Temperature of a sample."""


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
