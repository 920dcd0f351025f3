"""The plugin against its contract."""

import subprocess
import sys

import trivet_search
from trivet_sdk import Json
from trivet_sdk.conformance import check_plugin


async def test_plugin_keeps_its_contract() -> None:
    samples: dict[str, dict[str, Json]] = {"search": {"query": "什么 is here"}, "index": {}}
    assert await check_plugin(trivet_search, samples=samples) == ()


def test_plugin_is_imported_without_its_libraries() -> None:
    code = "import sys, trivet_search; print({'tantivy', 'numpy', 'apsw', 'aiohttp', 'pypdfium2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
