"""What of the model is trained, and how it leaves: a low-rank adapter, or all matrices with a low-rank export."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, load_peft_weights, set_peft_model_state_dict

from .lowrank import export

LINEAR = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
BASE = "HuggingFaceTB/SmolLM2-135M-Instruct"
FROZEN = 6
"""So many layers at the bottom stay as they are; what they compute of words serves plans as well."""


class Tuning:
    """The model, and the weights that an optimizer moves.

    `working` are parameters inside the model; `weights` the same in float32. Where the model computes in less, the optimizer
    moves `weights`, and `spread` copies them back.
    """

    def __init__(self, causal: Any, rank: int, *, full: bool = False, frozen: int = FROZEN) -> None:
        """Changes `causal` in place. With `full` all matrices of the upper layers are trained; embeddings and norms stay, since
        no low-rank adapter could carry them."""
        self.is_full = full
        layers = list(range(frozen, causal.config.num_hidden_layers))
        self.config = LoraConfig(
            r=rank,
            lora_alpha=2 * rank,
            target_modules=LINEAR,
            layers_to_transform=layers,
        )
        self.causal = causal
        if full:
            names = {
                f"model.layers.{layer}.{part}.{name}.weight"
                for layer in layers
                for part, inner in (("self_attn", LINEAR[:4]), ("mlp", LINEAR[4:]))
                for name in inner
            }
            for name, parameter in causal.named_parameters():
                parameter.requires_grad_(name in names)
            self._wrapped: Any = None
            self._base = {n: p.detach().clone() for n, p in causal.named_parameters() if p.requires_grad}
        else:
            self._wrapped = get_peft_model(causal, self.config)
            for name, parameter in self._wrapped.named_parameters():
                parameter.requires_grad_("lora_" in name)
                parameter.data = parameter.data.to(causal.dtype)
        named = self._wrapped if self._wrapped is not None else causal
        self.names = [name for name, parameter in named.named_parameters() if parameter.requires_grad]
        self.working = [parameter for parameter in named.parameters() if parameter.requires_grad]
        is_exact = all(parameter.dtype == torch.float32 for parameter in self.working)
        self.weights: Sequence[torch.Tensor] = (
            self.working if is_exact else [p.detach().float().requires_grad_() for p in self.working]
        )

    def start_from(self, adapter: Path) -> None:
        """Go on from an adapter: its matrices, or for full tuning the base with the adapter merged into it."""
        if self.is_full:
            tensors, config = load_peft_weights(str(adapter), device="cpu"), LoraConfig.from_pretrained(str(adapter))
            scale = config.lora_alpha / config.r
            for name, parameter in zip(self.names, self.working, strict=True):
                module = f"base_model.model.{name.removesuffix('.weight')}"
                if f"{module}.lora_A.weight" in tensors:
                    down, up = tensors[f"{module}.lora_A.weight"].float(), tensors[f"{module}.lora_B.weight"].float()
                    parameter.data += (scale * up @ down).to(parameter)
        else:
            set_peft_model_state_dict(self._wrapped, load_peft_weights(str(adapter)))
        for weight, shadow in zip(self.weights, self.working, strict=True):
            weight.data.copy_(shadow.data)

    def gather(self) -> None:
        """Add the gradients inside the model to those of the weights, in float32."""
        if self.weights is self.working:
            return
        for shadow, weight in zip(self.working, self.weights, strict=True):
            if shadow.grad is not None:
                weight.grad = shadow.grad.float() if weight.grad is None else weight.grad.add_(shadow.grad)
                shadow.grad = None

    @torch.no_grad()
    def spread(self) -> None:
        if self.weights is self.working:
            return
        for weight, shadow in zip(self.weights, self.working, strict=True):
            shadow.copy_(weight)

    def save(self, folder: Path) -> float:
        """Write the adapter in float16. Returns the mean share of the squared differences that the rank could not hold."""
        self.config.base_model_name_or_path = BASE  # PEFT puts a folder's path there
        tuned = dict(zip(self.names, (weight.detach() for weight in self.weights), strict=True))
        if self.is_full:
            return export(self._base, tuned, self.config, folder)
        halves = {name: weight.half() for name, weight in tuned.items()}
        self._wrapped.save_pretrained(str(folder), state_dict=halves, save_embedding_layers=False)
        return 0.0
