"""The reference servers of the protocol's authors, from npm: another implementation than the one this plugin stands on."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from trivet_sdk import BlobPart, Json, ToolError, Workspace
from trivet_sdk.testing import StandaloneCall

from .conftest import Open

pytestmark = [pytest.mark.anyio, pytest.mark.network]

PACKAGES = ("server-everything", "server-filesystem", "server-memory")
VERSION = "2026.8.31"


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory, skip_without: Callable[[str, str], None]) -> Path:
    """Where npm has put them."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        skip_without("npm", "npm is not here to fetch the reference servers")
        raise AssertionError
    folder = tmp_path_factory.mktemp("npm")
    wanted = [f"@modelcontextprotocol/{name}@{VERSION}" for name in PACKAGES]
    command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--prefer-offline", *wanted]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (subprocess.SubprocessError, OSError):
        skip_without("npm", "npm could not fetch the reference servers")
    return folder / "node_modules" / ".bin"


async def test_reference_servers_work_side_by_side(opened: Open, programs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "文件夹"
    folder.mkdir()
    (folder / "笔记.txt").write_text("你好")
    files: dict[str, Json] = {"command": [str(programs / "mcp-server-filesystem"), str(folder)]}
    everything: dict[str, Json] = {"command": [str(programs / "mcp-server-everything")], "roots": [str(folder)]}
    memory: dict[str, Json] = {
        "command": [str(programs / "mcp-server-memory")],
        "env": {"MEMORY_FILE_PATH": str(tmp_path / "memory.json")},
    }
    async with opened(files=files, all=everything, memory=memory) as plugin:
        specs = plugin.specs
        assert specs["files_read_text_file"].effect == "pure"
        assert specs["files_write_file"].effect == "effectful", "it may overwrite, whatever is said of repeating it"
        assert specs["files_create_directory"].effect == "idempotent"
        assert (await plugin.call("files_read_text_file", path=str(folder / "笔记.txt"))).text == "你好"
        with pytest.raises(ToolError) as denied:
            await plugin.call("files_read_text_file", path="/etc/hostname")
        assert str(denied.value).startswith("Access denied")

        entity: Json = {"name": "Ada", "entityType": "person", "observations": ["lives in Graz"]}
        await plugin.call("memory_create_entities", entities=[entity])
        assert "lives in Graz" in (await plugin.call("memory_search_nodes", query="Ada")).text

        weather: Json = (await plugin.call("all_get-structured-content", location="New York")).value
        assert isinstance(weather, dict)
        assert weather["conditions"] == "Cloudy"
        picture = (await plugin.call("all_get-tiny-image")).parts[1]
        assert isinstance(picture, BlobPart)
        assert picture.media_type == "image/png"
        context = StandaloneCall(Workspace(folder))
        await plugin.call("all_trigger-long-running-operation", context, duration=0.2, steps=2)
        assert [done for done, _, _ in context.reports] == [1, 2]
        assert folder.as_uri() in (await plugin.call("all_get-roots-list")).text
        with pytest.raises(ToolError) as asked:
            await plugin.call("all_trigger-elicitation-request")
        assert "it wanted to ask the user: 'Please provide inputs for the following fields:'" in str(asked.value)
        prompt = await plugin.call("all_get-prompt", name="args-prompt", arguments={"city": "Graz"})
        assert prompt.text == "user:\nWhat's weather in Graz?"
