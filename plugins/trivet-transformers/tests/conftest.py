"""Models for the tests: a tiny random Llama with a real tokenizer, and the declared weights where they are at hand."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from platformdirs import user_data_path
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import BertConfig, BertModel, GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from trivet_sdk import WeightsMissing
from trivet_transformers.backend import TransformersBackend

TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
CONTROLS = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
CORPUS = (
    "The brown fox jumps over the lazy dog near the river bank, and the penguins of the islands weigh four kilograms.",
    '{"name": "Ada", "kind": "alpha", "count": 12, "tags": ["red", "green"], "path": "notes/trips.jsonl"}',
    "def total(values):\n    return sum(value for value in values if value > 0)\n",
    "Which species is the heaviest on average? Save the table to out/mass.csv, please.",
)


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE of 600 tokens, learned from the corpus; control tokens and template as in ChatML."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=[AddedToken(control, special=True, normalized=False) for control in CONTROLS],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        eos_token=CONTROLS[2],
        bos_token=CONTROLS[1],
        unk_token=CONTROLS[0],
        chat_template=TEMPLATE,
    )


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random Llama of two layers, float32, 1024 tokens of context."""
    folder = tmp_path_factory.mktemp("models") / "tiny"
    tokenizer = make_tokenizer()
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer) + 8,  # more rows than tokens, as padded vocabularies have
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=1024,
        initializer_range=0.4,
        tie_word_embeddings=True,
    )
    model: Any = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(eos_token_id=2, bos_token_id=1)  # type: ignore[no-untyped-call]
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def nothing(name: str) -> Path:
    raise WeightsMissing(name)


@pytest.fixture
def backend(tmp_path: Path) -> TransformersBackend:
    return TransformersBackend(nothing, tmp_path / "cache")


def weights_at_hand(name: str) -> Path | None:
    """Declared weights below TRIVET_TEST_WEIGHTS, or in the home as `trivet models pull` leaves them."""
    homes = [Path(os.environ.get("TRIVET_HOME") or user_data_path("trivet", appauthor=False)) / "weights"]
    if named := os.environ.get("TRIVET_TEST_WEIGHTS"):
        homes.insert(0, Path(named))
    for home in homes:
        found = next(iter((home / name).glob("*.gguf")), None) if name == "smollm2-135m" else home / name
        if found is not None and found.exists():
            return found
    return None


@pytest.fixture(scope="session")
def weights() -> Callable[[str], Path]:
    """Finds declared weights; skips where there are none, unless TRIVET_REQUIRE names `weights`."""

    def find(name: str) -> Path:
        if (found := weights_at_hand(name)) is not None:
            return found
        sentence = f"no '{name}' here: run `trivet models pull {name}`, or name a folder in TRIVET_TEST_WEIGHTS"
        if "weights" in os.environ.get("TRIVET_REQUIRE", "").replace(",", " ").split():
            pytest.fail(sentence)
        pytest.skip(sentence)

    return find


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a random BERT of 16 dimensions that reads 24 tokens and pools their mean."""
    folder = tmp_path_factory.mktemp("models") / "encoder"
    tokenizer = make_tokenizer()
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        max_position_embeddings=64,
        initializer_range=0.3,
    )
    model: Any = BertModel(config)
    model.save_pretrained(folder)
    backend: Any = tokenizer.backend_tokenizer
    backend.post_processor = processors.TemplateProcessing(
        single="<|im_start|> $A <|im_end|>", special_tokens=[("<|im_start|>", 1), ("<|im_end|>", 2)]
    )
    backend.save(str(folder / "tokenizer.json"))
    (folder / "1_Pooling").mkdir()
    (folder / "1_Pooling" / "config.json").write_text(
        '{"word_embedding_dimension": 16, "pooling_mode_mean_tokens": true}'
    )
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 24, "do_lower_case": false}')
    return folder
