"""`[models.*]` tables that cannot work are refused in sentences."""

from pathlib import Path
from typing import Any

import pytest

from trivet_sdk import ModelError, WeightsMissing
from trivet_sdk.message import user
from trivet_transformers.backend import TransformersBackend
from trivet_transformers.facts import facts_of


@pytest.mark.parametrize(
    ("definition", "sentence"),
    [
        ({}, "needs exactly one of weights, path and hub in [models.mine], and has none of them."),
        (
            {"weights": "smollm2-135m", "path": "x"},
            "needs exactly one of weights, path and hub in [models.mine], and has weights and path.",
        ),
        (
            {"path": "x", "divice": "cpu"},
            "has a definition that cannot be used: Object contains unknown field `divice`",
        ),
        (
            {"path": "x", "window": "long"},
            "has a definition that cannot be used: Expected `int | null`, got `str` - at `$.window`",
        ),
        ({"path": "/nowhere/at-all"}, "cannot be loaded: there is no /nowhere/at-all."),
    ],
)
async def test_definition_that_cannot_work(
    backend: TransformersBackend, definition: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ModelError) as caught:
        await backend.open("mine", definition)
    assert str(caught.value) == f"model 'mine' {sentence}"


async def test_folder_without_a_model_is_named(backend: TransformersBackend, tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        await backend.open("mine", {"path": str(tmp_path)})
    assert (
        str(caught.value)
        == f"model 'mine' cannot be loaded from {tmp_path}: no config.json is there. Name a folder or a GGUF file."
    )


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("tpu", "asks for the device 'tpu', which is none of auto, cpu, cuda and cuda:N."),
        ("cuda:97", "asks for the device 'cuda:97', but torch sees "),
    ],
)
async def test_device_that_is_not_here_is_named(
    backend: TransformersBackend, tiny: Path, device: str, reason: str
) -> None:
    with pytest.raises(ModelError) as caught:
        await backend.open("mine", {"path": str(tiny), "device": device})
    assert str(caught.value).startswith(f"model 'mine' {reason}")


async def test_weights_that_are_missing_say_how_to_fetch_them(backend: TransformersBackend) -> None:
    with pytest.raises(WeightsMissing) as caught:
        await backend.open("local", {"weights": "smollm2-135m"})
    assert str(caught.value) == (
        "the model files 'smollm2-135m' are not on this machine. Fetch them with `trivet models pull smollm2-135m`."
    )


async def test_hub_id_that_nobody_has_fetched_is_named(
    backend: TransformersBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(ModelError) as caught:
        await backend.open("mine", {"hub": "somebody/never-fetched-model"})
    assert str(caught.value).startswith("model 'mine' cannot be loaded from somebody/never-fetched-model: ")


async def test_models_of_the_same_files_share_their_weights(backend: TransformersBackend, tiny: Path) -> None:
    definition = {"path": str(tiny), "device": "cpu"}
    await backend.open("one", definition)
    await backend.open("two", {**definition, "window": 100})
    assert len(backend._loaded) == 1


async def test_declared_weights_are_loaded_at_the_first_request(tiny: Path, tmp_path: Path) -> None:
    backend = TransformersBackend(lambda name: tiny, tmp_path)
    model = await backend.open("local", {"weights": "tiny", "device": "cpu", "window": 200})
    assert not backend._loaded
    loaded = await backend.open("same", {"path": str(tiny), "device": "cpu", "window": 200})
    assert (model.window, model.is_small, model.features) == (loaded.window, loaded.is_small, loaded.features)
    assert await model.measure((user("Hello"),)) == await loaded.measure((user("Hello"),))


async def test_facts_of_files_are_those_of_the_loaded_model(backend: TransformersBackend, tiny: Path) -> None:
    loaded = await backend.open("tiny", {"path": str(tiny), "device": "cpu"})
    facts = facts_of(tiny)
    assert facts is not None
    checkpoint = next(iter(backend._loaded.values()))
    assert (facts.window, facts.parameters) == (loaded.window, checkpoint.parameters)


@pytest.mark.parametrize("content", [b"", b"\x00" * 8, b"\xff" * 16, b"\x02\x00\x00\x00\x00\x00\x00\x00{}"])
def test_files_that_say_nothing_have_no_facts(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "model.safetensors").write_bytes(content)
    assert facts_of(tmp_path) is None
