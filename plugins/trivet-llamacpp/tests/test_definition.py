"""`[models.*]` tables and files that cannot work are refused in sentences."""

import struct
from pathlib import Path
from typing import Any

import pytest

from trivet_llamacpp.backend import LlamaBackend
from trivet_llamacpp.gguf_header import read_header, remembered_header
from trivet_sdk import GenerateRequest, ModelError, WeightsMissing, collect
from trivet_sdk.message import user


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ({}, "needs either weights or path in [models.mine], and has neither."),
        ({"weights": "a", "path": "x"}, "needs either weights or path in [models.mine], and has both."),
        ({"path": "x", "windw": 9}, "has a definition that cannot be used: Object contains unknown field `windw`"),
        (
            {"path": "x", "window": "long"},
            "has a definition that cannot be used: Expected `int`, got `str` - at `$.window`",
        ),
        ({"path": "x", "threads": 0}, "has a definition that cannot be used: Expected `int` >= 1 - at `$.threads`"),
        ({"path": "/nowhere/at-all.gguf"}, "cannot be loaded: there is no /nowhere/at-all.gguf."),
    ],
)
async def test_definition_that_cannot_work(backend: LlamaBackend, definition: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ModelError) as caught:
        await backend.open("mine", definition)
    assert str(caught.value) == f"model 'mine' {sentence}"


async def test_weights_that_are_missing_say_how_to_fetch_them(backend: LlamaBackend) -> None:
    with pytest.raises(WeightsMissing) as caught:
        await backend.open("coder", {"weights": "qwen2.5-coder-0.5b"})
    assert str(caught.value) == (
        "the model files 'qwen2.5-coder-0.5b' are not on this machine. "
        "Fetch them with `trivet models pull qwen2.5-coder-0.5b`."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Dear penguin, how are you this morning?", "it is not a GGUF file"),
        (b"GGUF", "it is not a GGUF file"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 2**40), "its header is damaged"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 2**60), "its header is damaged"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "its header is damaged"),
        (b"", "cannot mmap an empty file"),
    ],
)
async def test_file_that_is_no_model_is_named(
    backend: LlamaBackend, tmp_path: Path, content: bytes, reason: str
) -> None:
    file = tmp_path / "letter.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelError) as caught:
        await backend.open("mine", {"path": str(file)})
    assert str(caught.value) == f"model 'mine' cannot be loaded from {file}: {reason}."


async def test_file_that_ends_too_early_is_told_at_the_first_request(
    backend: LlamaBackend, smollm: Path, tmp_path: Path
) -> None:
    file = tmp_path / "half.gguf"
    file.write_bytes(smollm.read_bytes()[:40_000_000])
    model = await backend.open("mine", {"path": str(file)})
    with pytest.raises(ModelError) as caught:
        await collect(model.generate(GenerateRequest(messages=(user("Hi"),))))
    assert str(caught.value) == (
        f"model 'mine' cannot be loaded from {file}: llama.cpp does not know this kind of model, or the file is damaged."
    )


async def test_window_is_no_larger_than_the_models_own(backend: LlamaBackend, smollm: Path) -> None:
    assert (await backend.open("mine", {"path": str(smollm)})).window == 4096
    assert (await backend.open("mine", {"path": str(smollm), "window": 100_000})).window == 8192


async def test_models_of_the_same_file_share_their_memory(backend: LlamaBackend, smollm: Path) -> None:
    for name in ("one", "two"):
        model = await backend.open(name, {"path": str(smollm), "window": 256})
        assert not name.startswith("one") or not backend._engines, "loaded at the first request"
        await model.measure((user("Hi"),))
    assert len(backend._engines) == 1


def test_header_says_what_the_model_is(smollm: Path) -> None:
    header = read_header(smollm)
    assert header.window == 8192
    assert 134_000_000 < header.parameters < 136_000_000
    assert {"<|im_start|>", "<|im_end|>"} < set(header.controls)


def test_header_is_read_once_for_all_processes_until_the_file_changes(smollm: Path, tmp_path: Path) -> None:
    file, cache = tmp_path / "model.gguf", tmp_path / "cache"
    file.write_bytes(smollm.read_bytes()[: 1 << 23])  # its header, and some of what follows
    first = remembered_header(file, cache)
    (note,) = (cache / "headers").iterdir()
    assert remembered_header(file, cache) == first == read_header(file)
    note.write_text("{")
    assert remembered_header(file, cache) == first
    file.write_bytes(b"no model at all, but of another size")
    with pytest.raises(ValueError, match="it is not a GGUF file"):
        remembered_header(file, cache)
