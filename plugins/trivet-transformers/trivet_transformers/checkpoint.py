"""A model and its tokenizer from a folder or the hub."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer

from trivet_sdk import ModelError
from trivet_transformers import attention
from trivet_transformers.libraries import LOADING


class Checkpoint(msgspec.Struct, frozen=True):
    """As loaded, on the CPU."""

    base: "Base"
    tokenizer: Any
    ends: frozenset[int]
    """Tokens that end a turn."""
    window: int | None
    """Tokens that prompt and completion may have together."""
    parameters: int


class Base:
    """The loaded model. Whoever makes another one out of it may take it, and its memory with it: it is read again where it
    is missed, and then stays.

    `read` gives a PreTrainedModel; transformers' own types do not hold together.
    """

    def __init__(self, model: Any, read: Callable[[], Any]) -> None:
        self._model, self._read = model, read
        self._is_shared = False

    def shared(self) -> Any:
        """Nobody may change it. Raises ModelError where it cannot be read again."""
        if self._model is None:
            self._model = self._read()
        self._is_shared = True
        return self._model

    def taken(self) -> Any:
        """For good; None where somebody uses it, or it is gone."""
        if self._is_shared:
            return None
        model, self._model = self._model, None
        return model


def load(name: str, source: Path | str, dtype: torch.dtype, revision: str = "main") -> Checkpoint:
    """A local folder is never looked up on the network; a hub id may be. Raises ModelError for model `name`."""
    is_local = isinstance(source, Path)
    if is_local and not (Path(source) / "config.json").is_file():
        raise ModelError(
            name, f"cannot be loaded from {source}: no config.json is there. Name a folder or a GGUF file."
        )
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    options: dict[str, Any] = {"local_files_only": True} if is_local else {"revision": revision}

    def read() -> Any:
        try:
            with LOADING:
                model: Any = AutoModelForCausalLM.from_pretrained(source, dtype=dtype, **options)
        except (OSError, ValueError, RuntimeError) as error:
            raise _unreadable(name, source, error) from error
        # Parameters go on requiring gradients: for others torch 2.13 multiplies matrices of more than one row by way of a
        # copy of the whole output matrix (65 ms a pass instead of 25).
        model.eval()
        attention.use(model)
        return model

    try:
        tokenizer = AutoTokenizer.from_pretrained(source, **options)
    except (OSError, ValueError, RuntimeError) as error:
        raise _unreadable(name, source, error) from error
    model = read()
    if not tokenizer.is_fast:
        raise ModelError(name, "has a tokenizer without tokenizer.json, which streaming and grammars need.")
    config = model.config.get_text_config(decoder=True)
    window = getattr(config, "max_position_embeddings", None)
    parameters = sum(each.numel() for each in model.parameters())
    return Checkpoint(Base(model, read), tokenizer, _ends(model, tokenizer), window, parameters)


def _unreadable(name: str, source: Path | str, error: Exception) -> ModelError:
    reason = str(error).strip().partition("\n")[0]
    return ModelError(name, f"cannot be loaded from {source}: {reason}")


def _ends(model: Any, tokenizer: Any) -> frozenset[int]:
    named = getattr(model.generation_config, "eos_token_id", None)
    ends = {named} if isinstance(named, int) else set(named or ())
    if tokenizer.eos_token_id is not None:
        ends.add(tokenizer.eos_token_id)
    return frozenset(int(end) for end in ends)
