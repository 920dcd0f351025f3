"""A causal language model as one function: tokens in, logits out, keys and values kept in a cache."""

import copy
from collections.abc import Sequence
from typing import Any

import torch
from transformers import Cache, DynamicCache
from transformers.cache_utils import DynamicLayer


class Network:
    """`model` in evaluation mode on `device`. Not for two threads at once."""

    def __init__(self, model: Any, device: torch.device) -> None:
        self.model = model
        self.device = device
        self.vocabulary = int(model.get_input_embeddings().num_embeddings)
        """Logits per position; may be more than the tokenizer has tokens."""

    def new_cache(self) -> DynamicCache:
        return DynamicCache(config=self.model.config)

    @torch.inference_mode()
    def read(self, tokens: Sequence[int], cache: Cache, last: int = 1) -> torch.Tensor:
        """Append `tokens` to `cache`; logits of the `last` positions, float32 on the CPU, `[last, vocabulary]`."""
        ids = torch.tensor([list(tokens)], device=self.device)
        output = self.model(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=last)
        return output.logits[0].float().cpu()  # type: ignore[no-any-return]

    @torch.inference_mode()
    def score(self, rows: Sequence[Sequence[int]], cache: Cache) -> torch.Tensor:
        """Log-probabilities after each token of each row, all rows behind the same `cache`, which is left as it was:
        `[rows, longest row, vocabulary]`, float32 on the CPU. Positions behind a row's end mean nothing."""
        longest = max(map(len, rows))
        ids = torch.tensor([[*row, *[0] * (longest - len(row))] for row in rows], device=self.device)
        wide = fork(cache)
        wide.batch_repeat_interleave(len(rows))
        output = self.model(input_ids=ids, past_key_values=wide, use_cache=True)
        return output.logits.float().log_softmax(-1).cpu()  # type: ignore[no-any-return]


def fork(cache: Cache, tokens_to_remove: int = 0) -> Any:
    """A cache that shares its tensors with `cache` and grows on its own, the last tokens left out.

    Right because growing concatenates into new tensors and never writes into old ones.
    """
    twin = copy.copy(cache)
    twin.layers = [copy.copy(layer) for layer in cache.layers]
    if tokens_to_remove:
        twin.crop(-tokens_to_remove)  # positive lengths are refused since transformers 5
    return twin


def is_forkable(cache: Cache) -> bool:
    """False for sliding windows and recurrent states, which forget what a shorter prefix would need."""
    return all(type(layer) is DynamicLayer for layer in cache.layers)
