"""Servers made with the official SDK, over each transport and in both eras of the protocol."""

import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest

from trivet_sdk import BlobPart, InvalidArguments, Json, TextPart, ToolError, Workspace
from trivet_sdk.testing import StandaloneCall

from .conftest import WEATHER, Open, Opened, rogue

pytestmark = pytest.mark.anyio

ERAS = pytest.mark.parametrize("protocol", ["legacy", "auto"])


async def check_all(plugin: Opened, tmp_path: Path) -> None:
    """Everything that a call can bring; one start of a server costs a second, so it is one walk."""
    specs = plugin.specs
    assert {name: (spec.effect, spec.egress) for name, spec in specs.items() if name.startswith("w_")} == {
        "w_forecast": ("pure", False),
        "w_天气": ("pure", True),
        "w_remember": ("idempotent", True),
        **{
            f"w_{name}": ("effectful", True) for name in ("picture", "measure", "fail", "sleep", "plan", "die", "learn")
        },
        "w_sleeping": ("pure", True),
        **{f"w_{name}": ("pure", False) for name in ("list-resources", "read-resource", "list-prompts", "get-prompt")},
    }
    assert all(spec.untrusted_output for spec in specs.values())
    assert specs["w_forecast"].summary == "Tell the weather of a city."
    assert specs["w_forecast"].description == "Tell the weather of a city. It guesses."

    assert (await plugin.call("w_forecast", city="Graz", days="2")).value == {"city": "Graz", "degrees": 22.5}
    assert (await plugin.call("w_天气", 城市="北京")).text == "北京:晴"
    assert (await plugin.call("w_remember", city="Graz")).text == "hush"
    with pytest.raises(InvalidArguments) as misfit:
        await plugin.call("w_forecast", town="Graz")
    assert str(misfit.value) == "tool 'w_forecast' cannot take these arguments: 'city' is missing"
    with pytest.raises(ToolError) as failed:
        await plugin.call("w_fail", why="no\u202e wind")
    assert str(failed.value) == "Error executing tool fail: no<U+202E> wind"

    context = StandaloneCall(Workspace(tmp_path))
    text, picture = (await plugin.call("w_picture", context)).parts[:2]
    assert text == TextPart("The sky:")
    assert isinstance(picture, BlobPart)
    assert (picture.media_type, picture.size) == ("image/png", 8)
    assert await context.blobs.get(picture.blob) == b"\x89PNG sky"
    await plugin.call("w_measure", context, steps=2)
    assert context.reports == [(1.0, 2.0, "step 1"), (2.0, 2.0, "step 2")]

    with pytest.raises(ToolError) as asked:
        await plugin.call("w_plan")
    assert "'For which day?'" in str(asked.value)
    assert "call again with the answer in the arguments" in str(asked.value)

    assert (await plugin.call("w_list-resources")).value == [
        {"name": "stations", "description": "All stations", "uri": "weather://stations", "type": "text/plain"}
    ]
    assert (await plugin.call("w_read-resource", uri="weather://stations")).text == "Graz, Linz"
    assert (await plugin.call("w_list-prompts")).value == [
        {"name": "report", "description": "A report", "arguments": ["city"]}
    ]
    prompt = await plugin.call("w_get-prompt", name="report", arguments={"city": "Graz"})
    assert prompt.text == "user:\nWrite about Graz."

    async with anyio.create_task_group() as tasks:  # a cancelled call ends on the server's side, too
        tasks.start_soon(plugin.call, "w_sleep")
        while (await plugin.call("w_sleeping")).text != "1":
            pass
        tasks.cancel_scope.cancel()
    while (await plugin.call("w_sleeping")).text != "0":
        pass

    await plugin.call("w_learn")
    await plugin.context.until("w_snow")
    assert (await plugin.call("w_snow", city="Linz")).text == "Linz: no snow"


@ERAS
async def test_stdio_server_brings_all_that_mcp_has(opened: Open, tmp_path: Path, protocol: str) -> None:
    settings: dict[str, Json] = {"command": WEATHER, "protocol": protocol, "env": {"WEATHER_KEY": "env:MY_KEY"}}
    async with opened(w=settings, secrets={"env:MY_KEY": "hush"}) as plugin:
        await check_all(plugin, tmp_path)
        assert (await plugin.state("w"))["state"] == "running"


@pytest.fixture
def listening() -> Iterator[Any]:
    """Starts the server on a port of its own; waits until it can be reached."""
    running: list[subprocess.Popen[bytes]] = []

    def start(transport: str) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = int(free.getsockname()[1])
        import os

        command = [*WEATHER, transport, str(port)]
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, "WEATHER_KEY": "hush"})
        running.append(process)
        while process.poll() is None:
            with socket.socket() as tried:
                if tried.connect_ex(("127.0.0.1", port)) == 0:
                    return port
        raise AssertionError("the server ended")

    yield start
    for process in running:
        process.kill()
        process.wait()


async def test_http_server_brings_the_same(opened: Open, tmp_path: Path, listening: Any) -> None:
    url = f"http://127.0.0.1:{await anyio.to_thread.run_sync(listening, 'http')}/mcp"
    async with opened(w={"url": url, "protocol": "auto"}) as plugin:
        await check_all(plugin, tmp_path)
    async with opened(old={"url": url, "protocol": "legacy"}) as plugin:
        assert (await plugin.call("old_forecast", city="Graz")).value == {"city": "Graz", "degrees": 21.5}
        with pytest.raises(ToolError) as asked:
            await plugin.call("old_plan")
        assert "(it wanted to ask the user: 'For which day?'." in str(asked.value)


async def test_sse_server_is_still_understood(opened: Open, listening: Any) -> None:
    port = await anyio.to_thread.run_sync(listening, "sse")
    async with opened(w={"url": f"http://127.0.0.1:{port}/sse", "transport": "sse"}) as plugin:
        assert (await plugin.call("w_forecast", city="Graz")).value == {"city": "Graz", "degrees": 21.5}


async def test_server_that_dies_says_so_and_comes_back(opened: Open) -> None:
    async with opened(w={"command": WEATHER}) as plugin:
        with pytest.raises(ToolError) as died:
            await plugin.call("w_die")
        assert str(died.value) == "MCP server 'w' ended during the call; whether it took effect is not known"
        assert not died.value.is_transient
        assert "w_forecast" in plugin.tools, "planning goes on with what is known"
        line = await plugin.context.until_logged("w", "does not run")
        assert "does not run: it ended with status 3 (its last words: " in line
        assert "I am dying). It is started again in " in line
        while (await plugin.state("w"))["state"] == "waiting":  # noqa: ASYNC110  # its pause is a second
            await anyio.sleep(0.05)
        assert (await plugin.call("w_forecast", city="Graz")).value == {"city": "Graz", "degrees": 21.5}


async def test_settings_overrule_what_a_server_says(opened: Open) -> None:
    tools: Json = {"good": {"effect": "effectful", "egress": False, "examples": ["will it rain in Graz"]}}
    async with opened(
        one=rogue("fine", effect="pure", egress=True, tools=tools),
        two=rogue("fine", effect="idempotent", egress=False),
        three=rogue("fine", tools={"good": {"hidden": True}}),
    ) as plugin:
        specs = plugin.specs
        assert (specs["one_good"].effect, specs["one_good"].egress) == ("effectful", False)
        assert specs["one_good"].examples == ("will it rain in Graz",)
        assert (specs["two_good"].effect, specs["two_good"].egress) == ("idempotent", False)
        assert "three_good" not in specs
