"""The plugin as the host sees it."""

import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest

import trivet_transformers
from trivet_sdk import Embedder, ModelBackend, WeightsMissing
from trivet_sdk.manifest import parse_manifest
from trivet_sdk.testing import activated

HERE = resources.files("trivet_transformers")


async def test_plugin_brings_what_its_manifest_declares() -> None:
    manifest = parse_manifest((HERE / "trivet.toml").read_bytes(), "transformers")
    async with activated(trivet_transformers) as brought:
        assert set(brought.models) == {entry.name for entry in manifest.contributes.models}
        assert set(brought.embedders) == {entry.name for entry in manifest.contributes.embedders}
        assert isinstance(brought.models["transformers"], ModelBackend)
        with pytest.raises(WeightsMissing):
            await brought.embedders["minilm"].embed(["fox"])
    assert manifest.id == "transformers"
    for weights in manifest.contributes.weights:
        assert len(weights.sha256) == 64
        assert (HERE / weights.card).read_text().startswith("# ")


async def test_embedder_is_one_and_says_what_it_is(tiny_encoder: Path) -> None:
    settings = {"embedder_path": str(tiny_encoder), "embedder_device": "cpu"}
    async with activated(trivet_transformers, settings=settings) as brought:
        embedder = brought.embedders["minilm"]
        assert isinstance(embedder, Embedder)
        assert (embedder.name, embedder.dimensions) == ("minilm", 16)


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


def test_patience_of_threads_is_not_left_in_the_environment() -> None:
    program = """
import os
os.environ.pop("OMP_WAIT_POLICY", None)
from trivet_transformers.libraries import import_libraries
import_libraries("local")
print("OMP_WAIT_POLICY" in os.environ)
"""
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert output.strip() == "False"


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
