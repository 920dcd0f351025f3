"""A model and its tokenizer from a folder or the hub."""

from pathlib import Path
from typing import Any

import msgspec
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from trivet_sdk import ModelError
from trivet_transformers import attention


class Checkpoint(msgspec.Struct, frozen=True):
    """As loaded, on the CPU."""

    model: Any  # a PreTrainedModel; transformers' own types do not hold together
    tokenizer: Any
    ends: frozenset[int]
    """Tokens that end a turn."""
    window: int | None
    """Tokens that prompt and completion may have together."""
    parameters: int


def load(name: str, source: Path | str, dtype: torch.dtype, revision: str = "main") -> Checkpoint:
    """A local folder is never looked up on the network; a hub id may be. Raises ModelError for model `name`."""
    is_local = isinstance(source, Path)
    if is_local and not (Path(source) / "config.json").is_file():
        raise ModelError(
            name, f"cannot be loaded from {source}: no config.json is there. Name a folder or a GGUF file."
        )
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {"local_files_only": True} if is_local else {"revision": revision}
    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
        model: Any = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, **options)
    except (OSError, ValueError, RuntimeError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ModelError(name, f"cannot be loaded from {source}: {reason}") from error
    if not tokenizer.is_fast:
        raise ModelError(name, "has a tokenizer without tokenizer.json, which streaming and grammars need.")
    # Parameters go on requiring gradients: for others torch 2.13 multiplies matrices of more than one row by way of a copy
    # of the whole output matrix (65 ms a pass instead of 25).
    model.eval()
    attention.use(model)
    config = model.config.get_text_config(decoder=True)
    window = getattr(config, "max_position_embeddings", None)
    return Checkpoint(model, tokenizer, _ends(model, tokenizer), window, sum(p.numel() for p in model.parameters()))


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    named = getattr(model.generation_config, "eos_token_id", None)
    ends = {named} if isinstance(named, int) else set(named or ())
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    return frozenset(int(end) for end in ends)
