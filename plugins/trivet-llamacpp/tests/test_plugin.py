"""The plugin as the host sees it."""

import subprocess
import sys
from importlib import resources

import trivet_llamacpp
from trivet_sdk import ModelBackend
from trivet_sdk.manifest import parse_manifest
from trivet_sdk.testing import activated

HERE = resources.files("trivet_llamacpp")


async def test_plugin_brings_what_its_manifest_declares() -> None:
    manifest = parse_manifest((HERE / "trivet.toml").read_bytes(), "llamacpp")
    async with activated(trivet_llamacpp) as brought:
        assert set(brought.models) == {entry.name for entry in manifest.contributes.models}
        assert isinstance(brought.models["llamacpp"], ModelBackend)
    for weights in manifest.contributes.weights:
        assert len(weights.sha256) == 64
        assert (HERE / weights.card).read_text().startswith("# ")


def run(program: str) -> str:
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def test_importing_the_plugin_imports_nothing_heavy() -> None:
    assert run("import sys, trivet_llamacpp; print({'xllamacpp', 'llguidance', 'numpy'} & set(sys.modules))") == "set()"


def test_environment_without_the_library_is_told_in_a_sentence() -> None:
    program = """
import sys
sys.modules["xllamacpp"] = None
from trivet_llamacpp.bindings import import_library
try:
    import_library("coder")
except Exception as error:
    print(error)
"""
    assert run(program) == (
        "model 'coder' needs xllamacpp, which cannot be imported: import of xllamacpp halted; None in sys.modules. "
        "Install it with `pip install xllamacpp`."
    )


def test_patience_of_threads_is_not_left_in_the_environment() -> None:
    program = """
import os
os.environ.pop("OMP_WAIT_POLICY", None)
from trivet_llamacpp.bindings import import_library
import_library("coder")
print("OMP_WAIT_POLICY" in os.environ)
"""
    assert run(program) == "False"
