"""Models that are loaded at the same time."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch

from trivet_transformers.checkpoint import load
from trivet_transformers.sentence_encoder import SentenceEncoder

ROUNDS = 12


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_threads_that_load_at_once_do_not_disturb_one_another(
    tiny: Path, tiny_encoder: Path, dtype: torch.dtype
) -> None:
    """transformers fills a model in with settings of the whole process: a dtype, and places without memory."""
    works: list[Callable[[], Any]] = [
        lambda: load("tiny", tiny, dtype),
        lambda: SentenceEncoder("encoder", tiny_encoder, torch.device("cpu")).encode(["a b"]),
    ]
    with ThreadPoolExecutor(4) as pool:
        loaded = [future.result() for future in [pool.submit(work) for work in works * ROUNDS]]

    for checkpoint in loaded[::2]:
        assert {each.dtype for each in checkpoint.base.shared().parameters()} == {dtype}
        assert not any(each.is_meta for each in checkpoint.base.shared().parameters())
