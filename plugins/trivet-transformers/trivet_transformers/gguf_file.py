"""A GGUF file as a folder that transformers loads in a moment.

transformers reads a GGUF three times and in pure Python (12 s for 135M parameters); here it is converted once, into
safetensors. Llama-shaped files take a direct way with one reading, all others transformers' own.
"""

import contextlib
import math
import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy
import torch
from gguf import GGMLQuantizationType, GGUFReader, dequantize
from safetensors.torch import save_file

from trivet_sdk import ModelError
from trivet_transformers.facts import conversion_of
from trivet_transformers.libraries import LOADING

_ABANDONED = 3600.0
"""Seconds after which a half-made folder belongs to nobody."""

_TENSORS = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "token_embd": "model.embed_tokens",
    "output_norm": "model.norm",
    "output": "lm_head",
}


def converted(name: str, file: Path, cache: Path) -> Path:
    """The folder made from this file, now or earlier. Raises ModelError for model `name` if it cannot be made."""
    folder = conversion_of(file, cache)
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    _sweep(folder.parent)
    part = Path(tempfile.mkdtemp(prefix=".part-", dir=folder.parent))
    try:
        _convert(name, file, part)
        with contextlib.suppress(OSError):  # another process was faster; its folder is as good
            part.rename(folder)
    except (ValueError, NotImplementedError, KeyError, IndexError) as error:
        raise ModelError(name, f"cannot be made from {file}: {error}") from error
    except OSError as error:
        raise ModelError(name, f"cannot be converted into {folder.parent}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return folder


def _sweep(parent: Path) -> None:
    for part in parent.glob(".part-*"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _ABANDONED:
                shutil.rmtree(part, ignore_errors=True)


def _convert(name: str, file: Path, folder: Path) -> None:
    with file.open("rb") as stream:
        if stream.read(4) != b"GGUF":
            raise ValueError("it is not a GGUF file")
    reader = GGUFReader(os.fspath(file))
    dtype = _stored_dtype(reader)
    needed = sum(math.prod(map(int, tensor.shape)) for tensor in reader.tensors) * dtype.itemsize
    if (free := shutil.disk_usage(folder).free) < needed + (64 << 20):
        raise ModelError(
            name, f"needs {needed / 1e6:,.0f} MB in {folder.parent} to be converted, and {free / 1e6:,.0f} MB are free."
        )
    names = {tensor.name for tensor in reader.tensors}
    # rope_freqs.weight: a Llama 3 scaling that the metadata does not spell out
    if _field(reader, "general.architecture") == "llama" and "rope_freqs.weight" not in names:
        _convert_llama(reader, file, folder, dtype)
    else:
        _convert_any(file, folder, dtype)


def _stored_dtype(reader: GGUFReader) -> torch.dtype:
    """What the matrices are stored in; bfloat16 for quantized ones, whose own error is larger than its rounding."""
    types = {tensor.tensor_type for tensor in reader.tensors if len(tensor.shape) > 1}
    if types <= {GGMLQuantizationType.F32}:
        return torch.float32
    return torch.float16 if types <= {GGMLQuantizationType.F32, GGMLQuantizationType.F16} else torch.bfloat16


def _field(reader: GGUFReader, key: str, default: Any = None) -> Any:
    field = reader.fields.get(key)
    return default if field is None else field.contents()


def _convert_llama(reader: GGUFReader, file: Path, folder: Path, dtype: torch.dtype) -> None:
    from transformers import GenerationConfig, LlamaConfig

    heads = int(_field(reader, "llama.attention.head_count"))
    groups = int(_field(reader, "llama.attention.head_count_kv", heads))
    width = int(_field(reader, "llama.embedding_length"))
    special: dict[str, Any] = {
        f"{role}_token_id": None if (token := _field(reader, f"tokenizer.ggml.{key}_token_id")) is None else int(token)
        for role, key in (("bos", "bos"), ("eos", "eos"), ("pad", "padding"))
    }
    vocabulary = next(int(tensor.shape[-1]) for tensor in reader.tensors if tensor.name == "token_embd.weight")
    LlamaConfig(
        architectures=["LlamaForCausalLM"],
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=int(_field(reader, "llama.feed_forward_length")),
        num_hidden_layers=int(_field(reader, "llama.block_count")),
        num_attention_heads=heads,
        num_key_value_heads=groups,
        head_dim=int(_field(reader, "llama.attention.key_length", width // heads)),
        max_position_embeddings=int(_field(reader, "llama.context_length")),
        rms_norm_eps=float(_field(reader, "llama.attention.layer_norm_rms_epsilon")),
        rope_parameters={"rope_type": "default", "rope_theta": float(_field(reader, "llama.rope.freq_base", 10000.0))},
        tie_word_embeddings=all(tensor.name != "output.weight" for tensor in reader.tensors),
        dtype=dtype,
        **special,
    ).save_pretrained(folder)
    GenerationConfig(**special).save_pretrained(folder)  # type: ignore[no-untyped-call]
    _convert_tokenizer(file, folder)
    tensors = {}
    for tensor in reader.tensors:
        value = dequantize(tensor.data, tensor.tensor_type)
        if ".attn_q." in tensor.name:
            value = _rotary_halves(value, heads)
        elif ".attn_k." in tensor.name:
            value = _rotary_halves(value, groups)
        tensors[_hf_name(tensor.name)] = torch.from_numpy(numpy.array(value)).to(dtype)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


def _hf_name(name: str) -> str:
    stem, _, kind = name.rpartition(".")
    if stem.startswith("blk."):
        _, layer, part = stem.split(".")
        return f"model.layers.{layer}.{_TENSORS[part]}.{kind}"
    return f"{_TENSORS[stem]}.{kind}"


def _rotary_halves(weight: numpy.ndarray[Any, Any], heads: int) -> numpy.ndarray[Any, Any]:
    """llama.cpp rotates neighbouring pairs, transformers the two halves of a head: undo its permutation of the rows."""
    half = weight.shape[0] // heads // 2
    return weight.reshape(heads, half, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def _convert_tokenizer(file: Path, folder: Path) -> None:
    from transformers import PreTrainedTokenizerFast
    from transformers.integrations.gguf.gguf_tokenizer_mapping import convert_gguf_tokenizer, get_gguf_tokenizer

    architecture, vocabulary, settings = get_gguf_tokenizer(os.fspath(file))
    tokenizer, more = convert_gguf_tokenizer(architecture, vocabulary)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **settings, **more).save_pretrained(folder)  # type: ignore[no-untyped-call]


def _convert_any(file: Path, folder: Path, dtype: torch.dtype) -> None:
    from transformers import AutoModelForCausalLM

    with LOADING:
        model: Any = AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=dtype, local_files_only=True
        )
    model.hf_quantizer = None  # else save_pretrained refuses what came from a GGUF
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(folder)
    _convert_tokenizer(file, folder)
