"""Variants of one model: as it is, or with a LoRA adapter merged in, on a device."""

import copy
import os
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from trivet_sdk import ModelError
from trivet_transformers.checkpoint import Base
from trivet_transformers.libraries import LOADING
from trivet_transformers.network import Network

_KEPT = 4


class Variants:
    """Networks that share every weight they have in common with the loaded model, made at first use.

    An adapter is merged rather than switched: a LoRA branch beside each of 210 small matrices costs more than the
    matrices themselves when one token is read at a time. The first adapter is merged into the loaded model itself, if
    nothing else has used that; whoever asks for it or for another adapter has it read once more, and from then on merging
    costs memory for the matrices it changes.
    """

    def __init__(self, model_name: str, base: Base, find: Callable[[str], Path]) -> None:
        self._name, self._base, self._find = model_name, base, find
        self._networks: dict[tuple[str, torch.device], Network] = {}

    def network(self, adapter: str, device: torch.device) -> Network:
        """`adapter`: a folder (its path has a separator), the name of declared weights, or empty.

        Raises ModelError, WeightsMissing."""
        key = (adapter, device)
        network = self._networks.pop(key, None)
        if network is None:
            model = self._merged(adapter) if adapter else aliased(self._base.shared())
            network = Network(model.to(device).eval(), device)
            if len(self._networks) >= _KEPT:
                del self._networks[next(iter(self._networks))]
        self._networks[key] = network
        return network

    def _merged(self, adapter: str) -> Any:
        folder = self._folder(adapter)
        from peft import PeftModel

        own = self._base.taken()
        target = aliased(self._base.shared()) if own is None else own
        try:
            with LOADING, warnings.catch_warnings():
                # peft 0.21 asks transformers 5.23 by a name that is on its way out
                warnings.filterwarnings("ignore", "`is_gradient_checkpointing` is deprecated", FutureWarning)
                wrapped: Any = PeftModel.from_pretrained(target, folder, is_trainable=False)
            # A plain merge writes into the matrices, which may be shared only after safe_merge. The file they come from is
            # mapped, so that new ones would stand beside the old; in the last bit the two may differ by their alignment.
            return wrapped.merge_and_unload(safe_merge=own is None).requires_grad_(True)  # see checkpoint
        except (RuntimeError, ValueError, KeyError, TypeError, OSError) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ModelError(self._name, f"cannot take the adapter '{adapter}' from {folder}: {reason}") from error

    def _folder(self, adapter: str) -> Path:
        if "/" in adapter or os.sep in adapter or adapter.startswith(("~", ".")):  # no name; a name never means ./name
            folder = Path(adapter).expanduser()
            if not folder.is_dir():
                raise ModelError(self._name, f"cannot take the adapter '{adapter}': there is no such folder.")
        else:
            folder = self._find(adapter)
        if not (folder / "adapter_config.json").is_file():
            raise ModelError(self._name, f"cannot take the adapter '{adapter}': {folder} holds no adapter_config.json.")
        return folder


def aliased(model: Any) -> Any:
    """A model of its own whose parameters share the storage of `model`'s; replacing one leaves `model` as it was."""
    memo: dict[int, object] = {id(parameter): nn.Parameter(parameter.data) for parameter in model.parameters()}
    memo.update((id(buffer), buffer) for buffer in model.buffers())
    return copy.deepcopy(model, memo)
