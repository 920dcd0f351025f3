"""Texts become unit vectors, in order, however they were batched."""

import threading
from pathlib import Path

import numpy
import pytest
import torch
from tokenizers import Tokenizer
from transformers import AutoModel

from trivet_sdk import ModelError
from trivet_transformers.embedder import LocalEmbedder
from trivet_transformers.sentence_encoder import BATCH

TEXTS = ("the brown fox jumps", "penguins", "a river bank near the islands and the lazy dog", "")


def embedder(folder: Path) -> LocalEmbedder:
    return LocalEmbedder("minilm", lambda: folder, "cpu")


async def test_vectors_are_the_normalised_means_of_the_tokens(tiny_encoder: Path) -> None:
    vectors = numpy.asarray(await embedder(tiny_encoder).embed(TEXTS))
    assert vectors.shape == (4, 16)
    assert vectors.dtype == numpy.float32
    assert numpy.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)
    tokenizer = Tokenizer.from_file(str(tiny_encoder / "tokenizer.json"))
    network = AutoModel.from_pretrained(tiny_encoder).eval()
    for text, vector in zip(TEXTS, vectors, strict=True):
        with torch.inference_mode():
            hidden = network(torch.tensor([tokenizer.encode(text).ids])).last_hidden_state[0]
        mean = torch.nn.functional.normalize(hidden.mean(0), dim=0)
        assert vector == pytest.approx(mean.numpy(), abs=1e-5)


async def test_batches_change_nothing(tiny_encoder: Path) -> None:
    texts = [f"{'fox ' * (place % 7)}number {place}" for place in range(BATCH * 2 + 5)]
    encoder = embedder(tiny_encoder)
    together = numpy.asarray(await encoder.embed(texts))
    for place in (0, 13, BATCH, len(texts) - 1):
        alone = numpy.asarray(await encoder.embed([texts[place]]))[0]
        assert together[place] == pytest.approx(alone, abs=1e-5)


async def test_no_texts_are_no_vectors(tiny_encoder: Path) -> None:
    assert numpy.asarray(await embedder(tiny_encoder).embed([])).shape == (0, 16)


async def test_text_longer_than_the_encoder_reads_is_cut(tiny_encoder: Path) -> None:
    encoder = embedder(tiny_encoder)
    one, other = numpy.asarray(await encoder.embed(["fox " * 100, "fox " * 100 + "penguin"]))
    assert one == pytest.approx(other, abs=1e-6)


async def test_other_poolings_are_named(tiny_encoder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "encoder"
    (folder / "1_Pooling").mkdir(parents=True)
    (folder / "1_Pooling" / "config.json").write_text(
        '{"pooling_mode_max_tokens": true, "pooling_mode_mean_tokens": false}'
    )
    with pytest.raises(ModelError) as caught:
        await embedder(folder).embed(["fox"])
    assert str(caught.value) == "model 'minilm' pools by max_tokens; only mean_tokens and cls_token are known here."


async def test_other_work_keeps_its_threads(tiny_encoder: Path) -> None:
    """An encoder's batches are computed in a thread each; a language model beside it still has all cores."""
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        await embedder(tiny_encoder).embed(TEXTS)
        assert torch.get_num_threads() == 2
        found: list[int] = []
        fresh = threading.Thread(target=lambda: found.append(torch.get_num_threads()))
        fresh.start()
        fresh.join()
        assert found == [2]
    finally:
        torch.set_num_threads(before)
