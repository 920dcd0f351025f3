"""Attention of one new token on the CPU, where torch's fused kernel is slow.

With one query the fused kernel parallelises over heads only and converts bfloat16 blockwise: 0.5 ms a layer behind 1000
tokens, against 0.1 ms for two small matrix products. Everything else goes to transformers' own function.
"""

from typing import Any

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

NAME = "trivet_cpu"
_SPECIAL = ("position_bias", "softcap", "s_aux", "cache")
"""What some architectures hand over beside the usual, and only transformers' function knows."""


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    dropout: float = 0.0,
    scaling: float | None = None,
    **more: Any,
) -> tuple[torch.Tensor, None]:
    """`query`: `[batch, heads, queries, dim]`; `key` and `value`: `[batch, groups, length, dim]`."""
    batch, heads, queries, width = query.shape
    is_special = any(more.get(name) is not None for name in _SPECIAL)
    if queries != 1 or attention_mask is not None or key.device.type != "cpu" or is_special:
        return sdpa_attention_forward(
            module, query, key, value, attention_mask, dropout=dropout, scaling=scaling, **more
        )
    groups = key.shape[1]
    grouped = query.view(batch, groups, heads // groups, width)
    scores = grouped @ key.transpose(2, 3) * (width**-0.5 if scaling is None else scaling)
    mixed = scores.softmax(-1, dtype=torch.float32).to(value.dtype) @ value
    return mixed.view(batch, 1, heads, width), None


def use(model: Any) -> None:
    """Let `model` attend so, if it would have used torch's fused kernel."""
    if model.config._attn_implementation != "sdpa":
        return
    AttentionInterface.register(NAME, attend)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    model.set_attn_implementation(NAME)
