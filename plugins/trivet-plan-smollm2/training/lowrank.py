"""A fully tuned model as a low-rank adapter: the difference of each matrix to the base, cut to its largest singular values."""

from collections.abc import Mapping
from pathlib import Path

import torch
from peft import LoraConfig
from safetensors.torch import save_file


def factors(difference: torch.Tensor, rank: int) -> tuple[torch.Tensor, torch.Tensor]:
    """`A` `[rank, in]` and `B` `[out, rank]` whose product is nearest to the difference `[out, in]` (Eckart and Young, The
    approximation of one matrix by another of lower rank, Psychometrika 1936). The singular values are shared evenly."""
    left, values, right = torch.linalg.svd(difference.float(), full_matrices=False)
    kept = min(rank, len(values))
    root = values[:kept].sqrt()
    down, up = root[:, None] * right[:kept], left[:, :kept] * root
    if kept < rank:  # a matrix may be smaller than the rank
        down = torch.cat([down, down.new_zeros(rank - kept, down.shape[1])])
        up = torch.cat([up, up.new_zeros(up.shape[0], rank - kept)], dim=1)
    return down.contiguous(), up.contiguous()


def lost(difference: torch.Tensor, rank: int) -> float:
    """Share of the difference's squared norm that the cut leaves out, 0 to 1."""
    squares = torch.linalg.svdvals(difference.float()) ** 2
    total = float(squares.sum())
    return float(squares[rank:].sum()) / total if total else 0.0


def export(
    base: Mapping[str, torch.Tensor],
    tuned: Mapping[str, torch.Tensor],
    config: LoraConfig,
    folder: Path,
    dtype: torch.dtype = torch.float16,
) -> float:
    """Write the adapter in PEFT's layout, its scale 1. `base` and `tuned`: matrices by name, `model.layers.3.mlp.up_proj.weight`.

    Returns the mean share of the squared norms that was lost.
    """
    tensors: dict[str, torch.Tensor] = {}
    losses = []
    for name, weight in tuned.items():
        difference = weight.float() - base[name].float()
        down, up = factors(difference, config.r)
        module = name.removesuffix(".weight")
        tensors[f"base_model.model.{module}.lora_A.weight"] = down.to(dtype)
        tensors[f"base_model.model.{module}.lora_B.weight"] = up.to(dtype)
        losses.append(lost(difference, config.r))
    config.lora_alpha = config.r
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, str(folder / "adapter_model.safetensors"))
    config.save_pretrained(str(folder))
    return sum(losses) / len(losses)
