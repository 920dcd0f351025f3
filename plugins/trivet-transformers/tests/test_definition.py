"""`[models.*]` tables that cannot work are refused in sentences."""

from pathlib import Path
from typing import Any

import pytest

from trivet_sdk import ModelError, WeightsMissing
from trivet_transformers.backend import TransformersBackend


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
