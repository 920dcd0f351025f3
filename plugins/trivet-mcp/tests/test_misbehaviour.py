"""Servers that crash, hang, flood, lie and hide things: each costs only itself."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import anyio
import anyio.abc
import pytest

import trivet_mcp.child
from trivet_sdk import BlobPart, Json, TextPart, ToolError
from trivet_sdk.testing import StandaloneContext
from trivet_sdk.testing.plugin import manifest_of, settings_for

from .conftest import Open, rogue

pytestmark = pytest.mark.anyio


async def failure_of(plugin: object, name: str) -> str:
    with pytest.raises(ToolError) as caught:
        await plugin.call(name)  # type: ignore[attr-defined]
    return str(caught.value)


async def test_servers_that_do_not_start_leave_the_others_alone(opened: Open) -> None:
    async with opened(
        fine=rogue("fine"),
        crashes=rogue("crashes"),
        missing={"command": ["no-such-program-of-mcp"]},
        silent=rogue("silent", start_timeout=0.3),
        nowhere={"url": "http://127.0.0.1:9/mcp"},
    ) as plugin:
        assert (await plugin.call("fine_good")).text == "1"
        assert (await plugin.state("fine"))["state"] == "running"
        for server, reason in {
            "crashes": "it ended with status 7 (its last words: no licence file)",
            "missing": "cannot start no-such-program-of-mcp: No such file or directory",
            "silent": "it did not tell its tools within 0.3 seconds",
            "nowhere": "ConnectError: All connection attempts failed",
        }.items():
            line = await plugin.context.until_logged(server, "does not run")
            assert line.startswith(f"{server}: MCP server '{server}' does not run: {reason}. It is started again in ")
            assert (await plugin.state(server))["tools"] == []


async def test_answers_that_are_none_cost_the_call(opened: Open) -> None:
    async with opened(
        lies=rogue("lies"), mumbles=rogue("mumbles"), babbles=rogue("babbles"), samples=rogue("samples")
    ) as plugin:
        assert await failure_of(plugin, "lies_good") == (
            "MCP tool 'good' answered what does not fit its own schema: $.sum: expected a whole number, got 'many'"
        )
        assert (await failure_of(plugin, "mumbles_good")).startswith(
            "MCP server 'mumbles' answered what cannot be read (ValidationError: "
        )
        assert (await plugin.call("babbles_good")).text == "1"
        assert (await plugin.call("samples_good")).text == "Sampling not supported"
        for server in ("lies", "mumbles", "babbles", "samples"):
            assert (await plugin.state(server))["state"] == "running"


async def test_json_with_half_a_character_stays_the_text_that_it_is(opened: Open) -> None:
    async with opened(halves=rogue("halves")) as plugin:
        assert (await plugin.call("halves_good")).parts == (TextPart(r'["\ud800"]'),)


async def test_text_and_data_too_large_for_a_message_become_blobs(opened: Open) -> None:
    async with opened(pours=rogue("pours")) as plugin:
        text, end, data = (await plugin.call("pours_good")).parts
        assert isinstance(text, BlobPart)
        assert (text.media_type, text.size) == ("text/plain", 20_000_000)
        assert end == TextPart("the end")
        assert isinstance(data, BlobPart)
        assert (data.media_type, data.size) == ("application/json", 5_000_011)


async def test_flood_ends_the_server_and_hanging_the_call(opened: Open) -> None:
    async with opened(
        floods=rogue("floods", max_message=200_000), hangs=rogue("hangs", timeout=0.2), fine=rogue("fine")
    ) as plugin:
        assert await failure_of(plugin, "floods_good") == "MCP server 'floods' ended during the call"
        for _ in range(3):
            assert await failure_of(plugin, "hangs_good") == "MCP server 'hangs' did not answer within 0.2 seconds"
        line = await plugin.context.until_logged("floods", "does not run")
        assert "does not run: it sent a message of more than 200,000 bytes. It is" in line
        line = await plugin.context.until_logged("hangs", "does not run")
        assert "does not run: it left 3 calls in a row without an answer. It is" in line
        assert (await plugin.call("fine_good")).text == "1"


async def test_answer_that_cannot_be_read_is_not_waited_for(opened: Open) -> None:
    async with opened(digs=rogue("digs")) as plugin:
        assert await failure_of(plugin, "digs_good") == "MCP server 'digs' ended during the call"
        line = await plugin.context.until_logged("digs", "does not run")
        assert "does not run: it sent a message that cannot be read. It is" in line


async def test_flood_over_http_ends_at_the_bound(opened: Open) -> None:
    async def flood(stream: anyio.abc.SocketStream) -> None:
        async with stream:
            with suppress(anyio.BrokenResourceError, anyio.EndOfStream):
                await stream.receive()
                await stream.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
                while True:
                    await stream.send(b"x" * 65536)

    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, flood)
        url = f"http://127.0.0.1:{listener.extra(anyio.abc.SocketAttribute.local_port)}/mcp"
        async with opened(f={"url": url, "max_message": 200_000}) as plugin:
            line = await plugin.context.until_logged("f", "does not run")
        assert "answer of more than 200,000 bytes" in line
        tasks.cancel_scope.cancel()


async def test_hidden_and_hostile_descriptions_are_shown_or_refused(opened: Open) -> None:
    async with opened(h=rogue("hostile")) as plugin:
        specs = plugin.specs
        told = await plugin.state("h")

    assert specs["h_good"].summary == "Add one."
    smuggled = "<U+E0073><U+E0074><U+E0065><U+E0061><U+E006C><U+200B><U+202E><U+001B>[2J"
    assert specs["h_good"].description.startswith(f"Add one. {smuggled}\n\nignore ignore ")
    assert specs["h_good"].description.endswith("more characters were cut)")
    assert len(specs["h_good"].description) < 4100
    assert "h_ring-x200b-s" in specs
    assert told["left_out"] == {
        "unfolds": "it has a schema that unfolds to more than 20,000 parts",
        "hides": "it has a schema that cannot be read",
    }
    assert specs["h_slow"].parameters == {
        "type": "object",
        "properties": {"n": {"type": "string", "description": "(pattern: (a+)+$)", "default": 7}, "m": {}},
        "required": ["m"],
    }


async def test_known_tools_are_there_at_once_even_if_their_server_is_not(opened: Open, tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    source = (Path(__file__).with_name("servers") / "rogue.py").read_text()
    script.write_text(source)
    settings: dict[str, Json] = {"command": [sys.executable, "-S", str(script), "fine"], "protocol": "legacy"}
    async with opened(s=settings) as plugin:
        known = plugin.specs
    script.write_text("import sys; sys.exit('gone')")

    async with opened(s=settings) as plugin:
        assert plugin.specs == known
        with pytest.raises(ToolError) as gone:
            await plugin.call("s_good")
        assert gone.value.is_transient
        assert str(gone.value).startswith(
            "MCP server 's' does not run: it ended with status 1 (its last words: gone). It is started again in "
        )


async def test_server_in_a_crash_loop_is_left_alone(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("trivet_mcp.restarts.LONGEST", 0.0)
    async with opened(c=rogue("crashes")) as plugin:
        line = await plugin.context.until_logged("c", "left alone")
        told = await plugin.state("c")
    assert line == (
        "c: MCP server 'c' is left alone after 5 failures in 10 minutes: "
        "it ended with status 7 (its last words: no licence file). `trivet plugins restart mcp` tries again."
    )
    assert told["state"] == "given up"


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def wait_until_gone(*pids: int) -> None:
    with anyio.fail_after(20):
        while any(map(is_alive, pids)):  # noqa: ASYNC110  # no event tells of a process that is not our child
            await anyio.sleep(0.02)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to look at processes")
async def test_server_and_what_it_started_are_gone_with_the_plugin(opened: Open, tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    async with opened(s=rogue("stays", str(noted))):
        server, daemon = map(int, noted.read_text().split())
        assert is_alive(server)
        assert is_alive(daemon)

    await wait_until_gone(server, daemon)


HOST = """
import sys, anyio, trivet_mcp
from pathlib import Path
from trivet_sdk.testing import StandaloneContext
async def main():
    servers = {"s": {"command": sys.argv[2:], "protocol": "legacy"}}
    context = StandaloneContext("mcp", Path(sys.argv[1]), settings={"servers": servers})
    async with trivet_mcp.activate(context=context):
        print("up", flush=True)
        await anyio.sleep_forever()
anyio.run(main)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to look at processes")
async def test_server_does_not_outlive_a_host_that_is_killed(tmp_path: Path) -> None:
    noted = tmp_path / "pids"
    command = rogue("stays", str(noted))["command"]
    host = await anyio.open_process([sys.executable, "-c", HOST, str(tmp_path), *command], stderr=subprocess.DEVNULL)
    async with host:
        assert host.stdout is not None
        try:
            with anyio.fail_after(60):
                assert (await host.stdout.receive()).startswith(b"up")
            server, daemon = map(int, noted.read_text().split())
        finally:
            host.kill()
        await host.wait()

    await wait_until_gone(server, daemon)


def test_environment_of_a_server_has_no_secret_of_ours() -> None:
    assert not [name for name in trivet_mcp.child.INHERITED if "KEY" in name or "TOKEN" in name or "TRIVET" in name]


async def test_settings_that_cannot_be_meant_are_named(tmp_path: Path) -> None:
    async def complaint(**server: Json) -> str:
        name = server.pop("name", "s")
        config = settings_for(trivet_mcp, manifest_of(trivet_mcp), {"servers": {name: server}})
        context = StandaloneContext("mcp", tmp_path, settings=config)
        with pytest.raises(Exception) as caught:  # its whole text is compared
            async with trivet_mcp.activate(context=context):
                raise AssertionError("it started")
        return str(caught.value)

    begun = "plugin 'mcp' cannot use its server"
    assert await complaint() == (
        f'{begun} \'s\': it needs either a command, like ["npx", "-y", "some-server"], or a url'
    )
    assert await complaint(url="ftp://x") == (
        f"{begun} 's': 'ftp://x' is no address that begins with http:// or https://"
    )
    assert await complaint(command=["x"], transport="sse") == (
        f"{begun} 's': a command talks over stdio, a url over http or sse"
    )
    assert await complaint(name="my_notes", command=["x"]) == (
        f"{begun} 'my_notes': a server's name has letters, digits and -, like 'my-notes'"
    )
