"""Does an embedder keep its contract?"""

import math
from collections.abc import Sequence
from typing import Any

from ..errors import WeightsMissing
from ..model import Embedder
from .shape import lacking

_TEXTS = ("The cat sleeps on the sofa.", "猫在沙发上睡觉。", "Invoice 2025-03 was paid late.", "x", "")


async def check_embedder(embedder: Any) -> tuple[str, ...]:
    """A sentence for each way in which the embedder breaks the contract; none if it keeps it. Raises WeightsMissing if its
    files must be fetched first."""
    if lacking(
        embedder, Embedder
    ):  # `isinstance` would read `dimensions`, for which a model may have to be loaded first
        return (f"{embedder!r} is no embedder: it needs name, dimensions and embed",)
    try:
        found = await _faults(embedder)
    except WeightsMissing:
        raise
    except Exception as error:  # foreign code: whatever it raises is what is reported
        found = [f"raises {type(error).__name__}: {error}"]
    return tuple(f"embedder '{embedder.name}' {fault}" for fault in found)


async def _faults(embedder: Embedder) -> list[str]:
    found: list[str] = []
    if len(await embedder.embed([])) != 0:
        found.append("returns vectors for no texts")
    together = await embedder.embed(_TEXTS)
    if len(together) != len(_TEXTS):
        found.append(f"returns {len(together)} vectors for {len(_TEXTS)} texts")
    elif any(len(vector) != embedder.dimensions for vector in together):
        found.append(f"returns vectors that have not the {embedder.dimensions} dimensions it promises")
    elif any(abs(_dot(vector, vector) - 1) > 1e-3 for vector in together):
        found.append("returns vectors whose length is not 1")
    else:
        for text, vector in zip(_TEXTS, together, strict=True):
            alone = (await embedder.embed([text]))[0]
            if _dot(vector, alone) < 0.999:
                found.append(f"embeds {text!r} in one way alone and in another among other texts")
    return found


def _dot(a: Sequence[float], b: Sequence[float]) -> float:
    return math.fsum(float(x) * float(y) for x, y in zip(a, b, strict=True))
