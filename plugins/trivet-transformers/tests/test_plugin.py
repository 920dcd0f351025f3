"""The plugin as the host sees it."""

import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
import pytest

import trivet_transformers
from trivet_sdk import Contributions, Embedder, Event, ModelBackend, WeightsMissing
from trivet_sdk.manifest import parse_manifest

HERE = resources.files("trivet_transformers")


class Context:
    """What the host gives, without a host."""

    id = "transformers"
    log = logging.getLogger("transformers")

    def __init__(self, folder: Path, find: Callable[[str], Path], settings: dict[str, Any]) -> None:
        self.settings, self.data_dir, self.cache_dir, self.weights = settings, folder, folder, find

    def secret(self, name: str) -> str:
        raise KeyError(name)

    def emit(self, event: Event) -> None: ...

    def subscribe(self, pattern: str) -> AbstractAsyncContextManager[AsyncIterator[Event]]:
        raise NotImplementedError

    def contribute(self, contributions: Contributions) -> AbstractAsyncContextManager[None]:
        raise NotImplementedError


def missing(name: str) -> Path:
    raise WeightsMissing(name)


async def test_plugin_brings_what_its_manifest_declares(tmp_path: Path) -> None:
    manifest = parse_manifest((HERE / "trivet.toml").read_bytes(), "transformers")
    async with trivet_transformers.activate(Context(tmp_path, missing, {})) as brought:
        assert set(brought.models) == {entry.name for entry in manifest.contributes.models}
        assert set(brought.embedders) == {entry.name for entry in manifest.contributes.embedders}
        assert isinstance(brought.models["transformers"], ModelBackend)
        with pytest.raises(WeightsMissing):
            await brought.embedders["minilm"].embed(["fox"])
    assert manifest.id == "transformers"
    for weights in manifest.contributes.weights:
        assert len(weights.sha256) == 64
        assert (HERE / weights.card).read_text().startswith("# ")


async def test_embedder_is_one_and_says_what_it_is(tiny_encoder: Path, tmp_path: Path) -> None:
    settings = {"embedder_path": str(tiny_encoder), "embedder_device": "cpu"}
    async with trivet_transformers.activate(Context(tmp_path, missing, settings)) as brought:
        embedder = brought.embedders["minilm"]
        assert isinstance(embedder, Embedder)
        assert (embedder.name, embedder.dimensions) == ("minilm", 16)


def test_settings_have_a_schema_with_defaults() -> None:
    schema = msgspec.json.decode((HERE / "config.schema.json").read_bytes())
    assert {key: value["default"] for key, value in schema["properties"].items()} == {
        "embedder_path": "",
        "embedder_device": "auto",
    }


def test_environment_without_torch_is_told_in_a_sentence(tiny: Path) -> None:
    program = f"""
import sys, anyio, pathlib
sys.modules["torch"] = None
from trivet_transformers.backend import TransformersBackend
try:
    anyio.run(TransformersBackend(None, None).open, "local", {{"path": {str(tiny)!r}}})
except Exception as error:
    print(error)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.strip() == (
        "model 'local' needs torch and transformers, and one cannot be imported: import of torch halted; "
        "None in sys.modules. Install them with `pip install torch`."
    )


def test_missing_weights_are_told_before_anything_heavy_is_imported() -> None:
    program = """
import sys, anyio
from trivet_sdk import WeightsMissing
from trivet_transformers.backend import TransformersBackend
def missing(name): raise WeightsMissing(name)
try:
    anyio.run(TransformersBackend(missing, None).open, "local", {"weights": "smollm2-135m"})
except WeightsMissing:
    print("torch" in sys.modules)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "False"


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    heavy = "{'torch', 'transformers', 'numpy', 'tokenizers', 'llguidance', 'peft'}"
    program = f"import sys, trivet_transformers; print(sorted({heavy} & set(sys.modules)))"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "[]"
