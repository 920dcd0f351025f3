"""The worked example of the README does what it says."""

import json
import re
import sys
import tomllib
from pathlib import Path

import anyio
import pytest

from .conftest import Open

pytestmark = pytest.mark.anyio

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", README, re.DOTALL)


async def test_worked_example_answers_as_written(opened: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = next(text for kind, text in BLOCKS if kind == "python")
    settings = next(text for kind, text in BLOCKS if kind == "toml" and "notes.py" in text)
    said = next(text for kind, text in BLOCKS if kind == "console" and "tools call" in text)
    name, arguments, answer = re.findall(r"tools call mcp\.(\S+) '(.*)'\n(.*)\n", said)[0]
    await anyio.Path(tmp_path, "notes.py").write_text(source)
    servers = tomllib.loads(settings)["plugins"]["mcp"]["config"]["servers"]
    servers["notes"]["cwd"] = str(tmp_path)
    clone = tmp_path / "trivet"  # where the README supposes it
    clone.mkdir()
    (clone / ".venv").symlink_to(sys.prefix)
    monkeypatch.setenv("HOME", str(tmp_path))

    async with opened(**servers) as plugin:
        assert (await plugin.call(name, **json.loads(arguments))).text == answer
        assert (plugin.specs[name].effect, plugin.specs[name].egress) == ("pure", False)


def test_every_setting_of_the_readme_is_one() -> None:
    import trivet_mcp
    from trivet_mcp.settings import servers_of
    from trivet_sdk.testing.plugin import manifest_of, settings_for

    for kind, text in BLOCKS:
        if kind == "toml":
            config = settings_for(trivet_mcp, manifest_of(trivet_mcp), tomllib.loads(text)["plugins"]["mcp"]["config"])
            assert servers_of("mcp", config)
