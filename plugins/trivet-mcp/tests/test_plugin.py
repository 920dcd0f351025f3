"""The plugin's contract."""

import subprocess
import sys

import pytest

import trivet_mcp
from trivet_sdk import Json
from trivet_sdk.conformance import check_plugin

from .conftest import rogue

pytestmark = pytest.mark.anyio


async def test_plugin_keeps_its_contract() -> None:
    samples: dict[str, dict[str, Json]] = {"servers": {}}
    settings = {"servers": {"one": rogue("fine"), "two": rogue("crashes")}}
    assert await check_plugin(trivet_mcp, settings=settings, samples=samples) == ()
    assert await check_plugin(trivet_mcp, samples=samples) == ()


def test_plugin_is_imported_without_the_sdk_of_mcp() -> None:
    code = "import sys, trivet_mcp; print({'mcp', 'pydantic', 'httpx2'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
