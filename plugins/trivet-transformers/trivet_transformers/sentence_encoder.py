"""A sentence encoder as sentence-transformers stores it: a transformer, a pooling, perhaps a normalisation."""

import json
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy
import numpy.typing
import torch
import transformers
from tokenizers import Tokenizer
from transformers import AutoModel

from trivet_sdk import ModelError
from trivet_transformers.libraries import LOADING

BATCH = 32
"""Texts in one pass."""


class Layout(msgspec.Struct, frozen=True):
    pooling: Literal["mean", "cls"]
    longest: int
    """Tokens of a text that are read; the rest is cut off."""


def read_layout(name: str, folder: Path) -> Layout:
    """From `1_Pooling/config.json` and `sentence_bert_config.json`; mean over 512 tokens where they are missing.

    Raises ModelError for a pooling other than the two.
    """
    pooling: dict[str, Any] = _json(folder / "1_Pooling" / "config.json")
    asked = sorted(
        key.removeprefix("pooling_mode_") for key, value in pooling.items() if value is True and "mode" in key
    )
    longest = int(_json(folder / "sentence_bert_config.json").get("max_seq_length") or 512)
    match asked:
        case [] | ["mean_tokens"]:
            return Layout("mean", longest)
        case ["cls_token"]:
            return Layout("cls", longest)
        case _:
            raise ModelError(name, f"pools by {' and '.join(asked)}; only mean_tokens and cls_token are known here.")


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_bytes()) if file.is_file() else {}


def _single_threaded(workers: int) -> ThreadPoolExecutor:
    """Threads for batches side by side, each of which torch computes in that thread alone: a small network's operations end
    before a second thread has woken up, and on a busy machine they wait for it (decision 060).

    Threads are started at once, since torch takes the last number that anybody set for every new thread of the process.
    """
    usual = torch.get_num_threads()
    everybody = threading.Barrier(workers)

    def begin() -> None:
        torch.set_num_threads(1)

    pool = ThreadPoolExecutor(workers, "encoder", initializer=begin)
    list(pool.map(lambda _: everybody.wait(), range(workers)))
    torch.set_num_threads(usual)
    return pool


class SentenceEncoder:
    """Loads at once; not for two threads at the same time. Vectors are normalised, whether or not the folder says so,
    since their dot product is to be their similarity."""

    def __init__(self, name: str, folder: Path, device: torch.device) -> None:
        self._layout = read_layout(name, folder)
        self._device = device
        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            with LOADING:
                model = AutoModel.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        except Exception as error:  # tokenizers raises bare Exception for an unreadable file
            raise ModelError(
                name, f"cannot be loaded from {folder}: {str(error).strip().partition(chr(10))[0]}"
            ) from error
        self._model = model.eval().to(device)
        self._tokenizer.enable_truncation(self._layout.longest)
        self._tokenizer.enable_padding()
        self.dimensions = int(model.config.hidden_size)
        self._workers = torch.get_num_threads() if device.type == "cpu" else 1
        self._pool = _single_threaded(self._workers) if device.type == "cpu" else None

    def encode(self, texts: Sequence[str]) -> numpy.typing.NDArray[numpy.float32]:
        """`[len(texts), dimensions]`, in order. Texts of like length are read together, so that little is padding."""
        vectors = numpy.zeros((len(texts), self.dimensions), dtype=numpy.float32)
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))  # the longest first: they take longest
        size = max(1, min(BATCH, -(-len(order) // self._workers)))
        batches = [order[start : start + size] for start in range(0, len(order), size)]

        def read(places: list[int]) -> None:
            vectors[places] = self._encode([texts[place] for place in places])

        list(self._pool.map(read, batches) if self._pool else map(read, batches))
        return vectors

    @torch.inference_mode()
    def _encode(self, texts: list[str]) -> numpy.typing.NDArray[numpy.float32]:
        encoded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([entry.ids for entry in encoded], device=self._device)
        mask = torch.tensor([entry.attention_mask for entry in encoded], device=self._device)
        hidden = self._model(input_ids=ids, attention_mask=mask).last_hidden_state  # [batch, seq, dim]
        if self._layout.pooling == "cls":
            pooled = hidden[:, 0]
        else:
            pooled = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
        return torch.nn.functional.normalize(pooled, dim=-1).cpu().numpy()
