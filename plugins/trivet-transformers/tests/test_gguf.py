"""A GGUF file becomes, once, a folder with the same model."""

import json
from pathlib import Path

import gguf
import numpy
import pytest
from transformers import AutoModelForCausalLM, AutoTokenizer

from trivet_sdk import GenerateRequest, ModelError, collect
from trivet_sdk.message import user
from trivet_transformers.backend import TransformersBackend

NAMES = {
    "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def write_gguf(tiny: Path, file: Path) -> Path:
    """As llama.cpp writes a Llama: rows of queries and keys permuted from halves to neighbouring pairs."""
    model, tokenizer = AutoModelForCausalLM.from_pretrained(tiny), AutoTokenizer.from_pretrained(tiny)
    config = model.config
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_block_count(config.num_hidden_layers)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(config.num_attention_heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(config.head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])
    writer.add_tokenizer_model("gpt2")
    ordered = sorted(tokenizer.get_vocab().items(), key=lambda entry: entry[1])
    words = [word for word, _ in ordered] + [f"<pad{number}>" for number in range(config.vocab_size - len(ordered))]
    writer.add_token_list(words)
    writer.add_token_types([3 if word.startswith("<|") else 1 for word in words])
    merges = json.loads(tokenizer.backend_tokenizer.to_str())["model"]["merges"]
    writer.add_token_merges([" ".join(pair) for pair in merges])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_chat_template(tokenizer.chat_template)
    for name, value in model.state_dict().items():
        array = value.float().numpy()
        if name == "lm_head.weight":
            continue
        if name.startswith("model.layers."):
            layer, _, part = name.removeprefix("model.layers.").partition(".")
            part = part.removesuffix(".weight")
            heads = {"self_attn.q_proj": config.num_attention_heads, "self_attn.k_proj": config.num_key_value_heads}
            if part in heads:
                shape = array.shape
                array = (
                    array.reshape(heads[part], 2, shape[0] // heads[part] // 2, shape[1]).swapaxes(1, 2).reshape(shape)
                )
            writer.add_tensor(f"blk.{layer}.{NAMES[part]}.weight", numpy.ascontiguousarray(array))
        else:
            writer.add_tensor(
                {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}[name],
                array,
            )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


async def test_converted_model_writes_what_the_original_writes(
    backend: TransformersBackend, tiny: Path, tmp_path: Path
) -> None:
    file = write_gguf(tiny, tmp_path / "tiny.gguf")
    request = GenerateRequest(messages=(user("The brown fox jumps"),), max_tokens=16, logprobs=True)
    completions = []
    for path in (file, tiny):
        model = await backend.open(path.name, {"path": str(path), "device": "cpu", "dtype": "float32"})
        completions.append(await collect(model.generate(request)))
    made, original = completions
    assert made.text == original.text
    assert made.prompt_tokens == original.prompt_tokens
    assert [entry.logprob for entry in made.logprobs] == pytest.approx([e.logprob for e in original.logprobs], abs=1e-5)


async def test_file_is_converted_once(tiny: Path, tmp_path: Path) -> None:
    file = write_gguf(tiny, tmp_path / "tiny.gguf")
    definition = {"path": str(file), "device": "cpu"}
    for _ in range(2):
        await TransformersBackend(_nothing, tmp_path / "cache").open("tiny", definition)
        (folder,) = (tmp_path / "cache" / "converted").iterdir()
        made = {entry: entry.stat().st_mtime_ns for entry in folder.iterdir()}
        assert (folder / "model.safetensors") in made
    await TransformersBackend(_nothing, tmp_path / "cache").open("tiny", definition)
    assert made == {entry: entry.stat().st_mtime_ns for entry in folder.iterdir()}


async def test_interrupted_conversion_leaves_nothing_that_is_used(
    backend: TransformersBackend, tiny: Path, tmp_path: Path
) -> None:
    half = tmp_path / "cache" / "converted" / ".part-left"
    half.mkdir(parents=True)
    (half / "model.safetensors").write_bytes(b"half")
    file = write_gguf(tiny, tmp_path / "tiny.gguf")
    model = await backend.open("tiny", {"path": str(file), "device": "cpu"})
    assert (
        await collect(model.generate(GenerateRequest(messages=(user("Fox"),), max_tokens=2)))
    ).completion_tokens == 2


async def test_file_that_is_no_gguf_is_named(backend: TransformersBackend, tmp_path: Path) -> None:
    file = tmp_path / "letter.gguf"
    file.write_text("Dear penguin")
    with pytest.raises(ModelError) as caught:
        await backend.open("letter", {"path": str(file)})
    assert str(caught.value) == f"model 'letter' cannot be made from {file}: it is not a GGUF file"
    assert not any((tmp_path / "cache" / "converted").iterdir())


def _nothing(name: str) -> Path:
    raise KeyError(name)
