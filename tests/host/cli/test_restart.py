"""Crash loops across commands, `trivet plugins restart`, and hosts that run former code."""

import os
from pathlib import Path

import anyio
import pytest

from tests.host.cli.conftest import TOOL, WORKING, Site, Trivet
from tests.host.kernel.workshop import Workshop
from trivet.kernel import open_kernel


@pytest.mark.usefixtures("alone")
def test_plugin_that_fails_in_every_command_is_not_started_again_until_it_is_restarted(
    site: Site, trivet: Trivet, tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    source = f"open({str(starts)!r}, 'a').write('start\\n')\nraise RuntimeError('索引坏了')"
    site.add("bad", source, manifest=TOOL)
    trivet("plugins", "enable", "bad", "--yes")
    for _ in range(5):
        trivet("tools", "call", "bad.say", '{"text": "x"}')
    assert len(starts.read_text().splitlines()) == 5
    reason = (
        "it failed 5 times within 10 minutes, at last: raised while starting: RuntimeError: 索引坏了; "
        "`trivet plugins restart bad` tries it again"
    )
    for command in (("call", "bad.say", '{"text": "x"}'), ("show", "bad.say")):
        assert trivet("tools", *command).err.endswith(
            f"Error: There is no tool 'bad.say' now, because plugin 'bad' is quarantined: {reason}.\n"
        )
    assert f"Note: Plugin 'bad' (bad-plugin 0.1.0) is quarantined: {reason}\n" in trivet("plugins", "list").err
    assert trivet("plugins", "why", "bad").out.splitlines()[0] == (
        f"Plugin 'bad' (bad-plugin 0.1.0) is quarantined: {reason}"
    )
    done = trivet("plugins", "restart", "bad")
    assert (done.code, done.out) == (0, "Plugin 'bad' leaves quarantine and is started when it is needed.\n")
    assert trivet("plugins", "why", "bad").out.startswith("Plugin 'bad' (bad-plugin 0.1.0) is enabled\n")


@pytest.mark.usefixtures("alone")
def test_restart_says_what_it_does_and_what_it_cannot(site: Site, trivet: Trivet) -> None:
    site.add("fine", WORKING, manifest=TOOL)
    disabled = trivet("plugins", "restart", "fine")
    assert (disabled.code, disabled.err) == (
        2,
        "Error: Plugin 'fine' is disabled: installed but not enabled; `trivet plugins enable fine` shows what it may do "
        "and enables it.\n",
    )
    assert trivet("tools", "call", "fine.say", '{"text": "x"}').err == (
        "Error: There is no tool 'fine.say' now, because plugin 'fine' is disabled: installed but not enabled; "
        "`trivet plugins enable fine` shows what it may do and enables it.\n"
    )
    trivet("plugins", "enable", "fine", "--yes")
    assert trivet("plugins", "restart", "fine").out == (
        "Plugin 'fine' starts afresh: at once in hosts that run it, else when it is needed.\n"
    )
    assert trivet("plugins", "restart", "fien").err == (
        "Error: Plugin 'fien' is not installed. Did you mean 'fine'? `trivet plugins list` shows what is.\n"
    )


@pytest.mark.anyio
async def test_commands_name_the_host_that_runs_former_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trivet: Trivet, home: Path
) -> None:
    workshop = Workshop(tmp_path / "plugins", home)
    monkeypatch.syspath_prepend(str(workshop.site.folder))
    workshop.add("alpha")

    async def why() -> str:
        path = str(workshop.site.folder)
        done = await anyio.to_thread.run_sync(lambda: trivet("plugins", "why", "alpha", PYTHONPATH=path))
        return done.out.splitlines()[0]

    usual = "Plugin 'alpha' (alpha-plugin 0.1.0, editable) is enabled"
    async with open_kernel(workshop.settings()) as kernel:
        await kernel.start("alpha")
        assert await why() == usual
        workshop.rewrite("alpha", "2")
        await kernel.refresh()
        assert await why() == (
            f"{usual}: process {os.getpid()} still runs the code that it had before; "
            "restart that host to use the new one"
        )
    assert await why() == usual
    workshop.forget()
